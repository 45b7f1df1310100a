"""What people read for the codes of the log and of the groups of staff. What is stored stays the code."""

from __future__ import annotations

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

# Events of the apps above are named here by their codes, as their pages are in `staff_groups`.
EVENTS: dict[str, Promise] = {
    "account.created": _("Compte créé"),
    "account.updated": _("Compte modifié"),
    "account.signed_in": _("Connexion"),
    "account.signed_out_everywhere": _("Déconnexion de tous les appareils"),
    "account.password_changed": _("Mot de passe changé"),
    "account.reset_link_sent": _("Lien de mot de passe envoyé"),
    "account.email_confirmed": _("Adresse e-mail confirmée"),
    "account.exported": _("Données exportées"),
    "account.erased": _("Compte effacé"),
    "token.created": _("Jeton d'accès créé"),
    "token.revoked": _("Jeton d'accès révoqué"),
    "session.revoked": _("Session fermée"),
    "totp.activated": _("Second facteur activé"),
    "totp.deactivated": _("Second facteur désactivé"),
    "staff.added": _("Ajouté par l'équipe"),
    "staff.changed": _("Modifié par l'équipe"),
    "staff.deleted": _("Supprimé par l'équipe"),
    "property.created": _("Bien créé"),
    "property.updated": _("Bien modifié"),
    "property.deleted": _("Bien supprimé"),
    "property.restored": _("Bien rétabli"),
    "price_analysis.refreshed": _("Analyse de prix refaite"),
    "price_analysis.sales_excluded": _("Ventes exclues de l'analyse"),
    "document.uploaded": _("Document reçu"),
    "document.updated": _("Document modifié"),
    "document.deleted": _("Document supprimé"),
    "document.restored": _("Document rétabli"),
    "document.requeued": _("Lecture redemandée"),
    "document.cancelled": _("Lecture annulée"),
    "document.reviewed": _("Document relu"),
    "document.reopened": _("Relecture rouverte"),
    "documents.retried": _("Envoi relancé"),
    "documents.cancelled": _("Envoi annulé"),
    "finding.accepted": _("Fait confirmé"),
    "finding.corrected": _("Fait corrigé"),
    "finding.rejected": _("Fait écarté"),
    "finding.restored": _("Décision retirée"),
    "findings.accepted": _("Faits sûrs confirmés"),
    "proposal.accepted": _("Proposition de modèle retenue"),
    "proposal.rejected": _("Proposition de modèle écartée"),
    "synthesis.requested": _("Synthèse redemandée"),
    "synthesis.overridden": _("Synthèse précisée à la main"),
    "photo.uploaded": _("Photo reçue"),
    "photo.updated": _("Photo modifiée"),
    "photo.deleted": _("Photo supprimée"),
    "photo.promoted": _("Rendu mis en avant"),
    "photo.demoted": _("Rendu retiré de l'avant"),
    "photo_reference.uploaded": _("Image de référence reçue"),
    "photo_reference.deleted": _("Image de référence supprimée"),
    "redesign.requested": _("Rendu demandé"),
    "redesign.completed": _("Rendu fait"),
    "redesign.updated": _("Rendu modifié"),
    "redesign.deleted": _("Rendu supprimé"),
    "redesign.requeued": _("Rendu relancé"),
    "redesign.cancelled": _("Rendu annulé"),
    "redesign.hidden": _("Rendu caché au client"),
    "redesign.shown": _("Rendu montré à nouveau"),
    "report.requested": _("Rapport demandé"),
    "report.made": _("Rapport fait"),
    "report.downloaded": _("Rapport téléchargé"),
    "report.cancelled": _("Rapport annulé"),
    "report.deleted": _("Rapport supprimé"),
    "feedback.sent": _("Message envoyé"),
}
GROUPS: dict[str, Promise] = {
    "reader": _("Consultation seule"),
    "reviewer": _("Relecture"),
    "data operator": _("Données de ventes"),
    "administrator": _("Administration"),
}


def event(code: str) -> str:
    """An event's code in words; one that an earlier release wrote and this one does not know as it stands."""
    return str(EVENTS.get(code, code))


def group(name: str) -> str:
    """A group's name in words; groups made by hand keep the name they were given."""
    return str(GROUPS.get(name, name))


def thing(object_type: str) -> str:
    """A kind of object ("documents.document") as its pages call it."""
    try:
        return capfirst(str(apps.get_model(object_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return object_type

"""Why no value is given, in a sentence for people: one for each code of `dvf.estimates`, `dvf.coverage`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ABSTENTIONS = {
    "insufficient_data": _("Trop peu de ventes comparables pour donner une valeur."),
    "not_covered": _("Les ventes de ce département ne figurent pas dans les données publiques."),
    "no_release": _("Aucune donnée de vente n'est chargée sur ce serveur."),
    "no_surface": _("Indiquez la surface pour obtenir une valeur."),
    "absurd_surface": _("Cette surface est hors de ce que disent les ventes : vérifiez-la."),
    "no_sales_of_type": _("Aucune vente de ce type de logement n'est connue dans ce département."),
    "being_prepared": _("L'estimation de ce département se prépare : réessayez dans quelques minutes."),
    "interval_too_wide": _("Les ventes sont trop dispersées pour un chiffre : voici la fourchette seule."),
    "no_sales_here": _("Aucune vente n'est connue à cet endroit."),
}

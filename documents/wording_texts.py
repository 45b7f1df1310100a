"""Words for the codes of a synthesis, in French; the English ones stand in the catalogue.

`%(name)s` are values of the finding; amounts and dates are written for the reader's language by `wording`.
"""
# ruff: noqa: E501 (one text, one line)

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

RISKS = {
    "dpe_class_e": _("DPE de classe E."),
    "dpe_class_f": _("DPE de classe F : logement très consommateur."),
    "dpe_class_g": _("DPE de classe G : la plus mauvaise."),
    "dpe_class_inconsistent": _("Le DPE annonce la classe %(class)s, ses chiffres donnent %(computed)s."),
    "dpe_may_improve": _(
        "Ce DPE date d'avant 2026 : recalculé pour la part d'électricité, il pourrait passer de %(class)s à %(best)s au mieux."
    ),
    "dpe_small_surface_better": _(
        "Avec les seuils des petites surfaces, ce DPE passerait de %(class)s à %(better)s."
    ),
    "letting_banned": _(
        "Classe %(class)s : location interdite depuis le %(from)s (baux nouveaux ou renouvelés)."
    ),
    "letting_ban_coming": _("Classe %(class)s : location interdite à partir du %(from)s."),
    "rent_frozen": _("Classe %(class)s : loyer gelé depuis le %(from)s."),
    "diagnostic_expired": _("%(type)s : plus valable depuis le %(valid_until)s."),
    "lead_degraded": _("Plomb : revêtements dégradés."),
    "lead_present": _("Plomb présent, revêtements non dégradés."),
    "asbestos_present": _("Amiante repérée."),
    "termites_present": _("Termites ou indices de termites."),
    "electric_anomalies": _("Installation électrique : des anomalies."),
    "electric_danger": _("Installation électrique : danger immédiat."),
    "gas_anomalies": _("Installation de gaz : des anomalies."),
    "gas_danger": _("Installation de gaz : danger grave et immédiat."),
    "arrears_over_threshold": _(
        "Impayés de l'immeuble : %(arrears)s, soit %(ratio_pct)s %% du budget (seuil d'alerte %(threshold_pct)s %%)."
    ),
    "arrears_noted": _("Impayés de l'immeuble : %(arrears)s, soit %(ratio_pct)s %% du budget."),
    "legal_proceedings": _("Procédures en cours : %(named)s."),
    "works_plan_missing": _(
        "Pas de plan pluriannuel de travaux au dossier, alors qu'il est obligatoire depuis le %(from)s."
    ),
    "works_fund_low": _(
        "Fonds de travaux : %(pct)s %% du budget, moins que les %(least_pct)s %% obligatoires."
    ),
    "carrez_short": _(
        "Surface Carrez de %(measured)s m² pour %(advertised)s m² annoncés : il manque %(short_pct)s %%."
    ),
}

CONTRADICTIONS = {
    "surfaces_differ": _("Les surfaces diffèrent : %(said)s."),
    "addresses_differ": _("Un document porte une autre adresse : %(said)s."),
    "shares_differ": _("Les tantièmes du lot diffèrent : %(said)s."),
    "totals_differ": _("Les totaux de tantièmes diffèrent : %(said)s."),
    "lots_differ": _("Les documents ne parlent pas des mêmes lots : %(said)s."),
    "building_years_differ": _("Les années de construction diffèrent : %(said)s."),
    "instalments_differ": _("Les appels ne font pas la somme votée (%(label)s) : %(said)s."),
    "call_differs_from_vote": _("L'appel ne correspond pas à la part votée (%(label)s) : %(said)s."),
    "charges_differ_from_budget": _("Les charges de %(year)s s'écartent du budget voté : %(said)s."),
    "two_values": _("Deux documents de même date ne disent pas la même chose (%(fact)s) : %(said)s."),
    "dates_backwards": _("Une période finit avant de commencer : %(said)s."),
    "readings_differ": _("Deux lectures d'un même document ne s'accordent pas (%(fact)s) : %(said)s."),
    "due_before_vote": _("Un appel est exigible avant son vote : %(said)s."),
}

PAPERS = {
    "reglement_copropriete": _("Règlement de copropriété et état descriptif de division"),
    "fiche_synthetique": _("Fiche synthétique de la copropriété"),
    "carnet_entretien": _("Carnet d'entretien de l'immeuble"),
    "pre_etat_date": _("Pré-état daté (sommes dues, impayés, fonds de travaux)"),
    "pv_ag": _("Procès-verbaux d'assemblée générale des trois dernières années"),
    "decompte_annuel": _("Décomptes de charges des deux derniers exercices"),
    "ppt": _("Plan pluriannuel de travaux ou diagnostic technique global"),
    "carrez": _("Attestation de surface (loi Carrez)"),
    "dpe": _("Diagnostic de performance énergétique"),
    "erp": _("État des risques"),
    "plomb": _("Constat de risque d'exposition au plomb"),
    "amiante": _("État d'amiante"),
    "electricite": _("État de l'installation électrique"),
    "gaz": _("État de l'installation de gaz"),
    "termites": _("État relatif aux termites"),
    "assainissement": _("Diagnostic d'assainissement"),
    "audit_energetique": _("Audit énergétique"),
}

KINDS = {
    "appel_de_fonds": _("appel de fonds"),
    "decompte_annuel": _("décompte annuel"),
    "appel_travaux": _("appel de travaux"),
    "etat_date": _("état daté"),
    "contrat_syndic": _("contrat de syndic"),
    "assurance": _("attestation d'assurance"),
    "compromis": _("compromis de vente"),
    "dtg": _("diagnostic technique global"),
    "bail": _("bail"),
}
"""Kinds of documents that are not among the papers a buyer is owed."""

EFFECTS = {
    "withdrawal_not_started": _(
        "Tant qu'il n'est pas remis, votre délai de rétractation de dix jours ne commence pas."
    ),
    "price_action": _(
        "Sans cette mention, la vente peut être annulée ; fausse de plus d'un vingtième, le prix baisse."
    ),
    "to_provide": _("À fournir par le vendeur."),
    "to_check": _("Dû dans certains cas : à vérifier."),
}

ACTIONS = {
    "negotiate_energy_works": _("Faites chiffrer les travaux d'énergie et négociez-les."),
    "have_dpe_checked": _("Demandez au diagnostiqueur de vérifier la classe du DPE."),
    "ask_dpe_recomputed": _("Demandez que le DPE soit recalculé."),
    "ask_diagnostic_again": _("Faites refaire par le vendeur : %(type)s."),
    "price_lead_works": _("Faites chiffrer la remise en état des revêtements au plomb."),
    "ask_asbestos_file": _("Demandez le dossier amiante et ce qu'il impose."),
    "have_termites_treated": _(
        "Faites traiter les termites aux frais du vendeur, ou chiffrez le traitement."
    ),
    "quote_electric_works": _("Demandez un devis de mise en sécurité électrique."),
    "quote_gas_works": _("Demandez un devis de mise en sécurité du gaz."),
    "ask_accounts_of_building": _("Demandez l'état des impayés et les mesures prises par le syndic."),
    "ask_about_proceedings": _("Demandez l'objet, le montant et l'avancement des procédures."),
    "ask_works_plan": _("Demandez le plan pluriannuel de travaux ou sa date d'adoption."),
    "plan_own_reserve": _("Prévoyez une réserve : le fonds de travaux est faible."),
    "negotiate_surface": _("Négociez le prix au regard de la surface mesurée."),
    "settle_who_pays_works": _(
        "Fixez au compromis qui paie les appels de travaux à venir : %(cost)s à votre charge sinon."
    ),
    "expect_works_put_off": _("Attendez-vous à des travaux reportés : %(cost)s pour votre lot."),
    "have_arrears_paid_at_signing": _("Faites régler par le vendeur ce qu'il doit à la copropriété."),
    "ask_missing_papers": _("Réclamez les documents manquants (%(count)s)."),
    "clear_up_contradictions": _("Faites éclaircir les contradictions (%(count)s)."),
    "give_tantiemes": _("Indiquez les tantièmes du lot pour connaître votre part des sommes de l'immeuble."),
}

LINES = {
    "charges": _("Charges de copropriété"),
    "works_fund": _("Fonds de travaux"),
    "property_tax": _("Taxe foncière"),
    "energy": _("Énergie (estimation du DPE)"),
    "works": _("Travaux votés"),
    "works_call": _("Appel de travaux"),
    "works_remaining": _("Travaux votés restant à appeler"),
    "works_put_off": _("Travaux reportés"),
    "seller_arrears": _("Dettes du vendeur"),
}

LEFT_OUT = {
    "share_unknown": _("Somme de l'immeuble : la part du lot n'est pas connue."),
    "not_on_its_page": _("Valeur non retrouvée sur sa page."),
    "period_unknown": _("Période inconnue : ne peut être ramenée à l'année."),
    "called_from_the_lot": _("Déjà compté par l'appel adressé au lot."),
    "counted_already": _("Déjà compté : le même document figure deux fois."),
    "in_the_statement": _("Déjà compté dans l'état daté."),
    "no_amount": _("Aucun montant n'est indiqué."),
    "paid_by_fonds_travaux": _("Payé par le fonds de travaux."),
    "paid_by_loan": _("Payé par un emprunt de la copropriété."),
    "owed_by_the_seller": _("Dû par le vendeur."),
}

THEMES = {
    "facade": _("Façade"),
    "roof": _("Toiture"),
    "leaks": _("Fuites et infiltrations"),
    "lift": _("Ascenseur"),
    "heating": _("Chauffage"),
    "energy": _("Rénovation énergétique"),
    "plumbing": _("Canalisations"),
    "electricity": _("Électricité"),
    "security": _("Sécurité"),
    "entrance": _("Entrée et escaliers"),
    "structure": _("Structure"),
    "grounds": _("Extérieurs"),
    "hazards": _("Amiante, plomb, nuisibles"),
    "charging": _("Recharge de véhicules"),
}

PATTERNS = {
    "voted": _("voté"),
    "voted_again": _("voté à plusieurs reprises"),
    "put_off_then_voted": _("reporté ou refusé, puis voté"),
    "put_off_again": _("reporté ou refusé plusieurs fois"),
    "put_off": _("reporté"),
    "refused": _("refusé"),
}

CONFIDENCE = {
    "no_documents": _("Aucun document lu."),
    "no_share": _("Les tantièmes du lot ne sont pas connus."),
    "no_minutes": _("Aucun procès-verbal d'assemblée."),
    "no_charges": _("Aucun relevé de charges."),
    "no_energy_certificate": _("Aucun diagnostic."),
    "unread_documents": _("Documents non lus : %(count)s."),
    "values_not_on_their_page": _("Valeurs écartées, non retrouvées sur leur page : %(count)s."),
    "key_share_unknown": _("Travaux répartis par la clé générale, faute de connaître la leur : %(count)s."),
}

BY = {
    "advertised": _("annonce"),
    "carrez": _("Carrez"),
    "boutin": _("Boutin"),
    "dpe": _("DPE"),
    "diags": _("diagnostics"),
    "taxe_fonciere": _("taxe foncière"),
    "charges": _("charges"),
    "pv_ag": _("procès-verbal"),
    "voted": _("voté"),
    "called": _("appelé"),
    "budget_share": _("part du budget"),
    "document": _("document"),
    "other": _("autre document"),
    "rules": _("lu par les règles"),
    "model": _("lu par un modèle"),
}

LEVELS = {
    "low": _("faible"),
    "medium": _("moyen"),
    "high": _("élevé"),
}

SENTENCES = {
    "nothing_read": _("Aucun document n'a encore été lu."),
    "risk": _("Risque %(level)s (%(points)s points)."),
    "annual": _("Coût annuel : environ %(annual)s."),
    "one_time": _("Travaux et appels à votre charge : %(one_time_buyer)s."),
    "missing": _("Documents à réclamer : %(count)s."),
    "letter": _("Bonjour, pour l'achat du bien situé %(address)s, merci de me transmettre :"),
    "internal_error": _("La synthèse n'a pas pu être refaite : la dernière réussie est affichée."),
    "worker_lost": _("Le calcul a été interrompu : la dernière synthèse réussie est affichée."),
    "unknown_line": _("Lignes inconnues de cette synthèse : %(keys)s."),
    "date_out_of_range": _("Une date de notre époque."),
    "share_above_total": _("La part du lot ne peut dépasser le total."),
}

# Sources that are more than the name of a law, as the rules state them: marked here to be translated.
SOURCES = (
    _("Durées de validité des diagnostics à la vente ; décret n° 2020-1610 (DPE)"),
    _("Arrêté du 31 mars 2021 relatif au DPE"),
    _("Arrêté du 13 août 2025 (facteur 1,9 de l'électricité à partir du 1er janvier 2026)"),
    _("Seuils du DPE des logements jusqu'à 40 m², depuis le 1er juillet 2024 (ADEME/CSTB)"),
    _("Code de la construction et de l'habitation, art. L721-2 (information de l'acquéreur)"),
    _("État de l'installation de gaz de plus de 15 ans (article à confirmer)"),
    _("État de l'installation électrique de plus de 15 ans (article à confirmer)"),
    _("État relatif aux termites, zones fixées par arrêté (article à confirmer)"),
    _("Constat de risque d'exposition au plomb, immeubles d'avant 1949 (article à confirmer)"),
    _("État d'amiante, permis d'avant le 1er juillet 1997 (article à confirmer)"),
    _("Diagnostics à fournir à la vente (article à confirmer)"),
)

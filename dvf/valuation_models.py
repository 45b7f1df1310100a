"""What the valuation keeps between two imports: models, price indices and the latest backtests.

Refilled by `dvf.fitting` after each import; read by primary key or one index.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaRow(models.Model):
    """One type of dwelling in one département, as the sales of one release teach it."""

    code_departement = models.CharField(_("département"), max_length=3)
    type_principal = models.CharField(_("type"), max_length=12)
    release = models.ForeignKey(
        "dvf.DVFImport", verbose_name=_("import"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    sales_count = models.IntegerField(_("ventes"), help_text=_("comparables et plausibles"))
    seconds = models.FloatField(_("durée (s)"))
    made_at = models.DateTimeField(_("fait le"), auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code_departement} {self.type_principal}"


class ValuationModel(AreaRow):
    """A fitted `dvf.valuation.model.AreaModel`; `data` is null where the sales are too few to fit one."""

    data = models.JSONField(_("modèle"), null=True)
    observed = models.BinaryField(
        _("écarts observés"),
        default=b"",
        help_text=_("de chaque vente à la tendance : pour refaire les indices sans certaines d'entre elles"),
    )
    trend = models.JSONField(_("tendance"), default=dict, help_text=_("du département"))

    class Meta:
        db_table = "dvf_valuation_models"
        verbose_name = _("modèle d'estimation")
        verbose_name_plural = _("modèles d'estimation")
        constraints = [
            models.UniqueConstraint(
                fields=["code_departement", "type_principal"], name="uq_dvf_valuation_models"
            )
        ]


class PriceIndex(models.Model):
    """The quarterly index of one place and type, 100 in its first quarter, with its trend and projection."""

    place_kind = models.CharField(_("sorte de lieu"), max_length=16)
    place_code = models.CharField(_("code du lieu"), max_length=5)
    code_departement = models.CharField(_("département"), max_length=3)
    type_principal = models.CharField(_("type"), max_length=12)
    sales_count = models.IntegerField(_("ventes"))
    trend = models.JSONField(_("tendance"))
    series = models.JSONField(
        _("série"), help_text=_("année, trimestre, indice, bornes à 80 %, ventes, partiel")
    )

    class Meta:
        db_table = "dvf_price_indices"
        verbose_name = _("indice de prix")
        verbose_name_plural = _("indices de prix")
        constraints = [
            models.UniqueConstraint(
                fields=["place_kind", "place_code", "type_principal"], name="uq_dvf_price_indices"
            )
        ]
        indexes = [
            models.Index(fields=["code_departement", "type_principal"], name="idx_dvf_price_indices_dept")
        ]

    def __str__(self) -> str:
        return f"{self.place_code} {self.type_principal}"


class ValuationBacktest(AreaRow):
    """How far off the valuation was on the last fifth of an area's sales; `report` holds every stratum."""

    split_date = models.DateField(_("début des ventes estimées"))
    tested = models.IntegerField(_("ventes estimées"))
    mdape = models.FloatField(_("erreur médiane (%)"))
    reference_mdape = models.FloatField(_("erreur médiane, moyenne de l'adresse ou du code postal (%)"))
    neighbours_mdape = models.FloatField(_("erreur médiane, 15 voisins (%)"))
    median_ratio = models.FloatField(_("rapport médian"))
    coverage_80 = models.FloatField(_("couverture de l'intervalle à 80 % (%)"))
    abstained_percent = models.FloatField(_("abstentions (%)"))
    report = models.JSONField(_("rapport"))

    class Meta:
        db_table = "dvf_valuation_backtests"
        verbose_name = _("qualité d'une estimation")
        verbose_name_plural = _("qualité des estimations")
        constraints = [
            models.UniqueConstraint(
                fields=["code_departement", "type_principal"], name="uq_dvf_valuation_backtests"
            )
        ]

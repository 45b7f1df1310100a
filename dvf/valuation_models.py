"""What the valuation keeps between two imports: models, price indices, the latest backtests and the figures
of all earlier ones.

Refilled by `dvf.fitting` after each import; read by primary key or one index.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from dvf.dwelling_types import TypePrincipal


class AreaRow(models.Model):
    """One type of dwelling in one département, as the sales of one release teach it."""

    code_departement = models.CharField(_("département"), max_length=3)
    type_principal = models.CharField(_("type"), max_length=12, choices=TypePrincipal)
    release = models.ForeignKey(
        "dvf.DVFImport", verbose_name=_("import"), on_delete=models.CASCADE, related_name="+", db_index=False
    )
    sales_count = models.IntegerField(_("ventes"), help_text=_("comparables et plausibles"))
    seconds = models.FloatField(_("durée (s)"))
    made_at = models.DateTimeField(_("fait le"), auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code_departement} {self.get_type_principal_display()}"


class ValuationModel(AreaRow):
    """A fitted `dvf.valuation.model.AreaModel`; `data` is null where the sales are too few to fit one."""

    version = models.SmallIntegerField(_("version de la méthode"), default=0)
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
    type_principal = models.CharField(_("type"), max_length=12, choices=TypePrincipal)
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
        return f"{self.place_code} {self.get_type_principal_display()}"


class MeasuredRow(AreaRow):
    """How far off the valuation was on sales that it had not seen."""

    split_date = models.DateField(_("début des ventes estimées"))
    tested = models.IntegerField(_("ventes estimées"))
    mdape = models.FloatField(_("erreur médiane (%)"))
    reference_mdape = models.FloatField(_("erreur médiane, moyenne de l'adresse ou du code postal (%)"))
    neighbours_mdape = models.FloatField(_("erreur médiane, 15 voisins (%)"))
    median_ratio = models.FloatField(_("rapport médian"))
    coverage_80 = models.FloatField(_("couverture de l'intervalle à 80 % (%)"))
    abstained_percent = models.FloatField(_("abstentions (%)"))

    class Meta:
        abstract = True


class ValuationBacktest(MeasuredRow):
    """The latest measure of an area, on the last fifth of its sales; `report` holds every stratum."""

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


@dataclass(frozen=True, slots=True)
class Change:
    """From the release before to the latest, in one area: points of % of median error, and of ratio."""

    department: str
    type: str
    error: float
    ratio: float


class MeasureQuerySet(models.QuerySet["ValuationMeasure"]):
    def by_release(self) -> MeasureQuerySet:
        """The last measure of each area on each release: a release may be measured again."""
        keys = ("code_departement", "type_principal", "release_id")
        return self.order_by(*keys, "-made_at", "-id").distinct(*keys)

    def changes(self) -> list[Change]:
        """Of each area measured on two releases or more, in the order of areas."""
        found = {}
        before: dict[tuple[str, str], ValuationMeasure] = {}
        for row in sorted(self.by_release(), key=lambda row: (row.made_at, row.pk)):
            place = (row.code_departement, row.type_principal)
            if earlier := before.get(place):
                found[place] = Change(
                    *place, row.mdape - earlier.mdape, row.median_ratio - earlier.median_ratio
                )
            before[place] = row
        return [found[place] for place in sorted(found)]


class ValuationMeasure(MeasuredRow):
    """The figures of a measure that is the latest, or was: one more row each time, so that drift shows."""

    objects = MeasureQuerySet.as_manager()

    class Meta:
        db_table = "dvf_valuation_measures"
        verbose_name = _("mesure d'une estimation")
        verbose_name_plural = _("mesures des estimations")
        indexes = [
            models.Index(
                fields=["code_departement", "type_principal", "release", "-made_at"],
                name="idx_dvf_valuation_measures",
            )
        ]

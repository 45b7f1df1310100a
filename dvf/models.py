"""The public sales (DVF), their lots, their streets, their price statistics and the imports they come from.

Tables, columns and indexes of the reference data model keep its names. An import never writes in these
tables: it builds new ones beside them and swaps them in, so nothing outside this app may hold a foreign key
to them, and row ids change with each release. What follows a sale from one release to the next is its
``fingerprint``.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Degrees, Ln, Pi, Radians, Tan
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from dvf.dwelling_types import TypePrincipal
from dvf.geometry import PointField, cell
from dvf.import_errors import told
from dvf.sale_querysets import DVFSaleQuerySet
from dvf.street_models import DVFStreet
from dvf.valuation_models import PriceIndex, ValuationBacktest, ValuationMeasure, ValuationModel

__all__ = [
    "DVFImport", "DVFPrice", "DVFSale", "DVFSaleLot", "DVFStreet", "ExclusionReason", "PriceIndex",
    "TypePrincipal", "ValuationBacktest", "ValuationMeasure", "ValuationModel",
]  # fmt: skip


class ExclusionReason(models.TextChoices):
    """Why a sale enters no median (``exclusion_reasons``)."""

    OFF_PLAN = "off_plan", _("Vente en l'état futur d'achèvement")
    NATURE = "nature", _("Autre nature qu'une vente")
    SEVERAL_DWELLINGS = "several_dwellings", _("Plusieurs logements")
    MIXED = "mixed", _("Avec un local commercial")
    SEVERAL_DISPOSITIONS = "several_dispositions", _("Plusieurs dispositions")
    SYMBOLIC_PRICE = "symbolic_price", _("Prix absent ou symbolique")
    NO_SURFACE = "no_surface", _("Surface absente")


class DVFImportQuerySet(models.QuerySet["DVFImport"]):
    def served(self) -> DVFImportQuerySet:
        """The imports whose sales are in the tables now: one release, and what was added to it since."""
        return self.light().filter(status=DVFImport.Status.SERVED).order_by("-finished_at", "-id")

    def light(self) -> DVFImportQuerySet:
        """Without the columns that may hold a thousand lines of a file; they are read when asked for."""
        return self.defer("rejected_lines", "files", "changes", "options")


class DVFImport(models.Model):
    """One run of the import: what was read, what was kept, what was refused and why, by whom."""

    class Status(models.TextChoices):
        RUNNING = "running", _("En cours")
        SERVED = "served", _("Servi")
        SUPERSEDED = "superseded", _("Remplacé")
        FAILED = "failed", _("Échoué")

    class Mode(models.TextChoices):
        REPLACE = "replace", _("Remplace")
        ADD = "add", _("Ajoute")

    status = models.CharField(_("état"), max_length=12, choices=Status, default=Status.RUNNING)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode, default=Mode.REPLACE)
    release_label = models.CharField(_("millésime"), max_length=100)
    is_synthetic = models.BooleanField(_("données synthétiques"), default=False)
    files = models.JSONField(
        _("fichiers"), default=list, help_text=_("nom, taille, sha256, format et lignes de chaque fichier")
    )
    options = models.JSONField(_("options"), default=dict, blank=True)
    first_date = models.DateField(_("première vente"), null=True, blank=True)
    last_date = models.DateField(_("dernière vente"), null=True, blank=True)
    rows = models.BigIntegerField(_("lignes"), default=0)
    mutations = models.BigIntegerField(_("mutations"), default=0)
    sales = models.BigIntegerField(
        _("ventes"), default=0, help_text=_("ventes de logements gardées de ces fichiers")
    )
    lots = models.BigIntegerField(_("lots"), default=0)
    total_sales = models.BigIntegerField(
        _("ventes servies"), default=0, help_text=_("dans la base après cet import")
    )
    left_out = models.JSONField(
        _("mutations laissées"), default=dict, blank=True, help_text=_("nombre par motif")
    )
    flagged = models.JSONField(
        _("ventes écartées des médianes"), default=dict, blank=True, help_text=_("nombre par motif")
    )
    rejected = models.JSONField(
        _("lignes rejetées"), default=dict, blank=True, help_text=_("nombre par motif")
    )
    rejected_lines = models.JSONField(
        _("détail des rejets"),
        default=list,
        blank=True,
        help_text=_("fichier, ligne, motif et contenu des premières"),
    )
    restored = models.JSONField(
        _("valeurs restaurées"), default=dict, blank=True, help_text=_("nombre par sorte")
    )
    changes = models.JSONField(
        _("changements"),
        default=dict,
        blank=True,
        help_text=_("par département : ajoutées, retirées, modifiées"),
    )
    durations = models.JSONField(_("durées (s)"), default=dict, blank=True)
    peak_memory_mb = models.IntegerField(_("mémoire au plus haut (Mo)"), null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("demandé par"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    requested_from = models.CharField(
        _("lancé depuis"), max_length=200, blank=True, help_text=_("compte système et machine")
    )
    error_code = models.CharField(_("code d'erreur"), max_length=40, blank=True)
    error = models.TextField(_("erreur"), blank=True, help_text=_("en français, sans ses paramètres"))
    error_parameters = models.JSONField(_("paramètres de l'erreur"), default=dict, blank=True)
    started_at = models.DateTimeField(_("début"), auto_now_add=True)
    finished_at = models.DateTimeField(_("fin"), null=True, blank=True)

    objects = DVFImportQuerySet.as_manager()

    class Meta:
        db_table = "dvf_imports"
        verbose_name = _("import de ventes")
        verbose_name_plural = _("imports de ventes")
        ordering = ["-id"]
        indexes = [models.Index(fields=["status"], name="idx_dvf_imports_status")]

    def __str__(self) -> str:
        return f"{self.release_label} ({self.get_status_display()})"

    @property
    def rejected_count(self) -> int:
        return sum(self.rejected.values())

    @property
    def error_message(self) -> str:
        """Why it failed, in the reader's language; "" where it did not."""
        return told(self.error, self.error_parameters)


class DVFSale(models.Model):
    """One mutation with at least one dwelling, read as ``importing/normalise.py`` says."""

    id = models.BigAutoField(primary_key=True)
    release = models.ForeignKey(
        DVFImport, verbose_name=_("import"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    id_mutation = models.CharField(_("mutation"), max_length=40, help_text=_("ne vaut que dans un millésime"))
    fingerprint = models.UUIDField(
        _("empreinte"), help_text=_("du contenu de la vente ; stable d'un millésime à l'autre")
    )
    date_mutation = models.DateField(_("date"))
    annee = models.SmallIntegerField(_("année"))
    nature_mutation = models.CharField(_("nature"), max_length=60)
    prix = models.DecimalField(
        _("prix (€)"),
        max_digits=15,
        decimal_places=2,
        null=True,
        help_text=_("net vendeur, toutes dispositions"),
    )
    prix_m2 = models.DecimalField(
        _("prix au m² (€)"),
        max_digits=15,
        decimal_places=2,
        null=True,
        help_text=_("des seules ventes comparables"),
    )
    n_dispositions = models.SmallIntegerField(_("dispositions"), default=1)

    adresse_numero = models.CharField(_("numéro"), max_length=10, blank=True)
    adresse_suffixe = models.CharField(
        _("suffixe"), max_length=10, blank=True, help_text=_("B, T, Q pour bis, ter, quater, ou A, C…")
    )
    adresse_nom_voie = models.CharField(_("voie"), max_length=100, blank=True)
    adresse_complete = models.CharField(
        _("adresse"), max_length=130, blank=True, help_text=_("numéro, suffixe et voie")
    )
    code_voie = models.CharField(_("code voie"), max_length=10, blank=True)
    code_postal = models.CharField(_("code postal"), max_length=5, blank=True)
    code_commune = models.CharField(_("code commune"), max_length=5)
    nom_commune = models.CharField(_("commune"), max_length=100, blank=True)
    code_departement = models.CharField(_("département"), max_length=3)
    id_parcelle = models.CharField(_("parcelle"), max_length=14, blank=True, help_text=_("celle du logement"))
    numeros_lots = models.CharField(
        _("numéros de lots"), max_length=120, blank=True, help_text=_("ceux du logement")
    )
    longitude = models.FloatField(_("longitude"), null=True)
    latitude = models.FloatField(_("latitude"), null=True)
    position = models.GeneratedField(
        expression=Func(
            F("longitude"),
            Degrees(Ln(Tan(Pi() / Value(4.0) + Radians(F("latitude")) / Value(2.0)))),
            function="point",
        ),
        output_field=PointField(),
        db_persist=True,
        verbose_name=_("position"),
        help_text=_("sur la carte de Mercator, en degrés"),
    )

    type_principal = models.CharField(_("type"), max_length=12, choices=TypePrincipal)
    surface_bati = models.FloatField(_("surface bâtie (m²)"), null=True, help_text=_("des logements"))
    surface_carrez = models.FloatField(
        _("surface Carrez (m²)"), null=True, help_text=_("du logement, s'il est seul")
    )
    nombre_pieces = models.IntegerField(_("pièces"), null=True, help_text=_("des logements"))
    surface_terrain = models.FloatField(_("terrain (m²)"), null=True)
    nombre_lots = models.IntegerField(_("lots de copropriété"), default=0)
    n_appartements = models.IntegerField(_("appartements"), default=0)
    n_maisons = models.IntegerField(_("maisons"), default=0)
    n_dependances = models.IntegerField(_("dépendances"), default=0)
    n_commerces = models.IntegerField(_("locaux commerciaux"), default=0)
    n_parcelles_terrain = models.IntegerField(_("parcelles avec terrain"), default=0)

    is_comparable = models.BooleanField(_("comparable"), help_text=_("peut entrer dans une médiane"))
    exclusion_reasons = ArrayField(
        models.CharField(max_length=24, choices=ExclusionReason),
        verbose_name=_("motifs d'exclusion"),
        default=list,
        blank=True,
    )

    objects = DVFSaleQuerySet.as_manager()

    class Meta:
        db_table = "dvf_sales"
        verbose_name = _("vente")
        verbose_name_plural = _("ventes")
        constraints = [
            models.UniqueConstraint(fields=["id_mutation"], name="uq_dvf_id_mutation"),
            models.CheckConstraint(
                condition=Q(is_comparable=True, exclusion_reasons=[])
                | Q(is_comparable=False) & ~Q(exclusion_reasons=[]),
                name="ck_dvf_sales_comparable",
            ),
        ]
        indexes = [
            # Those of the reference data model.
            GinIndex(OpClass(F("adresse_complete"), "gin_trgm_ops"), name="idx_dvf_sales_address_gin"),
            models.Index(fields=["code_postal", "type_principal"], name="idx_dvf_sales_composite"),
            models.Index(
                fields=["code_postal", "type_principal", "date_mutation"], name="idx_dvf_sales_composite_date"
            ),
            models.Index(
                fields=["prix_m2"], name="idx_dvf_sales_prix_m2", condition=Q(prix_m2__isnull=False)
            ),
            models.Index(fields=["id_mutation"], name="idx_dvf_sales_id_mutation"),
            # Lists sought by (date_mutation, id), in the whole and in one place.
            models.Index(fields=["date_mutation", "id"], name="idx_dvf_sales_date"),
            models.Index(fields=["code_postal", "date_mutation", "id"], name="idx_dvf_sales_postal_date"),
            models.Index(fields=["code_commune", "date_mutation", "id"], name="idx_dvf_sales_commune_date"),
            models.Index(fields=["code_departement", "date_mutation", "id"], name="idx_dvf_sales_dept_date"),
            # The same street, the same building, the same sale in another release.
            models.Index(fields=["code_commune", "code_voie"], name="idx_dvf_sales_voie"),
            models.Index(fields=["id_parcelle"], name="idx_dvf_sales_parcelle"),
            models.Index(fields=["fingerprint"], name="idx_dvf_sales_fingerprint"),
            # Nearest first and boxes, without PostGIS.
            GistIndex(
                fields=["position"], name="idx_dvf_sales_near_flat", condition=Q(type_principal="Appartement")
            ),
            GistIndex(
                fields=["position"], name="idx_dvf_sales_near_house", condition=Q(type_principal="Maison")
            ),
            # The latest of a box that holds many.
            models.Index(
                cell(F("longitude"), F("latitude")), "date_mutation", "id", name="idx_dvf_sales_cell_date"
            ),
        ]

    def __str__(self) -> str:
        day = date_format(self.date_mutation, "SHORT_DATE_FORMAT")
        return f"{self.adresse_complete} {self.code_postal} {self.nom_commune} ({day})".strip()


class DVFSaleLot(models.Model):
    """One local (dwelling, outbuilding, shop) or one piece of land of a sale, each counted once.

    Locals carry ``surface_bati``, land carries ``surface_terrain``: the sum of either over a sale counts
    nothing twice.
    """

    id = models.BigAutoField(primary_key=True)
    sale = models.ForeignKey(
        DVFSale,
        verbose_name=_("vente"),
        on_delete=models.CASCADE,
        to_field="id_mutation",
        db_column="id_mutation",
        related_name="lots",
        db_index=False,
    )
    lot_type = models.CharField(
        _("type"), max_length=60, help_text=_("Appartement, Maison, Dépendance, Local industriel…, Terrain")
    )
    nature_culture = models.CharField(_("nature de culture"), max_length=60, blank=True)
    surface_bati = models.FloatField(_("surface bâtie (m²)"), null=True)
    surface_carrez = models.FloatField(_("surface Carrez (m²)"), null=True)
    nombre_pieces = models.IntegerField(_("pièces"), null=True)
    surface_terrain = models.FloatField(_("terrain (m²)"), null=True)
    numeros_lots = models.CharField(_("numéros de lots"), max_length=120, blank=True)
    id_parcelle = models.CharField(_("parcelle"), max_length=14, blank=True)
    longitude = models.FloatField(_("longitude"), null=True)
    latitude = models.FloatField(_("latitude"), null=True)

    class Meta:
        db_table = "dvf_sale_lots"
        verbose_name = _("lot d'une vente")
        verbose_name_plural = _("lots d'une vente")
        indexes = [models.Index(fields=["sale"], name="idx_dvf_sale_lots_id_mutation")]

    def __str__(self) -> str:
        return f"{self.lot_type} {self.numeros_lots}".strip()


class DVFPrice(models.Model):
    """Prices per m² of comparable sales: one place, one type, one year or quarter. Rebuilt by each import."""

    class Place(models.TextChoices):
        POSTAL_CODE = "code_postal", _("Code postal")
        COMMUNE = "code_commune", _("Commune")
        DEPARTMENT = "code_departement", _("Département")

    id = models.BigAutoField(primary_key=True)
    place_kind = models.CharField(_("sorte de lieu"), max_length=16, choices=Place)
    place_code = models.CharField(_("code du lieu"), max_length=5)
    type_principal = models.CharField(_("type"), max_length=12, choices=TypePrincipal)
    year = models.SmallIntegerField(_("année"))
    quarter = models.SmallIntegerField(_("trimestre"), null=True, help_text=_("vide pour l'année entière"))
    sales_count = models.IntegerField(_("ventes"))
    mean = models.DecimalField(_("moyenne (€/m²)"), max_digits=15, decimal_places=2)
    median = models.DecimalField(_("médiane (€/m²)"), max_digits=15, decimal_places=2)
    first_quartile = models.DecimalField(_("premier quartile (€/m²)"), max_digits=15, decimal_places=2)
    third_quartile = models.DecimalField(_("troisième quartile (€/m²)"), max_digits=15, decimal_places=2)
    minimum = models.DecimalField(_("minimum (€/m²)"), max_digits=15, decimal_places=2)
    maximum = models.DecimalField(_("maximum (€/m²)"), max_digits=15, decimal_places=2)

    class Meta:
        db_table = "dvf_prices"
        verbose_name = _("statistique de prix")
        verbose_name_plural = _("statistiques de prix")
        constraints = [
            models.UniqueConstraint(
                fields=["place_kind", "place_code", "type_principal", "year", "quarter"],
                name="uq_dvf_prices",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.place_code} {self.type_principal} {self.year} T{self.quarter}"
            if self.quarter
            else f"{self.place_code} {self.year}"
        )

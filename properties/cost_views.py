"""What buying, borrowing and owning cost: the costs action of the properties' endpoint."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from properties.costs import GUARANTEES, HUNDRED, Loan, buying, loan_breaches, loan_guarantee, rates
from properties.models import Property
from properties.owning import by_year, dues, owning
from properties.synthesis import SUMMARY

NAMES = {
    "duties": _("Droits de mutation"),
    "notary": _("Émoluments du notaire, TVA comprise"),
    "security_contribution": _("Contribution de sécurité immobilière"),
    "disbursements": _("Débours"),
    "agency_fee": _("Honoraires d'agence"),
    "guarantee_caution": _("Garantie du prêt : caution"),
    "guarantee_hypotheque": _("Garantie du prêt : hypothèque"),
    "guarantee_hypotheque_legale": _("Garantie du prêt : hypothèque légale du prêteur (ex-PPD)"),
    "charges": _("Charges de copropriété"),
    "works_fund": _("Fonds de travaux"),
    "property_tax": _("Taxe foncière"),
    "energy": _("Énergie"),
    "works": _("Travaux votés à votre charge"),
    "loan": _("Mensualité du prêt, assurance comprise"),
}
NOTES = {
    "no_price": _("Indiquez un prix pour connaître les frais d'achat."),
    "agency_fee_unknown": _("Honoraires d'agence inconnus : les frais sont calculés sur le prix entier."),
    "duties_to_confirm": _("Le taux du département est à confirmer : les deux résultats sont donnés."),
    "notary_to_check": _("Le barème du notaire est à vérifier à cette date."),
    "nothing_read": _("Aucun document lu : les charges, la taxe et les travaux manquent."),
    "guarantee_to_confirm": _("La garantie du prêt est un ordre de grandeur : la banque dira son prix."),
    "no_legal_mortgage": _("L'hypothèque légale du prêteur ne porte pas sur un logement vendu sur plan."),
    "loan_too_long": _("Le prêt dépasse %(years)s ans, la durée admise."),
    "instalments_too_high": _("La mensualité dépasse %(income_pct)s %% des revenus."),
    "loan_unnecessary": _("L'apport couvre tout : aucun prêt n'est nécessaire."),
}

# Sources of purchase_rates.json that are more than the name of a law: marked here to be translated.
SOURCES = (
    _("Code général des impôts, art. 1594 D, 1584, 1647; loi de finances pour 2025 (n° 2025-127), art. 116"),
    _(
        "Code général des impôts, art. 1594 F quinquies : logement neuf (VEFA ou première vente dans les "
        "cinq ans), soumis à la TVA"
    ),
    _("à confirmer : département resté à 3,80 %"),
    _("Paris, 5,00 % depuis le 1er avril 2025"),
    _("Code de commerce, art. A444-91 (barème 2021)"),
    _("Ordre de grandeur usuel des débours (état hypothécaire, urbanisme, géomètre)"),
    _(
        "Ordre de grandeur usuel d'une caution d'organisme (à confirmer) : commission et part du fonds "
        "mutuel, en partie rendue à la fin"
    ),
    _(
        "Code général des impôts, art. 844 (taxe de publicité foncière 0,715 % et frais d'assiette) ; "
        "émoluments et débours : ordre de grandeur (à confirmer)"
    ),
    _(
        "Hypothèque légale spéciale du prêteur de deniers (ex-PPD, code civil, art. 2402) : sans taxe de "
        "publicité foncière ; émoluments et débours : ordre de grandeur (à confirmer) ; un bien neuf sur "
        "plan n'en relève pas"
    ),
)

YEARS_ASKED = range(2000, 2101)


def _amount(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=2, required=False, **options)


class CostsQuerySerializer(serializers.Serializer[Any]):
    """What a buyer says of the purchase; without `rate_pct` and `years` nothing is borrowed."""

    price = _amount(min_value=Decimal(1), help_text="Sans honoraires d'agence ; absent : le prix demandé.")
    signing_date = serializers.DateField(required=False, help_text="Absent : aujourd'hui.")
    first_time_buyer = serializers.BooleanField(required=False, default=False)
    new_home = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Neuf : sur plan (VEFA) ou première vente dans les cinq ans, prix TVA comprise.",
    )
    guarantee = serializers.ChoiceField(
        choices=GUARANTEES, required=False, help_text="Garantie du prêt ; absente : non comptée."
    )
    furniture = _amount(min_value=Decimal(0), default=Decimal(0))
    down_payment = _amount(min_value=Decimal(0), default=Decimal(0))
    loan_amount = _amount(min_value=Decimal(1), help_text="Absent : prix et frais moins l'apport.")
    rate_pct = serializers.DecimalField(
        max_digits=6, decimal_places=3, min_value=Decimal(0), max_value=Decimal(25), required=False
    )
    years = serializers.IntegerField(min_value=1, max_value=40, required=False)
    insurance_pct = serializers.DecimalField(
        max_digits=5,
        decimal_places=3,
        min_value=Decimal(0),
        max_value=Decimal(5),
        required=False,
        default=Decimal(0),
    )
    monthly_income = _amount(min_value=Decimal(1))
    with_works = serializers.BooleanField(
        required=False, default=False, help_text="Travaux d'au moins 10 % : 27 ans admis."
    )

    def validate_signing_date(self, value: date) -> date:
        if value.year not in YEARS_ASKED:
            raise serializers.ValidationError(_("Une date de notre époque."), code="date_out_of_range")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("rate_pct" in attrs) != ("years" in attrs):
            raise serializers.ValidationError(
                {"rate_pct": [_("Le taux et la durée vont ensemble.")]}, code="half_a_loan"
            )
        return attrs


class CostsSerializer(serializers.Serializer[Any]):
    """Amounts in euros; each part is null where what it needs is not known, and `notes` says why."""

    property_id = serializers.IntegerField()
    signing_date = serializers.DateField()
    buying = serializers.JSONField(allow_null=True)
    borrowing = serializers.JSONField(allow_null=True)
    owning = serializers.JSONField()
    notes = serializers.JSONField()


def _note(code: str, **values: Any) -> dict[str, Any]:
    return {
        "code": code,
        "sentence": gettext(str(NOTES[code])) % values if values else gettext(str(NOTES[code])),
    }


def _name(code: str) -> str:
    return gettext(str(NAMES[code])) if code in NAMES else code


def _number(value: Any) -> Any:
    """Decimals as JSON numbers, wherever they stand."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: _number(item) for key, item in value.items()}
    return [_number(item) for item in value] if isinstance(value, list | tuple) else value


class CostActions(GenericViewSet[Property]):
    """`get_object` has checked whose property it is."""

    @extend_schema(parameters=[CostsQuerySerializer], responses=CostsSerializer, filters=False)
    @action(detail=True, filter_backends=[], pagination_class=None)
    def costs(self, request: Request, pk: str | None = None) -> Response:
        """What buying, borrowing and owning the property cost, month by month and over ten years."""
        subject = self.get_object()
        query = CostsQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(_number(costs_of(subject, query.validated_data)))


def costs_of(subject: Property, asked: dict[str, Any]) -> dict[str, Any]:
    """What `CostsSerializer` describes, with Decimal amounts; `asked` as `CostsQuerySerializer` gives it.

    Raises ValidationError for furniture worth the whole price.
    """
    deed: date = asked.get("signing_date") or timezone.localdate()
    notes: list[dict[str, Any]] = []
    bought = _buying(subject, asked, deed, notes)
    loan = _loan(asked, bought, notes)
    secured = _guarantee(loan, asked, notes)
    return {
        "property_id": subject.pk,
        "signing_date": deed.isoformat(),
        "buying": bought,
        "borrowing": None if loan is None else {**_borrowing(loan, asked), "guarantee": secured},
        "owning": _owning(subject, deed, loan, notes),
        "notes": notes,
    }


def _buying(
    subject: Property, asked: dict[str, Any], deed: date, notes: list[dict[str, Any]]
) -> dict[str, Any] | None:
    fee = subject.agency_fee
    price: Decimal | None = asked.get("price")
    if price is None and subject.asking_price is not None:
        included = subject.asking_price_includes_fees is not False
        price = subject.asking_price - (fee or 0) if included else subject.asking_price
        if included and fee is None:
            notes.append(_note("agency_fee_unknown"))
    if price is None:
        notes.append(_note("no_price"))
        return None
    if asked["furniture"] >= price:
        raise serializers.ValidationError(
            {"furniture": [_("Le mobilier ne peut valoir le prix entier.")]}, code="furniture_above_price"
        )
    lines = buying(
        price,
        subject.department,
        deed,
        first_time_buyer=asked["first_time_buyer"],
        furniture=asked["furniture"],
        new=asked["new_home"],
    )
    if any(line.alternative is not None for line in lines):
        notes.append(_note("duties_to_confirm"))
    if deed > date.fromisoformat(rates()["notary"]["check_after"]):
        notes.append(_note("notary_to_check"))
    total = sum((line.amount for line in lines), Decimal(0))
    other = sum((line.amount if line.alternative is None else line.alternative for line in lines), Decimal(0))
    return {
        "price": price,
        "department": subject.department,
        "first_time_buyer": asked["first_time_buyer"],
        "new_home": asked["new_home"],
        "lines": [
            {
                "code": line.code,
                "name": _name(line.code),
                "amount": line.amount,
                "alternative": line.alternative,
                "source": gettext(line.source),
            }
            for line in lines
        ],
        "total": total,
        "total_alternative": other if other != total else None,
        "agency_fee": fee,
        "to_finance": price + total + (fee or 0),
    }


def _loan(asked: dict[str, Any], bought: dict[str, Any] | None, notes: list[dict[str, Any]]) -> Loan | None:
    if "rate_pct" not in asked:
        return None
    amount = asked.get("loan_amount")
    if amount is None:
        if bought is None:
            return None
        amount = bought["to_finance"] - asked["down_payment"]
    if amount <= 0:
        notes.append(_note("loan_unnecessary"))
        return None
    return Loan(amount, asked["rate_pct"], asked["years"], asked["insurance_pct"])


def _guarantee(
    loan: Loan | None, asked: dict[str, Any], notes: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """What the lender's security costs, paid with the deed beside the costs of buying."""
    if loan is None or "guarantee" not in asked:
        return None
    if asked["guarantee"] == "hypotheque_legale" and asked["new_home"]:
        notes.append(_note("no_legal_mortgage"))
        return None
    line = loan_guarantee(loan.amount, asked["guarantee"])
    notes.append(_note("guarantee_to_confirm"))
    return {
        "code": line.code,
        "name": _name(line.code),
        "amount": line.amount,
        "source": gettext(line.source),
    }


def _borrowing(loan: Loan, asked: dict[str, Any]) -> dict[str, Any]:
    limits, income = rates()["loan_limits"], asked.get("monthly_income")
    most_years = limits["years_with_works" if asked["with_works"] else "years"]
    breaches = loan_breaches(loan, income, works=asked["with_works"])
    months = loan.years * 12
    interest = loan.interest(months)
    return {
        "amount": loan.amount,
        "rate_pct": loan.rate_pct,
        "years": loan.years,
        "insurance_pct": loan.insurance_pct,
        "instalment": loan.instalment,
        "insurance": loan.insurance,
        "monthly": loan.monthly,
        "interest": interest,
        "insurance_total": loan.insurance * months,
        "cost": interest + loan.insurance * months,
        "income_pct": None if income is None else round(loan.monthly * HUNDRED / income, 2),
        "limits": {
            "years": most_years,
            "income_pct": Decimal(limits["income_pct"]),
            "source": gettext(limits["source"]),
            "valid_from": limits["valid_from"],
        },
        "breaches": [_note(code, years=most_years, income_pct=limits["income_pct"]) for code in breaches],
    }


def _owning(subject: Property, deed: date, loan: Loan | None, notes: list[dict[str, Any]]) -> dict[str, Any]:
    data = getattr(getattr(subject, SUMMARY, None), "synthesis_data", None) or {}
    if not (data.get("annual") or {}).get("lines"):
        notes.append(_note("nothing_read"))
    months = owning(data, deed, loan)
    planned = (data.get("planned") or {}).get("lines") or []
    years = by_year(months)
    codes = dict.fromkeys(code for month in months for code in month.costs)
    return {
        "names": {code: _name(code) for code in codes},
        "annual": [
            {**line, "name": _name(line["code"])} for line in (data.get("annual") or {}).get("lines") or []
        ],
        "works_to_pay": sum((amount for _day, amount in dues(data, deed)), Decimal(0)),
        "works_possible": {
            "total": sum((Decimal(str(line["amount"])) for line in planned), Decimal(0)),
            "lines": planned,
        },
        "months": [
            {"month": f"{m.start:%Y-%m}", "low": m.low, "high": m.high, "costs": dict(m.costs)}
            for m in months
        ],
        "years": [{**year, "from": f"{year['from']:%Y-%m}"} for year in years],
        "total": {
            "low": sum((year["low"] for year in years), Decimal(0)),
            "high": sum((year["high"] for year in years), Decimal(0)),
        },
    }

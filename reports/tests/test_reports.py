"""Reports made for real: read back with pdfium, compared with what the API says."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pypdfium2
import pytest
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from accounts.models import User
from dvf.models import DVFStreet
from dvf.tests.factories import DVFImportFactory
from properties.models import Property
from properties.tests.factories import PropertyFactory
from properties.tests.test_price_analysis import market
from reports import jobs
from reports.models import Report
from reports.tests.factories import add_paper

KINDS = ("full", "price-analysis", "synthesis")


def made(subject: Property, kind: str = "full", language: str = "fr", **options: Any) -> Report:
    """A report made as a worker makes it."""
    report = jobs.ask(subject, kind, language, options, subject.user)
    jobs.run(report.pk)
    report.refresh_from_db()
    assert report.status == "completed", report.error_code
    return report


def text_of(content: bytes) -> str:
    """The words, with plain spaces and without the breaks put into endless words."""
    with pypdfium2.PdfDocument(content) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    text = "\n".join(pages).replace("\u200b", "").replace("\ufffe", "").replace("’", "'")
    return re.sub(r"\s+", " ", text)


def content_of(report: Report) -> bytes:
    with default_storage.open(report.storage_key) as stored:
        content: bytes = stored.read()
    return content


def pictures_of(content: bytes) -> int:
    with pypdfium2.PdfDocument(content) as document:
        return sum(
            item.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
            for page in document
            for item in page.get_objects(max_depth=8)
        )


def french(value: float, decimals: int = 0) -> str:
    return f"{value:,.{decimals}f}".replace(",", " ").replace(".", ",")


@pytest.fixture
def flat(owner: User) -> Property:
    return PropertyFactory(user=owner, address="12 rue des Essais", surface_area=50, rooms=2)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_analysed_is_said_so(flat: Property, kind: str, language: str) -> None:
    report = made(flat, kind, language)
    content = content_of(report)
    text = text_of(content)
    assert ("Pas de données" if language == "fr" else "No data") in text
    assert "12 rue des Essais" in text and f"/ {report.pages}" in text
    assert content.startswith(b"%PDF-1.7") and len(content) == report.size and len(content) < 200_000
    with pypdfium2.PdfDocument(content) as document:
        assert document.get_metadata_value("Title").endswith("12 rue des Essais")
        assert document.is_tagged()


def test_figures_are_those_of_the_api(flat: Property, owner_api: APIClient) -> None:
    DVFStreet.objects.create(
        code_postal="83000", code_commune="83137", code_departement="83", code_voie="0001",
        nom_voie="RUE DES ESSAIS", street_key="RUE ESSAIS", sales_count=1, longitude=5.93, latitude=43.12,
    )  # fmt: skip
    market(DVFImportFactory())
    paper = add_paper(flat)
    base = f"/api/properties/{flat.pk}"
    price = owner_api.get(f"{base}/price-analysis/full/").json()
    asked = {"signing_date": "2024-06-01", "rate_pct": "3.5", "years": "20"}
    costs = owner_api.get(f"{base}/costs/", asked).json()
    summary = owner_api.get(f"/api/documents/synthesis/{flat.pk}/", {"signing_date": "2024-06-01"}).json()

    content = content_of(made(flat, **asked))
    text = text_of(content)
    assert price["estimated_value"] and summary["total_annual_cost"]
    shown = [price["estimated_value"], price["price_per_sqm"], *price["interval_80"], *price["interval_95"]]
    shown += [sale["contribution_eur"] for sale in price["exact_match_sales"]]
    heaviest = sorted(price["comparable_sales"], key=lambda sale: -abs(sale["weight"]))[:10]
    shown += [sale["adjusted_price_m2"] for sale in heaviest]
    missing = [value for value in shown if french(abs(value)) not in text]
    assert not missing
    cents = [line["amount"] for line in costs["buying"]["lines"]]
    cents += [costs["buying"]["total"], costs["borrowing"]["monthly"], summary["total_annual_cost"]]
    cents += [line["amount"] for line in summary["annual"]["lines"]]
    assert not [value for value in cents if french(value, 2) not in text]
    assert not [risk["sentence"] for risk in summary["risks"] if risk["sentence"] not in text]
    for paper_wanted in summary["missing"]:
        assert paper_wanted["name"].replace("’", "'") in text
    # Each figure that comes from the paper has its clipping, and says where it was read.
    places = {
        (found["document_id"], found["path"])
        for line in summary["annual"]["lines"]
        for found in line["findings"]
    }
    assert places and pictures_of(content) >= len(places)
    assert text.count(f"{paper.filename}, page 1") >= len(places)
    assert "01/06/2024" in text


HOSTILE = (
    '12 rue de l’Œuvre «\u00a0Élysée\u00a0» "x" #eval("1") $x^2$ *gras* <script>alert(1)</script> @ref 🏠 漢'
)


def test_hostile_names_are_text(flat: Property, owner_api: APIClient) -> None:
    flat.address, flat.city = HOSTILE, 'Villeneuve-d\'Œuf `code` \\ #import "/etc/passwd"'
    flat.save()
    add_paper(flat, name=f"{'long' * 50}_#[x]_œ.pdf")
    report = made(flat)
    text = text_of(content_of(report))
    assert HOSTILE.replace("’", "'").replace("\u00a0", " ").replace("漢", "□") in text
    assert 'Villeneuve-d\'Œuf `code` \\ #import "/etc/passwd"' in text
    assert "long" * 50 in text.replace(" ", "")
    answer = owner_api.get(f"/api/properties/{flat.pk}/report/{report.uuid}/file/")
    disposition = answer["Content-Disposition"]
    assert (
        disposition.startswith("attachment; filename*=utf-8''Rapport%20complet")
        and "%C5%92uvre" in disposition
    )
    assert all(character not in disposition for character in '\r\n<>/"')
    assert answer["X-Content-Type-Options"] == "nosniff" and answer["Cache-Control"] == "private, no-store"
    assert answer.getvalue() == content_of(report)


def test_a_correction_and_a_value_off_its_page_are_told_apart(flat: Property, owner_api: APIClient) -> None:
    paper = add_paper(flat)
    assert paper.analysis_result is not None
    finding = next(f for f in paper.analysis_result["findings"] if f["path"] == "total_amount")
    url = f"/api/documents/{paper.pk}/findings/{finding['id']}/"
    assert owner_api.patch(url, {"value": 170.25, "reason": "…"}).status_code == 200
    paper.refresh_from_db()
    result = paper.analysis_result
    doubtful = next(f for f in result["findings"] if f["path"] == "due_date")
    doubtful |= {"grounded": False, "method": "model"}
    paper.save(update_fields=["analysis_result"])
    text = text_of(content_of(made(flat, "synthesis", "en")))
    assert "Not found on its page: in no total" in text
    assert "1 Apr 2024" in text


def test_long_dossiers_stay_within_their_bounds(flat: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    add_paper(flat)
    monkeypatch.setattr("reports.clippings.MOST", 1)
    content = content_of(made(flat, "synthesis"))
    assert pictures_of(content) == 1
    assert "Extrait omis pour que le fichier reste léger" in text_of(content)


@pytest.mark.parametrize("kind", ["full", "synthesis"])
def test_no_page_but_the_last_is_left_half_empty(flat: Property, kind: str) -> None:
    add_paper(flat)
    with pypdfium2.PdfDocument(content_of(made(flat, kind))) as document:
        pages = [np.asarray(page.render(scale=0.5, grayscale=True).to_pil()) for page in document]
    lowest = [np.flatnonzero((page[: int(page.shape[0] * 0.93)] < 200).any(axis=1)).max() for page in pages]
    assert len(pages) > 2
    assert all(row / page.shape[0] > 0.6 for row, page in zip(lowest[:-1], pages, strict=False)), lowest


def test_english_speaks_english(flat: Property) -> None:
    add_paper(flat)
    text = text_of(content_of(made(flat, "synthesis", "en")))
    assert "article to be confirmed" in text and "à confirmer" not in text
    assert not re.search(r"\d\d/\d\d/\d{4}", text)

"""The quality report: figures that can be checked by hand, each with its n, on one page without outside
assets.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from config import quality_figures as figures
from documents.models import Analysis, Correction, Document, Finding
from documents.tests.papers import call_for_funds
from dvf.models import DVFImport
from dvf.tests.factories import DVFImportFactory
from dvf.valuation_models import ValuationBacktest, ValuationMeasure
from properties.tests.factories import PropertyFactory


def backtest(department: str, n: int, error: float, coverage: float) -> None:
    own = {"n": n, "mdape": error, "coverage_50": 50.0, "coverage_80": coverage, "coverage_95": 95.0}
    strata = [
        {"stratum": name, "methods": {"model": own}} for name in ("all", "area 83000", "surface 80–inf m²")
    ]
    release = DVFImport.objects.first() or DVFImportFactory(
        status="served", finished_at=timezone.now(), release_label="<essai>", total_sales=12345
    )
    ValuationBacktest.objects.create(
        code_departement=department, type_principal="Appartement", release=release, sales_count=5 * n,
        seconds=1, split_date=date(2024, 1, 1), tested=n, mdape=error, reference_mdape=20,
        neighbours_mdape=15, median_ratio=1.01, coverage_80=coverage, abstained_percent=2,
        report={"strata": strata},
    )  # fmt: skip


def read_document(owner: User) -> None:
    document = Document.objects.create(
        property=PropertyFactory(user=owner), filename="a.pdf", original_filename="a.pdf",
        content_type="application/pdf", size=1, file_hash="0" * 64, storage_key="k", storage_bucket="b",
        status="analyzed", document_type="charges",
    )  # fmt: skip
    run = Analysis.objects.create(
        document=document, engine="rules", version="1", inputs_hash="", document_type="charges",
        durations={"reading": 1.5, "images": 0.25, "extraction": 0.25},
    )  # fmt: skip
    for n in range(8):
        Finding.objects.create(
            analysis=run, path=f"p{n}", value=n, page=1, quote="x", method="rule", confidence=1,
            grounded=n != 0,
        )  # fmt: skip
    for n, verdict in enumerate(["accepted", "accepted", "accepted", "corrected"]):
        Correction.objects.create(document=document, path=f"p{n}", value=9, read_value=n, verdict=verdict)


def test_the_page(owner: User, tmp_path: Path) -> None:
    backtest("83", 300, 10.0, 80.0)
    backtest("75", 100, 14.0, 60.0)
    read_document(owner)
    out = {}
    for language in ("fr", "en"):
        path = tmp_path / f"{language}.html"
        call_command("quality_report", out=path, lang=language, verbosity=0)
        out[language] = re.sub(r"\s+", " ", path.read_text().replace("\u202f", " ").replace("\xa0", " "))
    french, english = out["fr"], out["en"]
    # 400 sales: (300 × 10 + 100 × 14) / 400 = 11; coverage (300 × 80 + 100 × 60) / 400 = 75.
    assert "<b>11,0 %</b>" in french and "<b>11.0 %</b>" in english
    assert "<b>75,0 %</b>" in french
    assert "n = 400" in french and "n = 100" in french
    assert "12 345 servies" in french and "12,345" in english
    assert "75,0 %" in french  # 3 accepted of 4 judged
    assert "12,50 %" in french  # 1 changed of 8 read
    assert "2,00 s" in french  # 1.5 + 0.25 + 0.25
    assert "80 m² et plus" in french and "83000" not in french
    assert "&lt;essai&gt;" in french and "<essai>" not in french
    assert '<html lang="fr"' in french and '<html lang="en"' in english
    assert "Lecture des documents" not in english and "Reading" in english
    for page in out.values():
        assert not re.search(
            r"<script|<link|src=|href=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)", page
        )
        assert page.count("<svg") == page.count("</svg>") >= 4


def test_releases_side_by_side(db: None) -> None:
    """The change is of the areas that both releases have: a new area that is hard is no drift."""
    old, new = (DVFImportFactory(status=s, release_label=s) for s in ("superseded", "served"))
    for release, department, n, error in (
        (old, "83", 300, 10.0), (old, "75", 100, 14.0), (new, "83", 200, 11.0), (new, "75", 200, 14.0),
        (new, "13", 600, 30.0),
    ):  # fmt: skip
        ValuationMeasure.objects.create(
            code_departement=department, type_principal="Maison", release=release, sales_count=n,
            seconds=1, split_date=date(2024, 1, 1), tested=n, mdape=error, reference_mdape=20,
            neighbours_mdape=15, median_ratio=1.0, coverage_80=80, abstained_percent=2,
        )  # fmt: skip
    latest, first = figures.history()
    assert (first.release, first.areas, first.n, first.error) == ("superseded", 2, 400, 11.0)
    assert (first.change, first.common) == (None, 0)
    assert (latest.release, latest.areas, latest.n, latest.error) == ("served", 3, 1000, 23.0)
    assert (latest.change, latest.common) == (0.5, 400)


def test_nothing_is_said_as_nothing(db: None, tmp_path: Path) -> None:
    call_command("quality_report", out=tmp_path / "empty.html", verbosity=0)
    page = (tmp_path / "empty.html").read_text()
    assert page.count('class="none"') == 3 and "<svg" not in page
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("quality_report", out=tmp_path / "nowhere" / "a.html")
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("quality_report", out=tmp_path / "a.html", truth=tmp_path / "nowhere")


def test_scores_against_truth(tmp_path: Path) -> None:
    """One value right, one wrong, one missed, one text that does not count."""
    for name in ("pdf", "truth"):
        (tmp_path / name).mkdir()
    (tmp_path / "pdf" / "one.pdf").write_bytes(call_for_funds())
    (tmp_path / "pdf" / "unknown.pdf").write_bytes(b"not told of")
    found = figures._read(tmp_path / "pdf" / "one.pdf")[1]
    assert found["total_amount"] == 168.75
    told = {"document_type": "charges", "facts": {**found, "total_amount": 999.0, "missed": [1, 1]}}
    (tmp_path / "truth" / "one.json").write_text(json.dumps(told))
    [score] = figures.scores(tmp_path / "truth", tmp_path / "pdf")
    assert (score.documents, score.recognised) == (1, 1)
    assert (score.true - score.right, score.found - score.right) == (3, 1)
    values = list(figures._values({"a": "two words", "b": ["x", True], "c": None, "d": 2}))
    assert values == [(".b[]", "x"), (".b[]", "True"), (".d", "2.00")]


def test_only_the_period_counts(owner: User) -> None:
    read_document(owner)
    assert figures.readings(timezone.now() + timedelta(days=1)) == []
    assert figures.speeds(timezone.now() + timedelta(days=1)) == []

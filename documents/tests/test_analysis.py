"""From the file to facts: each with a place on the page that shows its words."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from config.tests.shared import SHARED, needs_shared
from documents.analysis import analyse_document, as_json, dumps
from documents.extraction.grounding import is_grounded
from documents.reading import Document, ReadingError, read_document
from documents.tests.papers import call_for_funds

SAMPLES = sorted((SHARED / "samples" / "documents" / "pdf").glob("*.pdf")) if SHARED else []


def words_shown(document: Document, page_number: int, boxes: tuple[tuple[float, ...], ...]) -> Counter[str]:
    page = next(page for page in document.pages if page.number == page_number)
    return Counter(
        word.text
        for line in page.lines
        for word in line.words
        if any(
            b[0] <= (word.box[0] + word.box[2]) / 2 <= b[2]
            and b[1] <= (word.box[1] + word.box[3]) / 2 <= b[3]
            for b in boxes
        )
    )


def check(document: Document) -> int:
    _, reading = analyse_document(document)
    for finding in reading.findings:
        assert words_shown(document, finding.page, finding.boxes) == Counter(finding.quote.split()), finding
        assert is_grounded(finding), finding
        assert 0 < finding.confidence <= 1
    return len(reading.findings)


def test_boxes_show_the_words_of_the_quote(tmp_path: Path) -> None:
    path = tmp_path / "appel.pdf"
    path.write_bytes(call_for_funds())
    assert check(read_document(path)) >= 8


@needs_shared
@pytest.mark.parametrize("path", [p for p in SAMPLES if "scan" not in p.stem][::3], ids=lambda p: p.stem)
def test_boxes_of_samples(path: Path) -> None:
    assert check(read_document(path)) > 0


def test_command_writes_one_file_each_and_goes_on_after_a_bad_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / "appel.pdf").write_bytes(call_for_funds())
    (source / "vide.pdf").write_bytes(b"")
    (source / "notes.txt").write_text("rien")
    call_command("analyse_documents", str(source), "--out", str(out), "--processes", "1")
    assert sorted(p.name for p in out.iterdir()) == ["appel.json", "vide.json"]
    read = json.loads((out / "appel.json").read_text())
    assert read["document_type"] == "charges"
    assert read["facts"]["total_amount"] == 168.75
    assert {"path", "value", "page", "quote", "boxes", "confidence"} <= read["findings"][0].keys()
    assert json.loads((out / "vide.json").read_text())["error"]["code"] == "empty_file"
    printed = capsys.readouterr()
    assert "2 documents, 1 lus, 1 refusés" in printed.out
    assert "empty_file" in printed.err


def test_json_has_plain_numbers_and_days(tmp_path: Path) -> None:
    path = tmp_path / "appel.pdf"
    path.write_bytes(call_for_funds())
    _, reading = analyse_document(read_document(path))
    facts = as_json(reading)["facts"]
    assert facts["due_date"] == "2024-04-01"
    assert isinstance(facts["total_amount"], float)
    assert json.loads(dumps(reading)) == as_json(reading)


def test_errors_travel_between_processes() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(ReadingError("timeout", "page 3")))  # noqa: S301
    assert (error.code, error.detail, error.permanent) == ("timeout", "page 3", False)

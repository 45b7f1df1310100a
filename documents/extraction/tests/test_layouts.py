"""Whole papers in layouts of many offices, set with typst and read as files: every fact, and no other."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import typst

from documents.analysis import extract
from documents.classification import classify
from documents.extraction.flow import fold
from documents.reading import read_document

IN_WORDS = {
    "property_address",
    "category",
    "syndic",
    "topic",
    "description",
    "legal_proceedings",
}  # compared by their words, not letter by letter
KINDS = {"dg": "diags", "tf": "taxe_fonciere", "ch": "charges", "pv": "pv_ag", "ot": "other"}
LAYOUTS = sorted(p for p in (Path(__file__).parent / "layouts").glob("*.typ") if p.stem[:2] in KINDS)


def leaves(facts, path=""):
    if isinstance(facts, dict):
        for key, value in facts.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(facts, list):
        for index, value in enumerate(facts):
            label = value.get("type", index) if isinstance(value, dict) else index
            yield from leaves(value, f"{path}[{label}]")
    else:
        yield path, facts


def plain(value):
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def words(text):
    return {word.strip(".,()-") for word in fold(text).split()} - {""}


@pytest.mark.parametrize("source", LAYOUTS, ids=lambda path: path.stem)
def test_every_fact_of_a_layout(source, tmp_path):
    paper = tmp_path / "paper.pdf"
    typst.compile(source, output=paper)
    document = read_document(paper)
    told = classify(document.pages)
    assert told.document_type == KINDS[source.stem[:2]]
    reading = extract(document.pages, told.document_type, told.kind)
    truth = dict(leaves(json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))["facts"]))
    found = {path: plain(value) for path, value in leaves(reading.facts)}
    for path in [path for path in truth if path.rsplit(".", 1)[-1].split("[")[0] in IN_WORDS]:
        expected, got = words(truth.pop(path)), words(str(found.pop(path, "")))
        assert len(expected & got) * 2 >= 0.6 * (len(expected) + len(got)), path
    assert found == truth
    printed = "\n".join(page.text for page in document.pages)
    for finding in reading.findings:
        assert finding.boxes
        assert all(word in printed for word in finding.quote.split())

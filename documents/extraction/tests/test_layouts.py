"""Whole papers in layouts of many offices, set with typst and read as files: every fact, and no other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pikepdf
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


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    """The pages of each layout: all are bound into one file and read in one go, which saves processes."""
    folder = tmp_path_factory.mktemp("papers")
    bound, counts = pikepdf.new(), []
    for source in LAYOUTS:
        paper = folder / f"{source.stem}.pdf"
        typst.compile(source, output=paper)
        with pikepdf.open(paper) as pdf:
            bound.pages.extend(pdf.pages)
            counts.append(len(pdf.pages))
    bound.save(folder / "all.pdf")
    pages = iter(read_document(folder / "all.pdf").pages)
    return {
        source.stem: [replace(page, number=n) for n, page in enumerate(islice(pages, count), 1)]
        for source, count in zip(LAYOUTS, counts, strict=True)
    }


@pytest.mark.parametrize("source", LAYOUTS, ids=lambda path: path.stem)
def test_every_fact_of_a_layout(source, papers):
    pages = papers[source.stem]
    told = classify(pages)
    assert told.document_type == KINDS[source.stem[:2]]
    reading = extract(pages, told.document_type, told.kind)
    truth = dict(leaves(json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))["facts"]))
    found = {path: plain(value) for path, value in leaves(reading.facts)}
    for path in [path for path in truth if path.rsplit(".", 1)[-1].split("[")[0] in IN_WORDS]:
        expected, got = words(truth.pop(path)), words(str(found.pop(path, "")))
        assert len(expected & got) * 2 >= 0.6 * (len(expected) + len(got)), path
    assert found == truth
    for finding in reading.findings:
        assert finding.boxes
        printed = pages[finding.page - 1].text.split()
        assert all(word in printed for word in finding.quote.split())

"""No text makes a reader fail: any words give a reading, which quotes only what stands on its page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.analysis import extract
from documents.classification import classify
from documents.extraction.page import Line, Page, Word

TRADE = """
RÉSOLUTION N° 12 Pour Contre Abstention tantièmes adoptée rejetée article 25 25-1 assemblée générale
Budget prévisionnel Total Appel de fonds Charges générales Lot 1 234,56 € 10 000 12/03/2024 du au le
premier avril deux mille vingt-quatre DPE Classe énergie kWh/m².an Surface Carrez amiante plomb
anomalies gaz électricité Taxe foncière Cotisation Commune Base Taux Montant HT TTC Solde quote-part
copropriété syndic travaux fonds exercice période échéance diagnostic absence présence : - | / n° %
"""
WORDS = st.one_of(
    st.sampled_from(TRADE.split()),
    st.from_regex(r"[0-9]{1,7}([.,][0-9]{1,3})?", fullmatch=True),
    st.text(min_size=1, max_size=12).filter(lambda s: not s.isspace()),
)


@st.composite
def pages(draw: st.DrawFn) -> tuple[Page, ...]:
    made = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        lines = []
        for row in range(draw(st.integers(0, 12))):
            words = []
            x = draw(st.floats(0, 0.5))
            for text in draw(st.lists(WORDS, min_size=1, max_size=8)):
                end = x + 0.01 * min(len(text), 12)
                words.append(Word(text, (x, row / 15, end, row / 15 + 0.02)))
                x = end + draw(st.sampled_from([0.005, 0.02, 0.1]))
            lines.append(Line(tuple(words)))
        made.append(Page(number, tuple(lines)))
    return tuple(made)


@pytest.mark.parametrize("kind", ["pv_ag", "diags", "taxe_fonciere", "charges", "other"])
@settings(max_examples=60)
@given(drawn=pages())
def test_any_words_give_a_reading(kind: str, drawn: tuple[Page, ...]) -> None:
    found = classify(drawn)
    reading = extract(drawn, kind, found.kind if kind == "other" else None)
    assert reading.document_type == kind
    printed = {page.number: "".join(page.text.split()) for page in drawn}
    for finding in reading.findings:
        assert finding.page in printed
        if finding.grounded:
            assert all("".join(part.split()) in printed[finding.page] for part in finding.quote.split()), (
                finding
            )

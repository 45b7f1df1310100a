"""Running text with rows, cells and evidence."""

import pytest

from documents.extraction.draft import Draft
from documents.extraction.flow import Flow, Span, fold
from documents.extraction.page import Line, Page, Word
from documents.extraction.tests.paper import flow_of
from documents.extraction.tests.sheets import sheet


@pytest.mark.parametrize(
    ("printed", "folded"),
    [
        ("Étiquette", "etiquette"),
        ("m²", "m2"),
        ("l’état", "l'etat"),
        ("CO₂", "co2"),
        ("œuvre", "oeuvre"),
        ("–", "-"),
    ],
)
def test_fold_gives_one_spelling(printed, folded):
    assert fold(printed) == folded


def test_rows_and_cells_are_parted():
    flow = Flow([sheet("Commune | 1 837\nTotal | 12")])
    assert flow.text == "commune\t1 837\ntotal\t12\n"
    assert [len(row.cells) for row in flow.rows] == [2, 2]


def test_a_ruled_cell_of_several_lines_is_one_cell():
    def word(text, x, y):
        return Word(text, (x, y, x + 0.05, y + 0.01))

    lines = (
        Line((word("Amiante", 0.1, 0.1),), cell=(0, 0)),
        Line((word("il", 0.4, 0.1), word("a", 0.46, 0.1)), cell=(0, 1)),
        Line((word("été", 0.4, 0.12),), cell=(0, 1)),
    )
    flow = Flow([Page(1, lines)])
    assert flow.text == "amiante\til a ete\n"


def test_a_quote_is_what_was_printed_with_one_box_a_line():
    flow = Flow([sheet("Il n’a pas\nété repéré")])
    match = flow.search(r"pas\s+ete")
    assert match
    finding = flow.finding("x", True, Span(*match.span()), "rule", 0.9)
    assert finding.quote == "pas été"
    assert len(finding.boxes) == 2
    assert finding.method == "text"


def test_a_finding_tells_that_ocr_read_it():
    flow = Flow([sheet("Total 12,00", source="ocr")])
    finding = flow.finding("x", 12, Span(0, 5), "rule", 0.9)
    assert finding.method == "ocr"


def test_signs_without_letters_part_cells_but_are_no_words():
    word = [
        Word(text, (0.1 * i, 0.1, 0.1 * i + 0.05, 0.11)) for i, text in enumerate(("Base", "|", "2412"), 1)
    ]
    flow = Flow([Page(1, (Line(tuple(word)),))])
    assert flow.text == "base\t2412\n"


def test_no_pages_give_no_text():
    flow = Flow([])
    assert (flow.text, flow.rows) == ("", ())


def test_a_draft_writes_lists_and_keeps_the_first_statement():
    flow = Flow([sheet("un deux")])
    draft = Draft("charges", flow)
    draft.put("breakdown[1].amount", 2, Span(0, 2), "r")
    draft.put("breakdown[1].amount", 3, Span(0, 2), "r")
    draft.put("lot_numbers[0]", "14", Span(0, 2), "r")
    reading = draft.reading()
    assert reading.facts == {"breakdown": [{}, {"amount": 2}], "lot_numbers": ["14"]}
    assert len(reading.findings) == 2


@pytest.mark.parametrize(("source", "text"), [("ocr", "2 104,00\n"), ("text", "2\t104,00\n")])
def test_ocr_parts_thousands_more_widely(source, text):
    words = (Word("2", (0.5, 0.1, 0.51, 0.11)), Word("104,00", (0.519, 0.1, 0.57, 0.11)))
    assert Flow([Page(1, (Line(words),), source)]).text == text


def test_two_numbers_in_ocr_stay_two():
    words = (Word("183", (0.5, 0.1, 0.51, 0.11)), Word("5", (0.525, 0.1, 0.53, 0.11)))
    assert Flow([Page(1, (Line(words),), "ocr")]).text == "183\t5\n"


def test_ocr_of_square_metres():
    assert Flow([sheet("38,90 m° et 12 m3", source="ocr")]).text == "38,90 m2 et 12 m3\n"
    assert Flow([sheet("12 m° rue", source="text")]).text == "12 m° rue\n"


def _line(text, top, left=0.1, right=0.9):
    """Words spread evenly from margin to margin."""
    words = text.split()
    blank = (right - left - 0.01 * sum(len(w) for w in words)) / max(len(words) - 1, 1)
    placed, x = [], left
    for word in words:
        placed.append(Word(word, (x, top, x + 0.01 * len(word), top + 0.012)))
        x += 0.01 * len(word) + blank
    return Line(tuple(placed))


def test_prose_set_to_both_margins_has_no_cells():
    wide = "cette décision mise aux voix dans les conditions de 1 articles est adoptée par 6 102 voix"
    assert Flow([Page(1, (_line(wide, 0.1),))]).text == fold(wide) + "\n"
    # a row of heads is as even, but much wider apart
    heads = Line(tuple(Word(w, (i * 0.12, 0.1, i * 0.12 + 0.04, 0.112)) for i, w in enumerate("abcdefgh")))
    assert Flow([Page(1, (heads,))]).text.count("\t") == 7


def test_votes_in_a_narrow_column_are_whole_numbers():
    column = [_line("quelques mots qui vont jusqu'à la marge", 0.1 + 0.02 * i, 0.1, 0.6) for i in range(3)]
    votes = _line("25. pour 7 011 - contre 193 - abst. 0.", 0.2, 0.1, 0.6)
    assert "pour 7 011 - contre 193" in Flow([Page(1, (*column, votes))]).text
    sums = Line(
        tuple(Word(w, (x, 0.2, x + 0.04, 0.212)) for w, x in (("12", 0.1), ("350", 0.33), ("400", 0.56)))
    )
    assert "12\t350\t400" in Flow([Page(1, (*column, sums))]).text


def test_a_number_broken_by_the_end_of_a_line():
    column = [_line("quelques mots qui vont jusqu'à la marge", 0.1 + 0.02 * i, 0.1, 0.6) for i in range(3)]
    last = _line("674.", 0.22, 0.1, 0.14)
    broken = (*column, _line("les voix de ceux qui votent en abstention : 3", 0.2, 0.1, 0.6), last)
    assert "abstention : 3 674." in Flow([Page(1, broken)]).text
    # room was left on the line: the next one opens with a number of its own
    short = (*column, _line("abstention : 3", 0.2, 0.1, 0.24), last)
    assert "abstention : 3\n674." in Flow([Page(1, short)]).text


def test_sums_with_cents_never_share_a_cell() -> None:
    assert flow_of("Gaz\t1.190,72 1.190,72").rows[0].text == "gaz\t1.190,72\t1.190,72"
    assert flow_of("Lots\t12 500 37").rows[0].text == "lots\t12 500 37"

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.tests.shared import needs_shared, shared
from documents.llm.masking import Mask
from documents.reading import read_document


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Élue présidente : Mme Solange BEAURIVIER.", ["Solange", "BEAURIVIER"]),
        ("M. et Mme BELANARPIN (277), SCI VAUDOSSARD (185)", ["BELANARPIN", "VAUDOSSARD"]),
        ("Contre : Mme Hermine\nVALCROZET (12)\nVALCROZET 12 / 1000 Présent", ["Hermine", "VALCROZET"]),
        ("Mme CHARVE-\nLONG (31)", ["CHARVE", "LONG"]),
        ("Monsieur Jean de La Tour d’Aiguille est absent", ["Jean", "Tour", "Aiguille"]),
        ("DURANDEAU Philippe et Marie-Claire Fauvelin", ["DURANDEAU", "Philippe", "Fauvelin"]),
        ("Maître Agathange MORELLIÈRE, étude Morellière", ["MORELLIÈRE", "Morellière"]),
        ("Écrire à jean.dupont+syndic@exemple.fr", ["jean.dupont", "exemple.fr"]),
        ("Tél. 06 12 34 56 78 ou +33 (0)4 94 00 11 22 ou 0494001122", ["12 34 56", "00 11 22", "0494001122"]),
        ("IBAN FR76 3000 4000 0312 3456 7890 143", ["3000 4000", "7890"]),
        ("Numéro fiscal : 12 34 567 890 123", ["567 890"]),
    ],
)
def test_what_leads_to_people_is_taken_out_and_comes_back(text: str, hidden: list[str]) -> None:
    mask = Mask([text])
    masked = mask.hide(text)
    assert not [word for word in hidden if word in masked], masked
    assert mask.show(masked) == text


@pytest.mark.parametrize(
    "text",
    [
        "Budget prévisionnel du 01/01/2024 au 31/12/2024 : 48 250,00 €",
        "Ravalement de façade, devis Façades du Midi, 84 000,00 € TTC",
        "Lot n° 12, 125 / 10 000 tantièmes généraux, RÉSOLUTION N° 7 ADOPTÉE",
        "N° ADEME 2383E1234567A, classe D, 212 kWh/m²/an",
    ],
)
def test_facts_are_left_as_they_are(text: str) -> None:
    assert Mask([text]).hide(text) == text


def test_a_surname_once_known_is_hidden_on_every_page() -> None:
    mask = Mask(["Présidente : Mme BEAURIVIER", "BEAURIVIER 125 / 10 000 présente"])
    assert "BEAURIVIER" not in mask.hide("BEAURIVIER 125 / 10 000 présente")
    assert mask.show("[PERSONNE_99]") == "[PERSONNE_99]"  # never given


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_comes_back_letter_by_letter(text: str) -> None:
    mask = Mask([text])
    if "[" not in text:
        assert mask.show(mask.hide(text)) == text


@needs_shared
def test_the_names_of_real_minutes() -> None:
    pages = read_document(shared("samples/documents/pdf/pv06_ago_2022_le_belvedere_protege.pdf")).pages
    mask = Mask([page.text for page in pages])
    sent = "\n".join(mask.hide(page.text) for page in pages)
    for name in ("LANDREVIEUX", "VALCROZET", "POULARDIN", "BELANOUZEL", "MESLOVIER", "DESGOUTEL", "CLAVARET"):
        assert name not in sent
    assert "46 860,00 Euros T.T.C." in sent and "TERRATOIT" in sent

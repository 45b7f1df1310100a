"""What the tests of minutes read."""

# ruff: noqa: E501  # printed lines are kept whole
from typing import Any

from documents.extraction import pv_ag
from documents.extraction.page import Reading
from documents.extraction.tests.paper import page_of

HEAD = """Procès-verbal de l'assemblée générale ordinaire du 18 juin 2024
Présents et représentés : 32 copropriétaires totalisant 6 902 / 10 000 tantièmes
"""


VOTED = "Pour : 6 902 tantièmes. Contre : 0. Abstention : 0."


def read(text: str) -> Reading:
    return pv_ag.extract([page_of(text)])


def resolution(text: str, number: str = "5") -> dict[str, Any]:
    """Facts of resolution 5 with `text` after its number, between two neighbours."""
    body = (
        f"{HEAD}Résolution n° 4 – Quitus\nArticle 24\n{VOTED}\nLa résolution est adoptée.\n"
        f"Résolution n° 5 – {text}\n"
        f"Résolution n° 6 – Nettoyage des caves\nArticle 24\n{VOTED}\nLa résolution est adoptée.\nLa séance est levée."
    )
    found = read(body).facts["resolutions"]
    assert isinstance(found, list)
    return next(item for item in found if item["number"] == number)

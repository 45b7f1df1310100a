"""What the tests of diagnostics read."""

# one rule, one line: patterns are read across
from typing import Any

from documents.extraction.diags import extract
from documents.extraction.tests.sheets import sheet

ELECTRICITY = "# État de l'installation intérieure d'électricité\n"


GAS = "# État de l'installation intérieure de gaz\n"


LEAD = "# Constat de risque d'exposition au plomb\n"


ASBESTOS = "# Constat de repérage amiante\n"


TERMITES = "# État relatif à la présence de termites dans le bâtiment\n"


RISKS = "# État des risques\n"


NOISE = "# État des nuisances sonores aériennes\n"


SEWAGE = "# Contrôle de l'assainissement\n"


DPE = "# Diagnostic de performance énergétique (logement)\n"


def read(*texts):
    facts: dict[str, Any] = extract([sheet(text, number) for number, text in enumerate(texts, 1)]).facts
    return {
        one["type"]: {k: v for k, v in one.items() if k != "type"} for one in facts.get("diagnostics", [])
    }


def one(text):
    (facts,) = read(text).values()
    return facts

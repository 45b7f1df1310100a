"""Small papers made by the tests, with typst: invented offices, invented figures."""

from __future__ import annotations

from functools import cache

import typst
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import jobs
from documents.models import Document
from documents.uploads import receive
from properties.models import Property

CALL = """
#set page(margin: 2cm)
#set text(font: "Libertinus Serif", lang: "fr")
*Cabinet des Essais, syndic de copropriété*

Copropriété Les Exemples, 3 rue des Essais, 83000 Toulon

= Appel de fonds – 2e trimestre 2024

Période du 01/04/2024 au 30/06/2024 — lot n° 12

#table(columns: 4,
  [Nature], [Total copropriété], [Tantièmes], [Votre quote-part],
  [Charges générales], [12 500,00 €], [125 / 10 000], [156,25 €],
  [Fonds de travaux ALUR], [1 000,00 €], [125 / 10 000], [12,50 €],
  [*Total de l'appel*], [], [], [*{total} €*],
)

Montant exigible le 1er avril 2024.
"""


@cache
def call_for_funds(total: str = "168,75") -> bytes:
    """One page: a quarterly call whose printed total is `total` euros."""
    return typst.compile(CALL.replace("{total}", total).encode(), format="pdf")


def read_call(flat: Property, total: str = "168,75", name: str = "appel.pdf") -> Document:
    """A call for funds, received from its owner and read by the job."""
    file = SimpleUploadedFile(name, call_for_funds(total), "application/pdf")
    _batch, (outcome,) = receive([file], flat, flat.user)
    assert outcome.document is not None
    jobs.run(outcome.document.pk)
    return Document.objects.get(pk=outcome.document.pk)

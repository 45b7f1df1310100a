"""A letter of a syndic, and its reading in tests."""

from __future__ import annotations

from pathlib import Path

from documents.reading import Document

LETTER = """
#set page(width: 210mm, height: 148mm, margin: 2cm)
#set text(size: 11pt, lang: "fr")
*Cabinet des Essais*, syndic de copropriété – 3 rue des Essais, 83000 Toulon

= Appel de fonds du deuxième trimestre

Le montant de la provision appelée pour votre lot est de 1 234,56 € et la cotisation au fonds de travaux est
de 78,90 €. Ce montant est exigible le 1er avril 2024 par virement sur le compte du syndicat. Les charges de
l'immeuble sont réparties selon les tantièmes de chaque lot, comme le prévoit le règlement de copropriété.

Nous vous prions d'agréer, Madame, Monsieur, l'expression de nos salutations distinguées. Le gestionnaire de
l'immeuble se tient à votre disposition pour toute question sur le présent appel.
"""


def put(folder: Path, data: bytes, name: str = "papier.pdf") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def text(document: Document) -> str:
    return "\n".join(page.text for page in document.pages)

"""What the back-office shows of an import beside its fields: files, counts, rejected lines, changes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dvf.coverage import attribution
from dvf.drawings import grouped
from dvf.models import DVFImport, ExclusionReason

SHOWN_REJECTED = 500

WORDS = {
    "no_dwelling": _("Sans logement"),
    "no_id": _("Sans identifiant"),
    "bad_date": _("Date illisible"),
    "future_date": _("Date à venir"),
    "bad_price": _("Prix illisible"),
    "bad_commune": _("Commune illisible"),
    "bad_type": _("Type de local inconnu"),
    "bad_number": _("Nombre illisible"),
    "zeros": _("Zéros de tête"),
    "decimal_comma": _("Virgule décimale"),
    "french_date": _("Date à la française"),
    "commune_from_parcel": _("Commune lue dans la parcelle"),
    "parcel_lost": _("Parcelle perdue"),
    "examine": _("Examen des fichiers"),
    "read": _("Lecture"),
    "normalise": _("Reconstitution des ventes"),
    "join": _("Jonction aux ventes servies"),
    "index": _("Index et statistiques"),
    "swap": _("Bascule"),
    "compare": _("Comparaison au millésime précédent"),
    "name": _("nom"),
    "rows": _("lignes"),
    "size": _("octets"),
    "format": _("format"),
    "sha256": _("empreinte SHA-256"),
}
"""Words for the codes that an import records; others are shown as they are."""


def panels(run: DVFImport) -> dict[str, Any]:
    """The context of `admin/dvf/dvfimport/panels.html`."""
    labels = dict(ExclusionReason.choices)
    return {
        "run": run,
        "files": [_described(file) for file in run.files[:200]],
        "counts": [
            (_("Mutations laissées"), _named(run.left_out)),
            (
                _("Ventes écartées des médianes"),
                [(labels.get(code, code), grouped(n)) for code, n in sorted(run.flagged.items())],
            ),
            (_("Lignes rejetées"), _named(run.rejected)),
            (_("Valeurs restaurées"), _named(run.restored)),
            (_("Durées (s)"), _named(run.durations)),
        ],
        "rejected_lines": [
            {**line, "reason": WORDS.get(line["reason"], line["reason"])}
            for line in run.rejected_lines[:SHOWN_REJECTED]
        ],
        "more_rejected": max(0, run.rejected_count - len(run.rejected_lines[:SHOWN_REJECTED])),
        "changes": sorted(run.changes.items()),
        "attribution": attribution(run),
    }


def _named(counts: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(WORDS.get(code, code), grouped(count)) for code, count in sorted(counts.items())]


def _described(file: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The parts of a file's description, its name first."""
    return [
        (WORDS.get(key, key), grouped(file[key]) if isinstance(file[key], int) else file[key])
        for key in sorted(file, key=lambda key: (key != "name", key))
    ]

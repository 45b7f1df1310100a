"""Why an import changes nothing, in words for people: also where the machine or the database fails it."""

from __future__ import annotations

from typing import Any

import django.db
import duckdb
import psycopg
from django.conf import settings
from django.utils.translation import gettext_noop

from dvf.import_errors import told
from dvf.importing.normalise import MixedReleases
from dvf.importing.reading import UnreadableFile
from dvf.importing.swap import SwapTimeout


class ImportRefused(Exception):
    """Nothing was changed. ``code`` is stable; ``text``, with ``parameters``, is a sentence for people, told
    in the reader's language.
    """

    def __init__(self, code: str, text: str, **parameters: int | str) -> None:
        super().__init__(code)
        self.code, self.text, self.parameters = code, text, parameters

    def __str__(self) -> str:
        return told(self.text, self.parameters)


def kept(error: BaseException) -> tuple[str, str, dict[str, Any]]:
    """What to keep of an error that ends an import: stable code, sentence in French, its parameters."""
    if isinstance(error, UnreadableFile):
        return error.code, error.text, {"file": error.name, **error.parameters}
    refused = error if isinstance(error, ImportRefused) else refusal(error)
    if refused is None:
        return "unexpected", "%(cause)s", {"cause": (str(error) or type(error).__name__)[:2000]}
    return refused.code, refused.text, refused.parameters


def refusal(error: BaseException) -> ImportRefused | None:
    """The refusal that an error amounts to: codes mixed_releases, memory, work_folder,
    database_full, database_unavailable, tables_held, interrupted. None: not of these, a fault of ours.
    """
    cause = str(error).partition("\n")[0][:300]
    if cause == "Query interrupted":  # Ctrl-C as the engine tells it, by a RuntimeError
        error = KeyboardInterrupt()
    elif isinstance(error, duckdb.Error) and "Could not write" in cause:  # also as a commit that failed
        error = duckdb.IOException(cause)
    match error:
        case KeyboardInterrupt():
            return ImportRefused("interrupted", gettext_noop("Interrompu avant la fin."))
        case MixedReleases():
            message = gettext_noop(
                "Le même id_mutation désigne des ventes différentes dans deux fichiers (%(cause)s) : "
                "ils viennent de deux millésimes, qui ne peuvent être mêlés."
            )
            return ImportRefused("mixed_releases", message, cause=cause)
        case duckdb.OutOfMemoryException():
            message = gettext_noop(
                "La mémoire donnée à l'import (DVF_IMPORT_MEMORY_MB, %(memory)d Mo) ou la place dans son "
                "dossier (DVF_WORK_DIR) ne suffit pas : %(cause)s"
            )
            return ImportRefused("memory", message, memory=settings.DVF_IMPORT_MEMORY_MB, cause=cause)
        case duckdb.IOException() | OSError():
            message = gettext_noop(
                "Le dossier de l'import (DVF_WORK_DIR) ne peut être écrit : faites-y de la place, ou "
                "donnez-en un autre. %(cause)s"
            )
            return ImportRefused("work_folder", message, cause=cause)
        case psycopg.errors.DiskFull():
            message = gettext_noop(
                "PostgreSQL n'a plus de place : il en faut pour les ventes servies et, à côté, pour les "
                "nouvelles. %(cause)s"
            )
            return ImportRefused("database_full", message, cause=cause)
        case psycopg.OperationalError() | django.db.OperationalError():
            message = gettext_noop("La base de données ne répond pas ou plus : %(cause)s")
            return ImportRefused("database_unavailable", message, cause=cause)
        case SwapTimeout():
            message = gettext_noop(
                "Des lectures trop longues retiennent les tables servies ; recommencez plus tard."
            )
            return ImportRefused("tables_held", message)
    return None

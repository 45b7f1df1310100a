"""The official headers of DVF files, and which of them a file has.

Four formats are met: geo-DVF (Etalab, 39 or 40 columns), the export of the public application
(``section_prefixe`` added), either of them saved again by a spreadsheet, and the raw files of the DGFiP (43
columns, ``|``). Columns are found by name, never by position. Sources: https://www.data.gouv.fr (geo-DVF),
and the notice of the DGFiP for the raw files.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass

LOTS = range(1, 6)

GEO_COLUMNS = (
    "id_mutation",
    "date_mutation",
    "numero_disposition",
    "nature_mutation",
    "valeur_fonciere",
    "adresse_numero",
    "adresse_suffixe",
    "adresse_nom_voie",
    "adresse_code_voie",
    "code_postal",
    "code_commune",
    "nom_commune",
    "code_departement",
    "ancien_code_commune",
    "ancien_nom_commune",
    "id_parcelle",
    "ancien_id_parcelle",
    "numero_volume",
    "lot1_numero",
    "lot1_surface_carrez",
    "lot2_numero",
    "lot2_surface_carrez",
    "lot3_numero",
    "lot3_surface_carrez",
    "lot4_numero",
    "lot4_surface_carrez",
    "lot5_numero",
    "lot5_surface_carrez",
    "nombre_lots",
    "code_type_local",
    "type_local",
    "surface_reelle_bati",
    "nombre_pieces_principales",
    "code_nature_culture",
    "nature_culture",
    "code_nature_culture_speciale",
    "nature_culture_speciale",
    "surface_terrain",
    "longitude",
    "latitude",
)

DISPENSABLE = frozenset(
    [
        "adresse_code_voie",
        "code_departement",
        "ancien_code_commune",
        "ancien_nom_commune",
        "ancien_id_parcelle",
        "numero_volume",
        "code_type_local",
        "nature_culture",
        "code_nature_culture_speciale",
        "nature_culture_speciale",
    ]
)
"""Columns of which the reading rules need nothing that another column does not say as well."""

ADDED_BY_EXPORT = frozenset({"section_prefixe"})

RAW_COLUMNS = {
    "identifiant_de_document": "",
    "code_service_ch": "",
    "reference_document": "",
    **{f"{n}_articles_cgi": "" for n in LOTS},
    "no_disposition": "numero_disposition",
    "date_mutation": "date_mutation",
    "nature_mutation": "nature_mutation",
    "valeur_fonciere": "valeur_fonciere",
    "no_voie": "adresse_numero",
    "b_t_q": "adresse_suffixe",
    "type_de_voie": "raw_type_de_voie",
    "code_voie": "adresse_code_voie",
    "voie": "raw_voie",
    "code_postal": "code_postal",
    "commune": "nom_commune",
    "code_departement": "code_departement",
    "code_commune": "raw_code_commune",
    "prefixe_de_section": "raw_prefixe",
    "section": "raw_section",
    "no_plan": "raw_plan",
    "no_volume": "numero_volume",
    "1er_lot": "lot1_numero",
    "surface_carrez_du_1er_lot": "lot1_surface_carrez",
    **{f"{n}eme_lot": f"lot{n}_numero" for n in LOTS[1:]},
    **{f"surface_carrez_du_{n}eme_lot": f"lot{n}_surface_carrez" for n in LOTS[1:]},
    "nombre_de_lots": "nombre_lots",
    "code_type_local": "code_type_local",
    "type_local": "type_local",
    "identifiant_local": "",
    "surface_reelle_bati": "surface_reelle_bati",
    "nombre_pieces_principales": "nombre_pieces_principales",
    "nature_culture": "code_nature_culture",
    "nature_culture_speciale": "code_nature_culture_speciale",
    "surface_terrain": "surface_terrain",
}
"""Headers of the raw files (in small letters, ``_`` for anything else) to the names used here; "" is not
read.
"""

RAW_DISPENSABLE = frozenset(
    [
        "identifiant_de_document",
        "code_service_ch",
        "reference_document",
        "1_articles_cgi",
        "2_articles_cgi",
        "3_articles_cgi",
        "4_articles_cgi",
        "5_articles_cgi",
        "no_volume",
        "code_voie",
        "identifiant_local",
        "code_type_local",
        "nature_culture_speciale",
    ]
)

MARK = "(fictif)"
"""Ends the name of every commune in files that the project invents (``synthetic.py``)."""

NATURES_CULTURE = {
    "AB": "terrains a bâtir", "AG": "terrains d'agrément", "B": "bois", "BF": "futaies feuillues",
    "BM": "futaies mixtes", "BO": "oseraies", "BP": "peupleraies", "BR": "futaies résineuses",
    "BS": "taillis sous futaie", "BT": "taillis simples", "CA": "carrières",
    "CH": "chemin de fer", "E": "eaux",
    "J": "jardins", "L": "landes", "LB": "landes boisées", "P": "prés", "PA": "pâtures", "PC": "pacages",
    "PE": "prés d'embouche", "PH": "herbages", "PP": "prés, pâtures et herbages plantés",
    "S": "sols", "T": "terres",
    "TP": "terres plantées", "VE": "vergers", "VI": "vignes",
}  # fmt: skip
"""Natures of cultivation of the land register (groups and subgroups), which raw files give by code alone."""


def gettext_noop(text: str) -> str:
    """Marks a sentence to be translated where it is read: this module knows no Django."""
    return text


class HeaderError(ValueError):
    """The first line is not the header of a DVF file. ``code`` is stable, ``text`` with ``parameters`` is for
    people, in French.
    """

    def __init__(self, code: str, text: str, **parameters: int | str) -> None:
        super().__init__(text % parameters)
        self.code, self.text, self.parameters = code, text, parameters


@dataclass(frozen=True)
class Layout:
    """How one file is laid out: ``columns`` holds, for each column of the file in order, its name here,
    "" if unused.
    """

    kind: str  # "geo" or "raw"
    delimiter: str
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        if self.kind == "raw":
            return "DGFiP"
        if "section_prefixe" in self.columns:
            return "export DVF"
        return "geo-DVF" if self.delimiter == "," else "geo-DVF (tableur)"


def read_header(line: str) -> Layout:
    """The layout of the file whose first line is ``line``. Raises HeaderError, naming what is missing or
    unknown.
    """
    delimiter = max(",;|\t", key=line.count)
    try:
        names = next(csv.reader([line], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        raise HeaderError(
            "not_dvf", gettext_noop("la première ligne n'est pas un en-tête lisible.")
        ) from None
    keys = [_key(name) for name in names]
    raw = "valeur_fonciere" in keys and "no_disposition" in keys
    if not raw and len(set(keys) & set(GEO_COLUMNS)) < 5:
        raise HeaderError("not_dvf", gettext_noop("la première ligne n'est pas l'en-tête d'un fichier DVF."))
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise HeaderError(
            "repeated_column",
            gettext_noop("colonnes présentes deux fois : %(names)s."),
            names=", ".join(repeated),
        )
    known = set(RAW_COLUMNS) if raw else set(GEO_COLUMNS) | ADDED_BY_EXPORT
    unknown = [name or "(sans nom)" for name, key in zip(names, keys, strict=True) if key not in known]
    if unknown:
        raise HeaderError(
            "unknown_column",
            gettext_noop("colonnes inconnues (%(count)d) : %(names)s."),
            count=len(unknown),
            names=", ".join(unknown[:10]),
        )
    needed = set(RAW_COLUMNS) - RAW_DISPENSABLE if raw else set(GEO_COLUMNS) - DISPENSABLE
    missing = sorted(needed - set(keys))
    if missing:
        raise HeaderError(
            "missing_column",
            gettext_noop("colonnes manquantes (%(count)d) : %(names)s."),
            count=len(missing),
            names=", ".join(missing[:10]),
        )
    return Layout("raw" if raw else "geo", delimiter, tuple(RAW_COLUMNS[key] if raw else key for key in keys))


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.strip().lower()).strip("_")

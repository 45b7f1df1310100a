"""One spelling for a street name, whoever wrote it.

The tax office abbreviates (``AV DU GAL DE GAULLE``, ``RUE DU FBG ST ANTOINE``, ``GR GRANDE RUE``), drops
accents and apostrophes, and cuts names at about 26 characters; people type ``avenue du Général-de-Gaulle``.
`street_key` brings both to the same string; `same_street` also bridges what a key cannot: names cut short and
initials. The abbreviations of natures of ways are those of the FANTOIR file of the DGFiP (the list its street
names are built from), checked against the street names of the DVF files. No Django here.
"""

import re
import string
import unicodedata


def _table(text: str) -> dict[str, str]:
    """Abbreviation → full words, from lines of ``FULL WORDS: ABBR ABBR; …``."""
    pairs = (entry.split(":") for entry in text.split(";"))
    return {short: " ".join(full.split()) for full, shorts in pairs for short in shorts.split()}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Nature of the way, where it stands first: abbreviation → full words.
WAY_TYPES = _table(
    """
    AERODROME: AER; ALLEE: AL ALL ALLEES; ANCIEN CHEMIN: ACH; ANCIEN ROUTE: ART; ARCADE: ARC;
    AUTOROUTE: AUT; AVENUE: AV AVE AVN; BASSIN: BSN; BERGE: BER; BOULEVARD: BD BLD BLVD BOUL BVD;
    BOURG: BRG; CAMPING: CPG; CARREFOUR: CAR CRF CARR; CENTRE: CTRE; CHALET: CHL; CHAMP: CHP;
    CHATEAU: CHT; CHAUSSEE: CHS; CHEMIN: CH CHE CHEM CHMN; CHEMIN COMMUNAL: CC; CHEMIN DEPARTEMENTAL: CD;
    CHEMIN RURAL: CR; CHEMIN VICINAL: CHV; CITE: CIT; CORNICHE: COR; CORON: CORO; COURS: COUR CRS;
    CROIX: CRX; DESCENTE: DSC; DIGUE: DIG; DOMAINE: DOM; ECLUSE: ECL; ENCLOS: ENC; ESCALIER: ESC;
    ESPACE: ESPA; ESPLANADE: ESP; ETANG: ETNG; FAUBOURG: FG FBG FAUB; FERME: FRM; FONTAINE: FON;
    FORET: FOR; GALERIE: GAL; GRAND BOULEVARD: GBD; GRANDE PLACE: GPL; GRANDE RUE: GR; GROUPE: GPE;
    HALAGE: HLG; HALLE: HLE; HAMEAU: HAM; IMMEUBLE: IMM; IMPASSE: IM IMP; JARDIN: JARD; JETEE: JTE;
    LIEU DIT: LD LDT; LOTISSEMENT: LOT; MARCHE: MAR; MARINA: MRN; MONTEE: MTE; NOUVELLE ROUTE: NTE;
    PARVIS: PRV; PASSAGE: PAS PASS PSG PGE; PASSERELLE: PLE; PETIT CHEMIN: PCH; PETITE ALLEE: PTA;
    PETITE AVENUE: PAE; PETITE ROUTE: PRT; PETITE RUE: PTR; PLACE: PL PCE; PLACETTE: PTTE; PLAGE: PLAG;
    PLAINE: PLN; PLATEAU: PLT; POINTE: PNT; PROMENADE: PROM; QUAI: Q QU; QUARTIER: QUA QRT QUAR;
    RAMPE: RPE; REMPART: REM; RESIDENCE: RES RESID; ROCADE: ROC; ROND POINT: RPT; ROTONDE: RTD;
    ROUTE: RT RTE; RUE: R; RUELLE: RLE; SENTIER: SEN SENTE; SQUARE: SQ; STADE: STDE; TERRAIN: TRN;
    TERRASSE: TSSE; TERRE PLEIN: TPL; TERTRE: TRT; TRAVERSE: TRA; TUNNEL: TUN; VENELLE: VEN;
    VIEILLE ROUTE: VTE; VIEUX CHEMIN: VCHE; VILLA: VIL VL VLA; VILLAGE: VGE
    """
)

# COUR and COURS are one here: the tax office writes CRS for both (CRS DES PETITES ECURIES, a courtyard).
# Words that are a nature of way when written in full (besides the expansions above).
FULL_TYPES = _words(
    """
    ALLEE AVENUE BOULEVARD CARREFOUR CHAUSSEE CHEMIN CITE CLOS CORNICHE COTE COUR COURS DOMAINE ESPLANADE
    FAUBOURG GALERIE HAMEAU IMPASSE JARDIN LOTISSEMENT MAIL MONTEE PARC PARVIS PASSAGE PASSERELLE PLACE
    PLACETTE PORT PROMENADE QUAI QUARTIER RAMPE RESIDENCE ROCADE ROUTE RUE RUELLE SENTE SENTIER SQUARE
    TERRASSE TRAVERSE VENELLE VILLA VILLAGE VOIE ROND PONT GRANDE GRAND PETITE
    """
)

# Words inside the name: abbreviation → full word.
NAME_WORDS = _table(
    """
    10E: DIXIEME; 1ER: IER PREMIER; 1ERE: IERE PREMIERE; 2E: DEUXIEME; 3E: TROISIEME; 4E: QUATRIEME;
    5E: CINQUIEME; 6E: SIXIEME; 7E: SEPTIEME; 8E: HUITIEME; 9E: NEUVIEME; ADJUDANT: ADJ;
    AMIRAL: ADM AMIR; ANCIEN: ANC ANCIENNE ANCIENS; ASPIRANT: ASP; AVIATEUR: AVI; BATAILLON: BTN;
    CAPITAINE: CAPT CNE CPT; CAPORAL: CAL CPL; CHANOINE: CHAN; CHATEAU: CHAT CHAU; CHAUSSEE: CHAUSS;
    CHEMIN: CHEM CHE; CHEVALIER: CHEV; CLOITRE: CLOIT; COMMANDANT: CDT CMDT COMMANDT; COMTE: CTE;
    COMTESSE: CSE; COUR: CR; CROIX: CRX; DIVISION: DIV; DOCTEUR: DOC DOCT DR; EGLISE: EGL;
    FAUBOURG: FAUB FBG FBOURG FG; FRERES: FRES; FUSILIER: FUS; GENERAL: GAL GEN GENAL;
    GOUVERNEUR: GVR GOUV; GRAND: GD GRD; GRANDE: GDE GRDE; GRANDES: GDES GRDES; GRANDS: GDS GRDS;
    HOPITAL: HOP; HOSPICE: HOSP; INGENIEUR: ING; LIBERATION: LIB; LIEUTENANT: LIEUT LT LTN;
    MARECHAL: MAL; MARQUIS: MQS MQUIS; MINISTRE: MIN; MONSEIGNEUR: MGR; MONT: MT; NATIONALE: NAT;
    NOUVEAU: NV; NOUVELLE: NLE; OFFICIER: OFF; PASSAGE: PGE; PETITES: PTES; PETITS: PTS;
    PRESIDENT: PDT PRT; PROFESSEUR: PR PROF; REGIMENT: RGT REGT; REPUBLIQUE: REP; ROUTE: RTE; SAINT: ST;
    SAINTE: STE; SAINTES: STES; SAINTS: STS; SERGENT: SGT; SQUARE: SQ; VIEILLE: VLE; VIEUX: VX
    """
)

# Nothing tells two streets of a town apart by these alone; the tax office leaves them out at will.
SMALL_WORDS = _words("DE DU DES D LA LE LES L ET A AU AUX")
_OF = _words("DE DU DES D")
MONTHS = _words("JANVIER FEVRIER MARS AVRIL MAI JUIN JUILLET AOUT SEPTEMBRE OCTOBRE NOVEMBRE DECEMBRE")
_UNITS = {
    "UN": 1, "DEUX": 2, "TROIS": 3, "QUATRE": 4, "CINQ": 5, "SIX": 6, "SEPT": 7, "HUIT": 8, "NEUF": 9,
    "DIX": 10, "ONZE": 11, "DOUZE": 12, "TREIZE": 13, "QUATORZE": 14, "QUINZE": 15, "SEIZE": 16,
}  # fmt: skip
_TENS = {"VINGT": 20, "TRENTE": 30, "QUARANTE": 40, "CINQUANTE": 50, "SOIXANTE": 60}
_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "ß": "ss", "ł": "l"}
)
MAX_LENGTH = 300  # characters looked at: longer text is no street name


def fold(text: str) -> str:
    """Capitals without accents or ligatures; everything else than A–Z and 0–9 becomes one space."""
    plain = unicodedata.normalize("NFKD", text[:MAX_LENGTH].translate(_LIGATURES))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).upper()
    return re.sub(r"[^A-Z0-9]+", " ", plain).strip()


def street_key(name: str, *, unfinished: bool = False) -> str:
    """The comparable spelling of a street name: full words in capitals, without articles.

    ``AV DU GAL DE GAULLE`` and ``avenue du Général-de-Gaulle`` both give ``AVENUE GENERAL GAULLE``.
    An empty or unreadable name gives the empty string. With `unfinished` the last word is the beginning of
    one, and stands for its letters alone: ``R CHAN`` is no ``RUE CHANOINE`` then, and may become
    a RUE CHANZY.
    """
    tokens = fold(name).split()
    if not tokens:
        return ""
    tokens = _expand_type(tokens)
    last = [tokens.pop()] if unfinished and len(tokens) > 1 else []
    tokens = _expand_name(tokens)
    tokens = _numbers(tokens)
    tokens = _drop_small_words(tokens)
    return " ".join([*_drop_repeated_type(tokens), *last])


def way_type(key: str) -> str:
    """The nature of the way that a key starts with (``AVENUE``), or the empty string (a place name)."""
    first = key.split(" ", 1)[0]
    return first if first in FULL_TYPES else ""


def is_way_type(word: str) -> bool:
    """Whether a folded word can open a street name: ``RUE``, ``AV``, ``R``…"""
    return word in WAY_TYPES or word in FULL_TYPES


def _expand_type(tokens: list[str]) -> list[str]:
    if len(tokens) == 1:
        return tokens
    if tokens[0] == "VC":
        # « voie communale » stands before names with a nature of their own (VC PGE DU BUREAU, VC GRANDE RUE).
        rest = tokens[1:]
        return ["VOIE", *rest] if rest[-1].isdigit() else _expand_type(rest)
    if tokens[0] == "COL" and tokens[1] not in _OF and len(tokens) > 2:
        return ["COLONEL", *tokens[1:]]
    return [*WAY_TYPES.get(tokens[0], tokens[0]).split(), *tokens[1:]]


def _expand_name(tokens: list[str]) -> list[str]:
    words: list[str] = []
    for i, word in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else ""
        if word == "D" and words[-1:] == ["N"]:
            words[-1:] = ["NOTRE", "DAME"]
        elif word == "ND" or (word == "N" and following == "DAME"):
            words += ["NOTRE"] if following == "DAME" else ["NOTRE", "DAME"]
        elif word in {"COL", "CAP", "CT", "PT", "PTE"} and i > 0:
            words.append(_by_context(word, words[0], following))
        elif word in {"GD", "GRAND"} and following == "RUE":
            words.append("GRANDE")
        elif word in NAME_WORDS and (i > 0 or following):
            words.append(NAME_WORDS[word])
        else:
            words.append(word)
    return words


def _by_context(word: str, first: str, following: str) -> str:
    """Abbreviations with two readings: a rank before a name, a place when « de » follows or nothing does."""
    if word == "PTE":
        is_gate = following in _OF or first in {"AVENUE", "PLACE", "BOULEVARD", "QUAI"}
        return "PORTE" if is_gate else "PETITE"
    if word == "PT":
        return "PONT" if following in _OF else "PETIT"
    if not following or following in _OF:
        return word
    return {"COL": "COLONEL", "CAP": "CAPITAINE", "CT": "COMMANDANT"}[word]


def _numbers(tokens: list[str]) -> list[str]:
    """Numbers in figures: HUIT MAI MIL NEUF CENT QUARANTE CINQ → 8 MAI 1945; 8 MAI 45 → 8 MAI 1945."""
    words: list[str] = []
    i = 0
    while i < len(tokens):
        value, taken = _read_number(tokens, i)
        if taken:
            words.append(str(value))
            i += taken
            continue
        word = tokens[i]
        if word.isdigit():
            word = word.lstrip("0") or "0"
            if len(word) == 2 and words and words[-1] in MONTHS:
                word = f"19{word}"
        elif match := re.fullmatch(r"0*(\d{1,3})(?:EME|IEME|ND|NDE)", word):
            word = f"{match[1]}E"
        words.append(word)
        i += 1
    return words


def _read_number(tokens: list[str], i: int) -> tuple[int, int]:
    """Value of the number words from `i`, and how many tokens they take (0 when there is none)."""
    start, value, part = i, 0, 0
    while i < len(tokens):
        word = tokens[i]
        after = tokens[i + 1] if i + 1 < len(tokens) else ""
        if word in {"MIL", "MILLE"} and value == 0 and (part or after in {"NEUF", "HUIT", "SEPT"}):
            value, part = max(part, 1) * 1000, 0
        elif word == "CENT" and part < 10 and (part or i > start):
            part = max(part, 1) * 100
        elif word in _TENS and part % 100 == 0:
            part += _TENS[word]
        elif word in _UNITS and _follows(part % 100, _UNITS[word]) and _is_counting(tokens, i, start):
            part += _UNITS[word]
        elif word == "ET" and part % 100 >= 20 and part % 10 == 0 and after in {"UN", "ONZE"}:
            pass
        else:
            break
        i += 1
    return value + part, i - start


def _follows(part: int, unit: int) -> bool:
    """VINGT CINQ and DIX HUIT make one number, DEUX SEPT two."""
    return part == 0 or part >= 20 or (part == 10 and 7 <= unit <= 9)


def _is_counting(tokens: list[str], i: int, start: int) -> bool:
    """NEUF is also « new », UN also « a »: they count only inside a number or before a month."""
    if tokens[i] not in {"NEUF", "UN"} or i > start:
        return True
    return i + 1 < len(tokens) and (tokens[i + 1] in MONTHS or tokens[i + 1] == "CENT")


def _drop_small_words(tokens: list[str]) -> list[str]:
    last = len(tokens) - 1
    kept = [
        word
        for i, word in enumerate(tokens)
        if word not in SMALL_WORDS
        or i == last  # a street called by a letter: RUE A
        or (len(word) == 1 and i > 0 and i + 1 == last and tokens[last].isdigit())  # VOIE A 12
    ]
    if len(kept) > 1 and kept[0] == "RUE" and kept[1] == "FAUBOURG":
        return kept[1:]
    return kept


def _drop_repeated_type(tokens: list[str]) -> list[str]:
    """GRANDE RUE GRANDE RUE (from ``GR GRANDE RUE``) says itself twice."""
    for length in (2, 1):
        if tokens[:length] == tokens[length : 2 * length] and (len(tokens) > 2 * length or length == 2):
            return tokens[length:]
    return tokens


def same_street(one: str, other: str) -> bool:
    """Whether two keys can be one street, one of them cut short or with initials.

    Words must agree in order, equal or one the beginning of the other (``J JAURES``, ``HOSPIT SAINT
    GERVAIS``); words may be missing from the shorter only at its end, and only when it is long enough to have
    been cut, or in the middle for the first names of a full name. True for many pairs that are not the same
    street: use it inside one commune, and trust it only when a single street answers.
    """
    short, full = sorted((one.split(), other.split()), key=len)
    if not short or not full:
        return False
    if len(short) == len(full):
        return (
            all(_same_word(a, b) for a, b in zip(short, full, strict=True)) and short[-1][:2] == full[-1][:2]
        )
    if len(short) < 2 or not _same_word(short[0], full[0]):
        return False
    was_cut = sum(map(len, short)) + len(short) > 20
    if was_cut and all(_same_word(a, b) for a, b in zip(short, full, strict=False)):
        return True
    # RUE SALENGRO for RUE ROGER SALENGRO: same nature and the same last words.
    return len(short) > 1 and short[1:] == full[-len(short) + 1 :] and len(full) - len(short) <= 2


def _same_word(one: str, other: str) -> bool:
    if one.isdigit() or other.isdigit():
        return one == other
    return one.startswith(other) or other.startswith(one)


def one_letter_off(name: str) -> set[str]:
    """Every folded name one typing error away: a letter missing, added, taken for another, two swapped."""
    cuts = [(name[:i], name[i:]) for i in range(len(name) + 1)]
    letters = string.ascii_uppercase + string.digits + " "
    return {
        *(left + right[1:] for left, right in cuts if right),
        *(left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1),
        *(left + letter + right[1:] for left, right in cuts if right for letter in letters),
        *(left + letter + right for left, right in cuts for letter in letters),
    } - {name}

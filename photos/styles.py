"""Styles of redesign: palettes of paint, covering, wood and cloth, and the light they are shown in.

Colours are the albedo of the material in sRGB: a white wall is about (235, 232, 226), never 255, which no
paint reaches. The wording for people is in `presets.py`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from .image_models.materials import Material

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Style:
    """wall, feature (one wall of its own colour), ceiling: paint; floor: covering; wood: furniture;
    cloth: upholstery and rugs; accent: small strong colours; light: a mood of `lighting.MOODS`."""

    wall: Colour
    feature: Colour
    ceiling: Colour
    floor: Material
    wood: Colour
    cloth: Colour
    rug: Colour
    accent: Colour
    light: str


STYLES: dict[str, Style] = {
    "modern_norwegian": Style(
        wall=(226, 226, 220),
        feature=(104, 126, 140),
        ceiling=(240, 240, 236),
        floor=Material("planks", (196, 168, 132), 0.10),
        wood=(205, 174, 134),
        cloth=(112, 124, 134),
        rug=(176, 184, 188),
        accent=(44, 82, 104),
        light="daylight",
    ),
    "minimalist_scandinavian": Style(
        wall=(240, 239, 235),
        feature=(222, 224, 216),
        ceiling=(244, 244, 242),
        floor=Material("planks", (222, 208, 186), 0.06),
        wood=(226, 204, 172),
        cloth=(206, 204, 198),
        rug=(228, 226, 220),
        accent=(150, 166, 150),
        light="bright",
    ),
    "cozy_hygge": Style(
        wall=(226, 208, 182),
        feature=(188, 138, 108),
        ceiling=(240, 232, 218),
        floor=Material("planks", (176, 128, 82), 0.14),
        wood=(170, 118, 72),
        cloth=(196, 170, 138),
        rug=(224, 206, 178),
        accent=(184, 96, 62),
        light="warm",
    ),
    "fancy_dark_modern": Style(
        wall=(162, 164, 170),
        feature=(48, 76, 74),
        ceiling=(208, 209, 212),
        floor=Material("herringbone", (108, 78, 58), 0.20),
        wood=(74, 52, 42),
        cloth=(64, 66, 76),
        rug=(88, 88, 96),
        accent=(190, 148, 68),
        light="evening",
    ),
    "industrial": Style(
        wall=(170, 167, 161),
        feature=(138, 78, 60),
        ceiling=(196, 195, 192),
        floor=Material("concrete", (138, 136, 132), 0.16),
        wood=(98, 72, 52),
        cloth=(84, 82, 80),
        rug=(112, 106, 100),
        accent=(168, 98, 48),
        light="contrast",
    ),
    "bohemian": Style(
        wall=(238, 216, 184),
        feature=(198, 112, 74),
        ceiling=(244, 234, 216),
        floor=Material("hexagons", (176, 96, 70), 0.20),
        wood=(158, 104, 62),
        cloth=(54, 116, 118),
        rug=(172, 74, 62),
        accent=(216, 158, 52),
        light="golden",
    ),
    "classic": Style(
        wall=(222, 216, 202),
        feature=(142, 158, 138),
        ceiling=(242, 240, 234),
        floor=Material("herringbone", (170, 124, 82), 0.18),
        wood=(122, 74, 48),
        cloth=(98, 46, 52),
        rug=(142, 58, 58),
        accent=(36, 58, 92),
        light="soft",
    ),
}
PRESETS = tuple(STYLES)

COLOR_SCHEMES: dict[str, dict[str, Colour]] = {
    "neutral": {"wall": (228, 225, 218), "feature": (196, 190, 180), "cloth": (176, 170, 160)},
    "warm": {"wall": (236, 218, 192), "feature": (204, 146, 108), "cloth": (186, 128, 96)},
    "cool": {"wall": (220, 227, 230), "feature": (120, 148, 168), "cloth": (112, 134, 152)},
    "monochrome": {
        "wall": (226, 226, 226),
        "feature": (104, 104, 106),
        "cloth": (92, 92, 94),
        "accent": (30, 30, 32),
    },
    "earth": {
        "wall": (226, 210, 188),
        "feature": (150, 114, 84),
        "cloth": (120, 104, 78),
        "accent": (110, 112, 70),
    },
    "pastel": {
        "wall": (240, 230, 228),
        "feature": (192, 210, 206),
        "cloth": (214, 188, 194),
        "accent": (226, 184, 170),
    },
    "dark": {
        "wall": (84, 84, 88),
        "feature": (50, 54, 60),
        "ceiling": (168, 168, 170),
        "cloth": (70, 70, 76),
    },
    "colorful": {
        "wall": (238, 228, 206),
        "feature": (36, 120, 128),
        "cloth": (214, 140, 50),
        "accent": (200, 60, 70),
    },
}
FURNITURE_STYLES: dict[str, Colour] = {  # the tone of wood: the pieces themselves stay
    "light_wood": (214, 186, 148),
    "oak": (184, 140, 92),
    "walnut": (112, 76, 52),
    "dark": (70, 52, 44),
    "white": (228, 226, 220),
    "black": (46, 44, 44),
}
LIGHTINGS: dict[str, str] = {
    "natural": "daylight",
    "bright": "bright",
    "soft": "soft",
    "warm": "warm",
    "cool": "cool",
    "dramatic": "evening",
    "evening": "evening",
}

# Words of a free prompt, without accents, French and English. Whole words, longest phrase first.
_COLOURS: dict[str, Colour] = {
    "blanc casse|off white|creme|cream|ivoire|ivory|ecru": (238, 230, 214),
    "blanc|blanche|blancs|blanches|white": (240, 239, 236),
    "noir|noire|noirs|noires|black": (44, 44, 46),
    "gris anthracite|anthracite|charcoal": (66, 68, 72),
    "gris|grise|grises|gray|grey": (168, 168, 166),
    "bleu marine|bleu nuit|navy|midnight blue": (38, 54, 88),
    "bleu canard|petrole|teal|peacock": (30, 98, 108),
    "bleu|bleue|bleus|bleues|blue": (96, 132, 170),
    "vert sauge|sauge|sage": (160, 172, 148),
    "vert|verte|verts|vertes|green": (92, 128, 96),
    "terracotta|terre cuite|brique|brick": (188, 102, 72),
    "rouge|rouges|red|bordeaux|burgundy": (140, 46, 50),
    "rose|roses|pink|blush": (222, 176, 172),
    "jaune|jaunes|yellow|ocre|ochre|moutarde|mustard": (216, 168, 76),
    "orange": (216, 130, 66),
    "violet|violette|prune|purple|plum|lavande|lavender": (126, 100, 140),
    "beige|sable|sand|taupe|lin|linen": (214, 198, 172),
    "brun|marron|brown|chocolat|chocolate": (112, 80, 58),
}
_STYLES_BY_WORD = {
    "norvegien|norvegienne|norwegian|nordique|nordic": "modern_norwegian",
    "scandinave|scandinavian|minimaliste|minimalist|epure|japandi": "minimalist_scandinavian",
    "hygge|cosy|cozy|cocooning|chaleureux|chaleureuse": "cozy_hygge",
    "luxe|luxury|sombre|dark|chic|glamour|fancy": "fancy_dark_modern",
    "industriel|industrielle|industrial|loft|usine|factory": "industrial",
    "boheme|bohemien|bohemienne|bohemian|boho|ethnique": "bohemian",
    "classique|classic|haussmannien|haussmannienne|traditionnel|traditional": "classic",
}
_FLOORS = {
    "point de hongrie|chevron|chevrons|herringbone|batons rompus": "herringbone",
    "parquet|planches|lames|planks|hardwood|wooden floor|plancher": "planks",
    "moquette|carpet": "carpet",
    "beton|concrete|resine": "concrete",
    "tomettes|tomette|terracotta tiles|hexagonal": "hexagons",
    "carrelage|carreaux|tiles|tiled": "tiles",
}
_FLOOR_COLOURS: dict[str, Colour] = {
    "planks": (184, 144, 100),
    "herringbone": (176, 132, 90),
    "carpet": (196, 188, 174),
    "concrete": (142, 140, 136),
    "hexagons": (176, 96, 70),
    "tiles": (200, 198, 192),
}
_LIGHTS = {
    "lumineux|lumineuse|bright|clair|claire|airy": "bright",
    "chaud|chaude|warm|tamise|tamisee": "warm",
    "froid|froide|cool": "cool",
    "soir|evening|intime|moody|dramatique|dramatic": "evening",
    "dore|doree|golden|coucher de soleil|sunset": "golden",
    "doux|douce|soft": "soft",
}
_OBJECTS = {
    "mur|murs|wall|walls|peinture|paint|painted": "wall",
    "sol|sols|floor|floors|parquet|moquette|carpet|carrelage|tiles|beton|concrete": "floor",
    "plafond|ceiling": "ceiling",
    "canape|fauteuil|rideaux|textiles|tissu|tissus|sofa|couch|armchair|curtains|fabric|lit|bed": "cloth",
    "tapis|rug|rugs": "rug",
    "meuble|meubles|bois|furniture|wood|table": "wood",
    "coussin|coussins|cushion|cushions|accent|accents|touches": "accent",
}


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", flat)


def _hits(text: str, table: dict[str, object]) -> list[tuple[int, str]]:
    """Positions and keys of the phrases of a table found in a plain text; a longer phrase hides a shorter."""
    found: list[tuple[int, int, str]] = []
    for key in table:
        for phrase in key.split("|"):
            found += [(m.start(), m.end(), key) for m in re.finditer(rf"\b{re.escape(phrase)}\b", text)]
    found.sort(key=lambda hit: (hit[0], -(hit[1] - hit[0])))
    kept: list[tuple[int, str]] = []
    end = -1
    for start, stop, key in found:
        if start >= end:
            kept.append((start, key))
            end = stop
    return kept


def _from_prompt(style: Style, prompt: str) -> Style:
    """Apply the colours, coverings and light named in a sentence; a colour goes to the nearest thing."""
    text = _plain(prompt)
    objects = [(at, _OBJECTS[key]) for at, key in _hits(text, dict(_OBJECTS))]
    for _, key in _hits(text, dict(_FLOORS)):
        kind = _FLOORS[key]
        style = replace(style, floor=Material(kind, _FLOOR_COLOURS[kind], 0.16))
    for at, key in _hits(text, dict(_COLOURS)):
        # "mur bleu" and "blue wall": the nearest, the one before winning a tie.
        target = min(objects, key=lambda o: abs(o[0] - at), default=(0, "wall"))[1]
        colour = _COLOURS[key]
        if target == "floor":
            style = replace(style, floor=replace(style.floor, colour=colour))
        elif target == "wall":
            style = replace(style, wall=colour, feature=colour)
        else:
            named: dict[str, Any] = {target: colour}
            style = replace(style, **named)
    for _, key in _hits(text, dict(_LIGHTS)):
        style = replace(style, light=_LIGHTS[key])
    return style


def build_style(preset: str | None, prompt: str = "", preferences: dict[str, str] | None = None) -> Style:
    """The style of a request. preferences: color_scheme, furniture_style, lighting (keys above).

    Unknown preset or preference: KeyError. A prompt without a style word starts from modern_norwegian.
    """
    name = preset
    if name is None:
        words = _hits(_plain(prompt), dict(_STYLES_BY_WORD))
        name = _STYLES_BY_WORD[words[0][1]] if words else "modern_norwegian"
    style = STYLES[name]
    wishes = preferences or {}
    if scheme := wishes.get("color_scheme"):
        changes: dict[str, Any] = dict(COLOR_SCHEMES[scheme])
        style = replace(style, **changes)
    if furniture := wishes.get("furniture_style"):
        style = replace(style, wood=FURNITURE_STYLES[furniture])
    if light := wishes.get("lighting"):
        style = replace(style, light=LIGHTINGS[light])
    return _from_prompt(style, prompt) if prompt else style

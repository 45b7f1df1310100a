"""Words for people: what styles, preferences, engines and errors are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from photos.image_models.gemini import RATIOS
from photos.models import RoomType
from photos.styles import COLOR_SCHEMES, FURNITURE_STYLES, LIGHTINGS

ASPECT_RATIOS = RATIOS
CUSTOM = "custom"
PRESET_LABELS = {
    "modern_norwegian": (_("Norvégien moderne"), _("Blanc lin, un mur bleu fjord, chêne clair.")),
    "minimalist_scandinavian": (_("Scandinave épuré"), _("Murs blancs, plancher blanchi, bouleau.")),
    "cozy_hygge": (_("Hygge chaleureux"), _("Crème et argile, chêne miel, lumière chaude.")),
    "fancy_dark_modern": (
        _("Moderne sombre"),
        _("Gris, un mur vert nuit, point de Hongrie noyer, lumière du soir."),
    ),
    "industrial": (_("Industriel"), _("Gris béton, un mur brique, béton ciré, bois sombre.")),
    "bohemian": (_("Bohème"), _("Ocre et terre cuite, tomettes, bois miel, textiles sarcelle.")),
    "classic": (_("Classique"), _("Blanc perle, vert sauge, point de Hongrie chêne, acajou.")),
}
PREFERENCE_LABELS: dict[str, dict[str, Any]] = {
    "color_scheme": {
        "neutral": _("Neutre"), "warm": _("Tons chauds"), "cool": _("Tons froids"),
        "monochrome": _("Noir, gris, blanc"), "earth": _("Tons terre"), "pastel": _("Pastel"),
        "dark": _("Sombre"), "colorful": _("Coloré"),
    },
    "furniture_style": {
        "light_wood": _("Bois clair"), "oak": _("Chêne"), "walnut": _("Noyer"), "dark": _("Bois sombre"),
        "white": _("Blanc"), "black": _("Noir"),
    },
    "lighting": {
        "natural": _("Lumière du jour"), "bright": _("Lumineux"), "soft": _("Doux"), "warm": _("Chaud"),
        "cool": _("Froid"), "dramatic": _("Contrasté"), "evening": _("Soirée"),
    },
}  # fmt: skip
PREFERENCES: dict[str, Mapping[str, object]] = {
    "color_scheme": COLOR_SCHEMES,
    "furniture_style": FURNITURE_STYLES,
    "lighting": LIGHTINGS,
}
ENGINE_NOTES = {
    "offline": _("Aperçu de couleurs et de matières : rien n'est déplacé, aucun meuble n'est ajouté."),
    "gemini": _("Image d'un modèle génératif : les meubles et le décor peuvent être inventés."),
    "openai": _("Image d'un modèle génératif : les meubles et le décor peuvent être inventés."),
}
ERRORS = {
    "provider_unavailable": _("Le service d'images n'a pas répondu ; relancez plus tard."),
    "provider_quota": _("Le service d'images est saturé ; relancez plus tard."),
    "provider_refused": _("Le service d'images a refusé cette demande : changez-en les mots."),
    "provider_misconfigured": _("Le service d'images est mal réglé : l'équipe est prévenue."),
    "provider_answer_invalid": _("Le service d'images a mal répondu ; relancez."),
    "unreadable_image": _("La photo n'a pas pu être lue."),
    "worker_lost": _("Le travail a été interrompu trop souvent : relancez-le."),
    "internal_error": _("Le rendu a échoué de notre fait : l'équipe est prévenue."),
}


def catalogue(engine: str, seconds: float) -> dict[str, Any]:
    """Everything a client can ask for, in the caller's language."""
    return {
        "presets": [
            {"code": code, "label": str(label), "description": str(words)}
            for code, (label, words) in PRESET_LABELS.items()
        ],
        "preferences": {
            name: [{"code": code, "label": str(label)} for code, label in labels.items()]
            for name, labels in PREFERENCE_LABELS.items()
        },
        "room_types": [{"code": code, "label": str(label)} for code, label in RoomType.choices],
        "aspect_ratios": list(ASPECT_RATIOS),
        "engine": {
            "name": engine,
            "note": str(ENGINE_NOTES.get(engine, "")),
            "typical_seconds": seconds,
        },
    }


def style_name(style: str) -> str:
    """What people call a style; a wish in their own words has none."""
    return str(PRESET_LABELS[style][0] if style in PRESET_LABELS else _("sur demande"))


def error_text(code: str) -> str:
    return str(ERRORS.get(code, ERRORS["internal_error"])) if code else ""

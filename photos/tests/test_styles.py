from __future__ import annotations

import pytest

from photos.image_models.lighting import MOODS
from photos.image_models.prompts import STYLES as WORDS
from photos.models import PhotoRedesign
from photos.presets import PREFERENCE_LABELS, PREFERENCES, PRESET_LABELS
from photos.styles import PRESETS, STYLES, Style, build_style


def test_every_style_has_its_words_and_its_light() -> None:
    assert set(PRESETS) == set(PRESET_LABELS) == set(WORDS)
    assert {style.light for style in STYLES.values()} <= set(MOODS)
    assert {name: set(labels) for name, labels in PREFERENCE_LABELS.items()} == {
        name: set(values) for name, values in PREFERENCES.items()
    }


def test_what_people_call_a_style() -> None:
    assert PhotoRedesign(style="cozy_hygge").style_name == "Hygge chaleureux"
    assert str(PhotoRedesign(style="custom")).startswith("sur demande – ")


def field(style: Style, name: str) -> object:
    return style.floor.kind if name == "floor" else getattr(style, name)


@pytest.mark.parametrize(
    ("prompt", "name", "value"),
    [
        ("murs bleu nuit", "wall", (38, 54, 88)),
        ("Peinture vert sauge sur les murs", "wall", (160, 172, 148)),
        ("navy walls and a herringbone floor", "wall", (38, 54, 88)),
        ("navy walls and a herringbone floor", "floor", "herringbone"),
        ("du parquet point de Hongrie", "floor", "herringbone"),
        ("une moquette grise", "floor", "carpet"),
        ("béton ciré au sol", "floor", "concrete"),
        ("tapis rouge", "rug", (140, 46, 50)),
        ("canapé moutarde, murs blancs", "cloth", (216, 168, 76)),
        ("canapé moutarde, murs blancs", "wall", (240, 239, 236)),
        ("lumière tamisée", "light", "warm"),
        ("bright and airy", "light", "bright"),
    ],
)
def test_words_of_a_prompt(prompt: str, name: str, value: object) -> None:
    assert field(build_style(None, prompt), name) == value


@pytest.mark.parametrize("prompt", ["", "xyzzy 12345", "<script>alert(1)</script>", "\0\n\t", "é" * 1000])
def test_words_that_say_nothing_change_nothing(prompt: str) -> None:
    assert build_style("classic", prompt) == STYLES["classic"]


def test_a_style_is_named_in_words() -> None:
    assert build_style(None, "ambiance scandinave épurée") == STYLES["minimalist_scandinavian"]
    assert build_style(None, "style loft industriel") == STYLES["industrial"]


def test_preferences_win_over_the_preset() -> None:
    style = build_style(
        "classic", preferences={"color_scheme": "cool", "furniture_style": "black", "lighting": "dramatic"}
    )
    assert style.wall == (220, 227, 230) and style.wood == (46, 44, 44) and style.light == "evening"
    with pytest.raises(KeyError):
        build_style("classic", preferences={"lighting": "none such"})
    with pytest.raises(KeyError):
        build_style("none such")

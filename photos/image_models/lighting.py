"""Moods of light: white balance, exposure, contrast and a fall-off towards the corners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .planes import Array


@dataclass(frozen=True)
class Mood:
    """warmth −1 blue … 1 amber; exposure in stops; contrast: slope at mid-grey; vignette: loss at corners"""

    warmth: float = 0.0
    exposure: float = 0.0
    contrast: float = 1.0
    vignette: float = 0.0
    saturation: float = 1.0


MOODS: dict[str, Mood] = {
    "daylight": Mood(warmth=-0.10, exposure=0.08, contrast=1.03),
    "bright": Mood(warmth=-0.02, exposure=0.18, contrast=0.98, saturation=0.95),
    "soft": Mood(warmth=0.16, exposure=0.08, contrast=0.95),
    "warm": Mood(warmth=0.42, exposure=0.02, contrast=1.02, vignette=0.10),
    "cool": Mood(warmth=-0.35, exposure=0.05, contrast=1.04),
    "golden": Mood(warmth=0.60, exposure=0.08, contrast=1.04, vignette=0.08, saturation=1.06),
    "contrast": Mood(warmth=-0.12, exposure=-0.08, contrast=1.14, vignette=0.12, saturation=0.92),
    "evening": Mood(warmth=0.30, exposure=-0.22, contrast=1.06, vignette=0.18),
}


def to_linear(srgb: Array) -> Array:
    """sRGB 0–1 → linear light."""
    return np.asarray(np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4), np.float32)


def to_srgb(linear: Array) -> Array:
    """Linear light → sRGB 0–1, highlights above 0.6 bent towards 1 rather than cut."""
    low = np.maximum(linear, 0.0)
    bent = np.where(low > 0.6, 0.6 + 0.4 * (1.0 - np.exp(-(low - 0.6) / 0.4)), low)
    return np.asarray(
        np.where(bent <= 0.0031308, bent * 12.92, 1.055 * bent ** (1 / 2.4) - 0.055), np.float32
    )


def apply_mood(linear: Array, mood: Mood, spare: Array) -> Array:
    """Light a picture (h, w, 3, linear) by a mood; a third of it where spare (h, w) is 1 (windows)."""
    h, w = linear.shape[:2]
    gain = np.array([1 + 0.10 * mood.warmth, 1 + 0.01 * mood.warmth, 1 - 0.16 * mood.warmth], np.float32)
    out = linear * (gain * np.float32(2.0**mood.exposure))
    pivot = 0.18
    grey = np.maximum(out @ np.array([0.2126, 0.7152, 0.0722], np.float32), 1e-4)
    out *= ((grey / pivot) ** (mood.contrast - 1.0))[..., None]
    if mood.saturation != 1.0:
        level = (out @ np.array([0.2126, 0.7152, 0.0722], np.float32))[..., None]
        out = level + (out - level) * np.float32(mood.saturation)
    if mood.vignette:
        y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
        x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
        out *= (1 - np.float32(mood.vignette) * np.clip((x * x + y * y) / 2, 0, 1))[..., None]
    weight = (1.0 - 0.67 * spare)[..., None]
    return np.asarray(linear + (out - linear) * weight, np.float32)

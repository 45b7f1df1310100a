"""Which engine the settings ask for, and what its pictures cost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from photos.image_models.gemini import GeminiImages
from photos.image_models.offline import OfflineImages
from photos.image_models.openai_compatible import OpenAICompatibleImages
from photos.image_models.protocol import ImageModel, Tokens

GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta"
OPENAI_URL = "https://api.openai.com/v1"
MILLION = Decimal(1_000_000)


def configured() -> ImageModel:
    """The engine of `IMAGE_ENGINE`. A provider needs a key and a model; ImproperlyConfigured without."""
    name, key, model = settings.IMAGE_ENGINE, settings.IMAGE_API_KEY, settings.IMAGE_MODEL
    seconds = settings.IMAGE_TIMEOUT_SECONDS
    if name == "offline":
        return OfflineImages()
    if name not in ("gemini", "openai"):
        raise ImproperlyConfigured(f"IMAGE_ENGINE is not offline, gemini or openai: {name!r}")
    if not model or not (key or settings.IMAGE_BASE_URL):
        raise ImproperlyConfigured(f"IMAGE_ENGINE {name} needs IMAGE_MODEL and IMAGE_API_KEY.")
    if name == "gemini":
        return GeminiImages(key, model, settings.IMAGE_BASE_URL or GEMINI_URL, seconds)
    return OpenAICompatibleImages(key, model, settings.IMAGE_BASE_URL or OPENAI_URL, seconds)


def cost_of(pictures: Iterable[Tokens | None]) -> Decimal | None:
    """Euros for pictures of the model in use, by `IMAGE_PRICES`; None where that says nothing of the model,
    or prices tokens that the provider did not count.
    """
    price = settings.IMAGE_PRICES.get(settings.IMAGE_MODEL)
    if price is None:
        return None
    total = Decimal(0)
    for tokens in pictures:
        if len(price) == 1:
            total += price[0]
        elif tokens is None:
            return None
        else:
            total += (price[0] * tokens.input + price[1] * tokens.output) / MILLION
    return total.quantize(Decimal("0.000001"))

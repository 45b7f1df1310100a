"""Which model the settings ask for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .protocol import LanguageModel

ENGINES = ("gemini", "openai", "anthropic")
MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Price:
    """Euros for a million tokens, in and out."""

    input: Decimal
    output: Decimal

    def of(self, input_tokens: int, output_tokens: int) -> Decimal:
        cost = (self.input * input_tokens + self.output * output_tokens) / MILLION
        return cost.quantize(Decimal("0.000001"))


def is_configured() -> bool:
    return bool(settings.LLM_ENGINE)


def price() -> Price:
    """Of the model in use. ImproperlyConfigured without one: a budget cannot be held without prices."""
    found = settings.LLM_PRICES.get(settings.LLM_MODEL)
    if found is None:
        raise ImproperlyConfigured(f"LLM_PRICES says nothing of {settings.LLM_MODEL!r}.")
    return Price(*found)


def configured() -> LanguageModel:
    """The model of `LLM_ENGINE`; ImproperlyConfigured where a setting is wanting.

    The vendors' libraries weigh tens of megabytes: only the one in use is loaded, by who asks it.
    """
    name, key, model, url = (
        settings.LLM_ENGINE,
        settings.LLM_API_KEY,
        settings.LLM_MODEL,
        settings.LLM_BASE_URL,
    )
    if name not in ENGINES:
        raise ImproperlyConfigured(f"LLM_ENGINE is not {', '.join(ENGINES)}: {name!r}")
    if not model or not (key or (url and name == "openai")):
        raise ImproperlyConfigured(f"LLM_ENGINE {name} needs LLM_MODEL and LLM_API_KEY.")
    price()
    if name == "gemini":
        from .gemini import Gemini as Engine
    elif name == "openai":
        from .openai_compatible import OpenAICompatible as Engine  # type: ignore[assignment]
    else:
        from .anthropic import Anthropic as Engine  # type: ignore[assignment]
    return Engine(key, model, url, settings.LLM_TIMEOUT_SECONDS)

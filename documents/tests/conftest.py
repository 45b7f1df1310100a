"""A letter, and a flat whose owner allows a language model, with its provider."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
import typst
from django.conf import LazySettings

from accounts.models import User
from documents.llm.tests.provider_server import Script, provider
from documents.tests.letter import LETTER
from documents.tests.model_runs import SAYS_WORKS
from properties.models import Property
from properties.tests.factories import PropertyFactory


@pytest.fixture(scope="module")
def letter() -> bytes:
    return typst.compile(LETTER.encode(), format="pdf")


@pytest.fixture
def flat(owner: User) -> Property:
    owner.allows_models = True
    owner.save()
    return PropertyFactory(user=owner)


@pytest.fixture
def script(settings: LazySettings) -> Iterator[Script]:
    with provider("openai") as running:
        settings.LLM_ENGINE, settings.LLM_MODEL, settings.LLM_BASE_URL = "openai", "m", running.url
        settings.LLM_API_KEY, settings.LLM_TIMEOUT_SECONDS = "the-key", 10.0
        settings.LLM_PRICES = {"m": (Decimal(1), Decimal(2))}
        running.arguments = SAYS_WORKS
        yield running

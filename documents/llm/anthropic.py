"""Anthropic through its `/v1/messages`."""

from __future__ import annotations

import httpx2
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

from .agent import Asking


class Anthropic(Asking):
    """base_url without /v1; "" for Anthropic's own."""

    name = "anthropic"

    def make(self, http: httpx2.AsyncClient) -> Model:
        provider = AnthropicProvider(api_key=self.api_key, http_client=http, base_url=self.base_url or None)
        return AnthropicModel(self.model, provider=provider)

"""Gemini through Google AI's `models/{model}:generateContent`."""

from __future__ import annotations

import httpx2
from pydantic_ai.models import Model
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

from .agent import Asking


class Gemini(Asking):
    """base_url without a version; "" for Google's own."""

    name = "gemini"

    def make(self, http: httpx2.AsyncClient) -> Model:
        provider = GoogleProvider(api_key=self.api_key, http_client=http, base_url=self.base_url or None)
        return GoogleModel(self.model, provider=provider)

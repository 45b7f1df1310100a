"""OpenAI, and every server that speaks its `/chat/completions`: Mistral, vLLM, llama.cpp, Ollama."""

from __future__ import annotations

import httpx2
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

from .agent import Asking


class OpenAICompatible(Asking):
    """base_url ends before /chat/completions ("https://api.mistral.ai/v1"); "" for OpenAI's own."""

    name = "openai"

    def make(self, http: httpx2.AsyncClient) -> Model:
        if not self.base_url:
            return OpenAIChatModel(
                self.model, provider=OpenAIProvider(api_key=self.api_key, http_client=http)
            )
        others = OpenAICompatibleProvider(
            "openai-compatible",
            base_url=self.base_url,
            api_key=self.api_key or "none",  # a local server asks for none, the client for some
            http_client=http,
            # Others than OpenAI know the limit by its first name only.
            profile=OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False),
        )
        return OpenAIChatModel(self.model, provider=others)

"""One question to one model: typed answer or ModelError, within a time, without a second try.

Trying again is the job's business (`documents.model_jobs`): later, and counted against the budget.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
from pydantic_ai import Agent, ToolOutput
from pydantic_ai.exceptions import AgentRunError, ContentFilterError, ModelConnectionError, UserError
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage, UsageLimits

from .http import Wire, client
from .prompts import INSTRUCTIONS, question
from .protocol import MAX_OUTPUT_TOKENS, Answer, Evidence, ModelError, Request, Tokens
from .schemas import answer_type

Make = Callable[[httpx2.AsyncClient], Model]


class Asking:
    """What the providers share: each gives its name, its model and how to `make` the library's model of it.

    seconds: longest wait for the whole answer, not only for each read.
    """

    name = ""

    def __init__(self, api_key: str, model: str, base_url: str, seconds: float) -> None:
        self.api_key, self.model, self.base_url, self.seconds = api_key, model, base_url.rstrip("/"), seconds

    def make(self, http: httpx2.AsyncClient) -> Model:
        raise NotImplementedError

    def read(self, request: Request) -> Answer:
        wire, usage = Wire(), RunUsage()
        try:
            return asyncio.run(self._within(wire, usage, request))
        except ModelError:
            raise
        except Exception as error:
            raise _told_apart(error, wire, Tokens(usage.input_tokens, usage.output_tokens)) from error

    async def _within(self, wire: Wire, usage: RunUsage, request: Request) -> Answer:
        async with asyncio.timeout(self.seconds), client(wire, self.seconds) as http:
            return await ask(self.make(http), request, usage, self.seconds)


async def ask(model: Model, request: Request, usage: RunUsage, seconds: float) -> Answer:
    """The answer of any model of the library; its errors are the caller's."""
    kind = answer_type(request.document_type)
    agent = Agent(
        model, output_type=ToolOutput(kind, name="report_facts"), instructions=INSTRUCTIONS, retries=0
    )
    settings = ModelSettings(max_tokens=MAX_OUTPUT_TOKENS, temperature=0.0, timeout=seconds, max_retries=0)
    result = await agent.run(
        question(request), model_settings=settings, usage=usage, usage_limits=UsageLimits(request_limit=1)
    )
    stated: dict[str, Any] = json.loads(result.output.model_dump_json(exclude_none=True))
    evidence = tuple(Evidence(**entry) for entry in stated["evidence"])
    return Answer(stated["facts"], evidence, Tokens(usage.input_tokens, usage.output_tokens))


def _told_apart(error: Exception, wire: Wire, tokens: Tokens) -> ModelError:
    """What may be tried again, by how the wire was answered: vendors name the same thing otherwise."""
    status = wire.status
    if wire.too_large:
        return ModelError("invalid_answer", permanent=True, tokens=tokens)
    if isinstance(error, ContentFilterError):
        return ModelError("refused", permanent=True, tokens=tokens)
    if isinstance(error, UserError | httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return ModelError("misconfigured", permanent=True, tokens=tokens)
    if status is None or isinstance(error, TimeoutError):
        return ModelError("unavailable", permanent=False, tokens=tokens)
    if status == 429:
        return ModelError("quota", permanent=False, retry_after=wire.retry_after)
    if status in (408, 409, 425) or status >= 500:
        return ModelError("unavailable", permanent=False, retry_after=wire.retry_after)
    if status in (401, 403, 404) or 300 <= status < 400:
        return ModelError("misconfigured", permanent=True)
    if status >= 400:
        return ModelError("refused", permanent=True)
    cut = isinstance(error, ModelConnectionError) or not isinstance(error, AgentRunError | ValueError)
    return ModelError("unavailable" if cut else "invalid_answer", permanent=False, tokens=tokens)

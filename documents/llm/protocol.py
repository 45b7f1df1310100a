"""What every language model takes and gives, and the one error it raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

MAX_OUTPUT_TOKENS = 16_000
"""The longest answer asked for: the facts of long minutes with their quotes."""


@dataclass(frozen=True, slots=True)
class PageText:
    """What is sent of one page: its words, masked, without lines that speak to machines."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """document_type: one of the facts schema; pages in order, already bounded in size."""

    document_type: str
    pages: tuple[PageText, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call consumed, as the provider counts; zeros where it does not say."""

    input: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the model says it read the value at `path` (as in findings: `resolutions[3].amount`)."""

    path: str
    page: int
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """facts: of the shape of the facts schema, valid, not trusted; evidence: one entry a value, or none."""

    facts: dict[str, Any]
    evidence: tuple[Evidence, ...]
    tokens: Tokens = field(default_factory=Tokens)


class ModelError(Exception):
    """A model gave no usable answer. permanent: asking the same again is useless.

    code is stable: unavailable, quota, refused, misconfigured, invalid_answer. retry_after: seconds the
    provider asked for, if it did. tokens: what the call consumed all the same.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool,
        retry_after: float | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
        self.tokens = tokens or Tokens()


class LanguageModel(Protocol):
    """A provider's model. `read` may take a minute and never runs inside a database transaction."""

    name: str
    model: str

    def read(self, request: Request) -> Answer:
        """Raises ModelError, nothing else, for what the provider or its answer does."""
        ...

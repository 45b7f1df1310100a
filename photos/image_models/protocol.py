"""What every engine of redesign takes and gives, and the one error it raises."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
SYNTHETIC = "compositeSynthetic"


@dataclass(frozen=True)
class RedesignRequest:
    """image: the photograph, an upright sRGB JPEG without metadata; preset or prompt (or both);
    preferences: color_scheme, furniture_style, lighting; room_type: a code or ""; aspect_ratio: "4:3" and
    the like or "";
    references: up to 2 JPEGs to take inspiration from; seed: makes an engine repeatable where it can be."""

    image: bytes
    preset: str | None = None
    prompt: str = ""
    preferences: dict[str, str] = field(default_factory=dict)
    room_type: str = ""
    aspect_ratio: str = ""
    references: tuple[bytes, ...] = ()
    seed: int = 0


@dataclass(frozen=True)
class Tokens:
    input: int
    output: int


@dataclass(frozen=True)
class RedesignResult:
    """image: bytes of a JPEG, PNG or WebP as the engine gave them, not trusted yet; engine and version: who
    made it; source_type: the IPTC digital source type that says how (see `labels`); tokens: what the provider
    says it counted, None where it does not."""

    image: bytes
    engine: str
    version: str
    source_type: str
    tokens: Tokens | None = None


class ImageModelError(Exception):
    """An engine gave no picture. permanent: trying again with the same request is useless.

    code is stable: provider_unavailable, provider_refused, provider_quota, provider_misconfigured,
    provider_answer_invalid, unreadable_image. retry_after: seconds the provider asked for, if it did.
    """

    def __init__(self, code: str, *, permanent: bool, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after


class ImageModel(Protocol):
    """An engine. `redesign` may take minutes and never runs inside a database transaction."""

    name: str
    typical_seconds: float

    def redesign(self, request: RedesignRequest) -> RedesignResult:
        """Raises ImageModelError, nothing else, for what the provider or the picture does."""
        ...

"""Gemini's image models through `models/{model}:generateContent` (Google AI, REST v1beta)."""

from __future__ import annotations

import base64
from typing import Any

from .http import counted, decoded, post
from .prompts import instructions
from .protocol import COMPOSITE, ImageModelError, RedesignRequest, RedesignResult, Tokens

RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
REFUSED = {
    "SAFETY",
    "IMAGE_SAFETY",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "SPII",
    "RECITATION",
    "IMAGE_RECITATION",
}


class GeminiImages:
    """base_url without a trailing slash; seconds: longest wait for one picture."""

    name = "gemini"
    typical_seconds = 20.0

    def __init__(self, api_key: str, model: str, base_url: str, seconds: float = 120.0) -> None:
        self.api_key, self.model, self.base_url, self.seconds = api_key, model, base_url.rstrip("/"), seconds

    def redesign(self, request: RedesignRequest) -> RedesignResult:
        pictures = (request.image, *request.references[:2])
        parts: list[dict[str, Any]] = [{"text": instructions(request)}]
        for picture in pictures:
            data = base64.b64encode(picture).decode()
            parts.append({"inlineData": {"mimeType": "image/jpeg", "data": data}})
        config: dict[str, Any] = {"responseModalities": ["IMAGE"], "seed": request.seed & 0x7FFFFFFF}
        if request.aspect_ratio in RATIOS:
            config["imageConfig"] = {"aspectRatio": request.aspect_ratio}
        answer = post(
            f"{self.base_url}/models/{self.model}:generateContent",
            self.seconds,
            headers={"x-goog-api-key": self.api_key},
            json={"contents": [{"role": "user", "parts": parts}], "generationConfig": config},
        )
        return RedesignResult(_picture(answer), self.name, self.model, COMPOSITE, _tokens(answer))


def _tokens(answer: dict[str, Any]) -> Tokens | None:
    usage = answer.get("usageMetadata")
    return counted(usage, ("promptTokenCount",), ("candidatesTokenCount", "thoughtsTokenCount"))


def _picture(answer: dict[str, Any]) -> bytes:
    """The first picture of the answer, whatever else it holds."""
    feedback = answer.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        raise ImageModelError("provider_refused", permanent=True)
    candidates = answer.get("candidates")
    for candidate in candidates if isinstance(candidates, list) else []:
        if not isinstance(candidate, dict):
            continue
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        for part in parts if isinstance(parts, list) else []:
            data = part.get("inlineData") if isinstance(part, dict) else None
            if isinstance(data, dict):
                return decoded(data.get("data"))
        if candidate.get("finishReason") in REFUSED:
            raise ImageModelError("provider_refused", permanent=True)
    raise ImageModelError("provider_answer_invalid", permanent=False)

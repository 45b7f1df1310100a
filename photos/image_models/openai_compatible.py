"""Any server that speaks OpenAI's `POST {base}/images/edits` (OpenAI itself, LocalAI, gateways)."""

from __future__ import annotations

import json
from typing import Any

from .http import counted, decoded, post
from .prompts import instructions
from .protocol import COMPOSITE, ImageModelError, RedesignRequest, RedesignResult

SIZES = {"1:1": "1024x1024", "3:2": "1536x1024", "4:3": "1536x1024", "2:3": "1024x1536", "3:4": "1024x1536"}


class OpenAICompatibleImages:
    """base_url ends before /images/edits ("https://host/v1"); seconds: longest wait for one picture."""

    name = "openai"
    typical_seconds = 40.0

    def __init__(self, api_key: str, model: str, base_url: str, seconds: float = 180.0) -> None:
        self.api_key, self.model, self.base_url, self.seconds = api_key, model, base_url.rstrip("/"), seconds

    def redesign(self, request: RedesignRequest) -> RedesignResult:
        pictures = (request.image, *request.references[:2])
        # One picture is sent as `image`, several as `image[]`: servers that know one only accept the first.
        name = "image" if len(pictures) == 1 else "image[]"
        files = [(name, (f"{n}.jpg", picture, "image/jpeg")) for n, picture in enumerate(pictures)]
        fields = {"model": self.model, "prompt": instructions(request), "n": "1"}
        if size := SIZES.get(request.aspect_ratio):
            fields["size"] = size
        answer = post(
            f"{self.base_url}/images/edits",
            self.seconds,
            headers={"Authorization": f"Bearer {self.api_key}"} if self.api_key else {},
            data=fields,
            files=files,
        )
        tokens = counted(answer.get("usage"), ("input_tokens",), ("output_tokens",))
        return RedesignResult(_picture(answer), self.name, self.model, COMPOSITE, tokens)


def _picture(answer: dict[str, Any]) -> bytes:
    """`data[0].b64_json`. A `url` is not fetched: an answer must not send this server elsewhere."""
    data = answer.get("data")
    first = data[0] if isinstance(data, list) and data else None
    if isinstance(first, dict) and "b64_json" in first:
        return decoded(first["b64_json"])
    if "error" in answer and "safety" in json.dumps(answer["error"])[:2000].lower():
        raise ImageModelError("provider_refused", permanent=True)
    raise ImageModelError("provider_answer_invalid", permanent=False)

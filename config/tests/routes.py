"""The routes of the API as the URL configuration has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One method of one path."""

    name: str
    method: str
    kwargs: tuple[str, ...]

    def path(self, values: dict[str, object]) -> str:
        return reverse(self.name, kwargs={key: values[f"{self.name}.{key}"] for key in self.kwargs})

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path, entry
        else:
            yield from _patterns(entry, path)


def routes() -> list[Route]:
    found = set()
    for path, pattern in _patterns(get_resolver()):
        if path.startswith("api/"):
            kwargs = tuple(re.findall(r"(?:<\w+:|\(\?P<)(\w+)>", path))
            view = getattr(pattern.callback, "cls", None) or getattr(pattern.callback, "view_class", None)
            actions = getattr(pattern.callback, "actions", None)
            allowed = getattr(view, "http_method_names", METHODS)
            # DRF adds `head` to the actions of a view set at its first request: only METHODS count.
            methods = [name for name in METHODS if (name in actions if actions else hasattr(view, name))]
            assert pattern.name, path
            found |= {Route(pattern.name, method, kwargs) for method in methods if method in allowed}
    return sorted(found, key=str)

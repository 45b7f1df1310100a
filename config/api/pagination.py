"""Lists of the API: `limit` and `offset`, at most 100 a page; what is no number is refused, not ignored."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request

# PostgreSQL's bigint: beyond, the query itself would fail.
_LARGEST = 2**63 - 1


class Pagination(LimitOffsetPagination):
    default_limit = 20
    max_limit = 100

    def get_limit(self, request: Request) -> int:
        return min(self._number(request, self.limit_query_param, 1, self.default_limit), self.max_limit)

    def get_offset(self, request: Request) -> int:
        return self._number(request, self.offset_query_param, 0, 0)

    @staticmethod
    def _number(request: Request, name: str, least: int, default: int) -> int:
        text = request.query_params.get(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= _LARGEST:
            return int(text)
        raise ValidationError({name: [_("Un nombre entier, %(least)d au moins.") % {"least": least}]})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter, least in zip(parameters, (1, 0), strict=True):
            parameter["schema"]["minimum"] = least
            parameter["schema"]["maximum"] = _LARGEST
        parameters[0]["schema"]["default"] = self.default_limit
        parameters[0]["description"] = "Nombre de résultats par page (100 au plus)."
        parameters[1]["description"] = "Rang du premier résultat de la page."
        return parameters

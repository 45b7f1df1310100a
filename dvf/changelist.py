"""The back-office's list of sales: pages by seeking, an estimate instead of a count, a limit on time."""

from __future__ import annotations

import datetime
import json
from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from psycopg.errors import QueryCanceled
from unfold.views import ChangeList

from dvf.keyset import BY_DATE, Cursor, CursorError, Page, read
from dvf.models import DVFImport, DVFSale
from dvf.sales_search import STATEMENT_TIMEOUT_MS, statement_timeout

CURSOR_VAR = "c"
DATE_VAR = "jour"
LAST_ID = 2**63 - 1


class SaleChangeList(ChangeList):  # type: ignore[misc]
    """Sorted by date, the latest first. ``?jour=2023-05-01`` opens the list at a date, ``?c=`` at a page."""

    next_url: str = ""
    previous_url: str = ""
    count_text: Any = ""
    day: str = ""

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        kept: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in kept.items() if name not in {CURSOR_VAR, DATE_VAR}}

    def get_results(self, request: HttpRequest) -> None:
        served = DVFImport.objects.served().first()
        release = served.pk if served else 0
        cursor = self._cursor(request, release)
        page = Page([], None, None)
        try:
            with statement_timeout(STATEMENT_TIMEOUT_MS):
                page = read([self.queryset], BY_DATE, self.list_per_page, release, cursor)
            self.count_text = self._count(page, cursor)
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            messages.error(
                request, _("La recherche a pris trop de temps : ajoutez un lieu ou retirez un filtre.")
            )
            self.count_text = _("recherche interrompue")
        self.result_list = page.rows
        self.next_url = self._url(page.next)
        self.previous_url = self._url(page.previous)
        # What the theme's templates read; nothing is counted.
        self.result_count = len(page.rows)
        self.full_result_count = len(page.rows)
        self.show_full_result_count = False
        self.show_admin_actions = False
        self.can_show_all = self.multi_page = False
        self.paginator = SimpleNamespace(
            count=len(page.rows), num_pages=1, template_name="admin/dvf/dvfsale/pagination.html"
        )

    def _cursor(self, request: HttpRequest, release: int) -> Cursor | None:
        if text := request.GET.get(CURSOR_VAR):
            try:
                cursor = Cursor.decode(text)
            except CursorError:
                messages.warning(request, _("Cette page n'existe pas : voici la première."))
                return None
            if cursor.release != release or cursor.order != BY_DATE.name:
                messages.warning(request, _("Les ventes ont été remplacées depuis : voici la première page."))
                return None
            return cursor
        if text := request.GET.get(DATE_VAR):
            try:
                day = datetime.date.fromisoformat(text)
            except ValueError:
                messages.warning(request, _("Date illisible (attendu : AAAA-MM-JJ)."))
                return None
            self.day = text
            return Cursor(BY_DATE.name, False, release, day, LAST_ID)
        return None

    def _url(self, cursor: Cursor | None) -> str:
        if cursor is None:
            return ""
        url: str = self.get_query_string({CURSOR_VAR: cursor.encode()}, [DATE_VAR])
        return url

    def _count(self, page: Page, cursor: Cursor | None) -> Any:
        if cursor is None and page.next is None:
            return _("%(count)s vente(s)") % {"count": len(page.rows)}
        estimate = max(estimated_rows(self.queryset), len(page.rows))
        return _("≈ %(count)s ventes") % {"count": f"{_rounded(estimate):,}".replace(",", " ")}


def _rounded(number: int) -> int:
    """Two significant figures: an estimate does not pretend to more."""
    magnitude = 10 ** max(len(str(number)) - 2, 0)
    return int(round(number / magnitude) * magnitude)


def estimated_rows(sales: QuerySet[DVFSale]) -> int:
    """How many rows the planner expects (the table's statistics when there is no filter); never a scan."""
    if not sales.query.where:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'dvf_sales'::regclass")
            row: tuple[float] = cursor.fetchone()
            return max(0, int(row[0]))
    plan = sales.order_by().explain(format="json")
    if not plan:  # a street that is nowhere: no question, no plan
        return 0
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"])

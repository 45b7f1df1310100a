"""How far each rule of the extraction can be relied on: what people said of the facts it had read."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, Count, F, Func, Q, Value

from documents.models import Correction

MOST_LINES = 500
MOST_COUNTED = 1000
Verdict = Correction.Verdict


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one rule (or one fact): facts that staff checked, and how many of them were wrong; what clients
    corrected stands apart, since nobody is asked to say when a value is right.
    """

    name: str
    checked: int
    corrected: int
    rejected: int
    by_clients: int

    @property
    def wrong_percent(self) -> float | None:
        """Share corrected or rejected of those checked; None where none was."""
        return round(100 * (self.corrected + self.rejected) / self.checked, 1) if self.checked else None


def by_rule(by: str = "rule") -> list[Quality]:
    """One line a rule (`by="path"`: a fact, whatever its place in a list), the most often wrong first."""
    without_indices = Func(
        F("path"), Value(r"\[\d+\]"), Value("[]"), Value("g"),
        function="regexp_replace", output_field=CharField(),
    )  # fmt: skip
    staff = Q(by_staff=True)
    rows = (
        Correction.objects.annotate(name=without_indices if by == "path" else F("rule"))
        .values("name")
        .annotate(
            checked=Count("pk", filter=staff),
            corrected=Count("pk", filter=staff & Q(verdict=Verdict.CORRECTED)),
            rejected=Count("pk", filter=staff & Q(verdict=Verdict.REJECTED)),
            by_clients=Count("pk", filter=~staff & ~Q(verdict=Verdict.ACCEPTED)),
        )
        .order_by("-corrected", "-rejected", "name")[:MOST_LINES]
    )
    found = [Quality(**row) for row in rows]
    return sorted(found, key=lambda q: (-(q.wrong_percent or 0), -q.checked, q.name))

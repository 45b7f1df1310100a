"""Everything that the papers of one property say together, as codes and numbers: what is stored.

Nothing here depends on a day: who pays, which risks hold and what to do first follow from the signing date
when it is read (`signing.at`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from documents.rules import risks_of
from documents.rules.case import Case
from documents.synthesis.annual import annual_costs
from documents.synthesis.confidence import confidence
from documents.synthesis.contradictions import contradictions
from documents.synthesis.lines import Costs
from documents.synthesis.missing import missing_papers
from documents.synthesis.papers import Dossier, Subject, day
from documents.synthesis.themes import themes
from documents.synthesis.works import one_time_costs, put_off_works

VERSION = "2"  # raise it with every change that changes what comes out: stored ones are made again


def synthesise(dossier: Dossier, subject: Subject, unread: Mapping[str, int] | None = None) -> dict[str, Any]:
    """{version, subject, annual, one_time, planned, shares, risks, contradictions, missing, themes,
    confidence, documents, key_findings}; JSON-able.
    """
    case = Case(dossier, subject)
    annual, once, planned = annual_costs(dossier), one_time_costs(dossier), put_off_works(dossier)
    share = dossier.share()
    risks = [risk.as_json() for risk in risks_of(case)]
    heaviest = sorted(risks, key=lambda r: -r["weight"])
    return {
        "version": VERSION,
        "subject": subject.as_json(),
        "annual": _costs(annual),
        "one_time": _costs(once),
        "planned": _costs(planned),
        "share": None
        if share is None
        else {
            "lot": share.lot,
            "total": share.total,
            "overridden": share.overridden,
            "findings": [e.as_json() for e in share.evidence],
        },
        "risks": risks,
        "contradictions": [c.as_json() for c in contradictions(case, once)],
        "missing": [m.as_json() for m in missing_papers(case)],
        "themes": themes(dossier),
        "confidence": confidence(
            dossier, [*annual.lines, *once.lines], [*annual.left_out, *once.left_out], unread or {}
        ),
        "documents": {"read": len(dossier.papers), **(unread or {})},
        "key_findings": [{"code": r["code"], "values": r["values"]} for r in heaviest[:5] if r["weight"]],
    }


def _costs(costs: Costs) -> dict[str, Any]:
    return {
        "lines": [line.as_json() for line in costs.lines],
        "left_out": [left.as_json() for left in costs.left_out],
    }


def review_day(data: Mapping[str, Any], today: date) -> date | None:
    """The first day after today on which something holds that did not, or no longer: a risk begins or ends,
    an amount falls due, a paper is asked for.
    """
    days = [day(risk[end]) for risk in data["risks"] for end in ("since", "until")]
    days += [day(paper["since"]) for paper in data["missing"]]
    days.append(date(today.year + 1, 1, 1))  # the years of which papers are owed
    days += [due + timedelta(days=1) for line in data["one_time"]["lines"] if (due := day(line["due_date"]))]
    return min((d for d in days if d is not None and d > today), default=None)

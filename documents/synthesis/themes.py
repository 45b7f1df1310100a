"""What the meetings came back to over the years: a leak voted, put off, voted again."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from documents.synthesis.papers import Dossier, day, money

THEMES = {
    "facade": r"facade|ravalement|balcon|enduit",
    "roof": r"toit|couverture|terrasse|zinguerie|gouttiere|cheneau|charpente",
    "leaks": r"fuite|infiltration|degat des eaux|etancheite|humidite",
    "lift": r"ascenseur|elevateur",
    "heating": r"chauff|chaudiere|sous-station|calorifug",
    "energy": r"isolation|renovation energetique|audit energetique|thermique|ventilation|\bvmc\b",
    "plumbing": r"colonne|canalisation|plomberie|evacuation|egout|assainissement|eaux usees",
    "electricity": r"electri|eclairage|minuterie",
    "security": r"incendie|desenfumage|interphone|digicode|visiophone|video ?surveillance|vigik",
    "entrance": r"\bhall\b|\bportes?\b|escalier|boites? aux lettres|peinture",
    "structure": r"fissure|structure|fondation|plancher|sous-?oeuvre|confortement",
    "grounds": r"jardin|espaces? verts?|parking|portail|cloture|voirie|elagage|arbre",
    "hazards": r"amiante|plomb\b|termite|merule|radon",
    "charging": r"\bbornes?\b|recharge|\birve\b",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in THEMES.items()}


def plain(text: str) -> str:
    """Lower case, without accents, ligatures and curled apostrophes."""
    parts = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").replace("’", "'"))
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()


def themes_of(text: str) -> set[str]:
    """The themes that a resolution's words name; none for administration and accounts."""
    folded = plain(text)
    return {name for name, pattern in _PATTERNS.items() if pattern.search(folded)}


def themes(dossier: Dossier) -> list[dict[str, Any]]:
    """[{theme, pattern, events [{date, resolution, status, label, amount, findings}]}], the events by date.

    `pattern`: "voted" (once), "voted_again" (adopted at several meetings), "put_off_then_voted",
    "put_off_again" (put off or refused at several meetings), "put_off", "refused". The same resolution of
    the same meeting counts once.
    """
    events: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    lists = (("works", "description", "resolution"), ("resolutions", "topic", "number"))
    for paper in dossier.of("pv_ag"):
        held = day(paper.facts.get("meeting_date"))
        for name, text, number in lists:
            for index, item in enumerate(paper.facts.get(name) or []):
                if held is None or item.get("status") not in ("adopted", "rejected", "deferred"):
                    continue
                label, path, amount = str(item.get(text) or ""), f"{name}[{index}]", money(item.get("amount"))
                sure = amount is not None and paper.sure(f"{path}.amount", amount)
                event = {
                    "date": held.isoformat(),
                    "resolution": item.get(number),
                    "status": item["status"],
                    "label": label[:300],
                    "amount": float(amount) if sure and amount is not None else None,
                    "findings": [paper.evidence(path).as_json()],
                }
                for theme in themes_of(label):
                    once = (held.isoformat(), str(item.get(number) or path))
                    events.setdefault(theme, {}).setdefault(once, event)
    found = []
    for theme in THEMES:
        if listed := sorted(events.get(theme, {}).values(), key=lambda e: (e["date"], str(e["resolution"]))):
            found.append({"theme": theme, "pattern": _pattern(listed), "events": listed})
    return found


def _pattern(events: list[dict[str, Any]]) -> str:
    voted = {event["date"] for event in events if event["status"] == "adopted"}
    put_off = {event["date"] for event in events if event["status"] == "deferred"}
    not_voted = {event["date"] for event in events} - voted
    if voted:
        if not_voted and min(not_voted) < max(voted):
            return "put_off_then_voted"
        return "voted_again" if len(voted) > 1 else "voted"
    if len(not_voted) > 1:
        return "put_off_again"
    return "put_off" if put_off else "refused"

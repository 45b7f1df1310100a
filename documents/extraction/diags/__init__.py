"""Diagnostics: one report or a bundle (dossier de diagnostic technique) → one entry for each diagnostic."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from documents.extraction.diags import dpe, installations, substances, surfaces, surroundings
from documents.extraction.diags.address import read_address
from documents.extraction.diags.conclusions import not_performed
from documents.extraction.diags.parts import Part, split
from documents.extraction.diags.visits import read_dates
from documents.extraction.draft import Draft
from documents.extraction.flow import Flow
from documents.extraction.page import Page, Reading

READERS: dict[str, Callable[[Part], None]] = {
    "carrez": surfaces.read_carrez,
    "boutin": surfaces.read_boutin,
    "dpe": dpe.read,
    "audit_energetique": dpe.read_audit,
    "amiante": substances.read_asbestos,
    "plomb": substances.read_lead,
    "termites": substances.read_termites,
    "electricite": installations.read_electricity,
    "gaz": installations.read_gas,
    "assainissement": surroundings.read_sewage,
    "bruit": surroundings.read_noise,
    "erp": surroundings.read_risks,
}
WITHOUT_OUTCOME = ("carrez", "boutin", "dpe", "audit_energetique")


def extract(pages: Sequence[Page]) -> Reading:
    flow = Flow(pages)
    draft = Draft("diags", flow)
    bundle = split(flow)
    read_address(draft, bundle)
    index = 0
    for kind, reader in READERS.items():
        part = bundle.parts.get(kind)
        if part is None:
            continue
        reader(part)
        if kind not in WITHOUT_OUTCOME:
            not_performed(part)
        if not part.facts:
            continue  # named, but nothing of it is here
        read_dates(part, bundle)
        title = part.own or part.summary
        start = title[0].start
        draft.put(
            f"diagnostics[{index}].type", kind, flow.row_at(start).cells[0].span, f"diags.{kind}.type", 0.9
        )
        for name, (value, spans, rule, confidence) in part.facts.items():
            draft.put(f"diagnostics[{index}].{name}", value, spans, rule, confidence)
        index += 1
    return draft.reading()

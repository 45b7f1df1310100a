"""What the documents say: yearly and one-time amounts, who pays, risks, contradictions, what is missing, what
to do. Every figure carries the numbers of the clippings it was read from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from reports.blocks import Block, Tone, cell, column, heading, item, none, note, quoted, section, table, text
from reports.clippings import Clippings
from reports.writing import cents, colon, day, number, short, typographic

Data = Mapping[str, Any]
LEVEL_TONES: dict[str, Tone] = {"low": "good", "medium": "warning", "high": "bad"}


def amount_pages(data: Data, clippings: Clippings) -> list[Block]:
    blocks = [section(_("Ce que les documents engagent")), *_state(data)]
    blocks += [heading(_("Chaque année")), *_annual(data, clippings)]
    blocks += [heading(_("Une fois : travaux et appels, et qui les paie")), *_once(data, clippings)]
    if data["planned"]["lines"]:
        blocks += [heading(_("Travaux reportés, dans aucun total")), *_planned(data, clippings)]
    left = [line for part in ("annual", "one_time", "planned") for line in data[part]["left_out"]]
    if left:
        blocks += [heading(_("Lu, mais dans aucun total")), _left_out(left, clippings)]
    if data["themes"]:
        blocks += [heading(_("Ce qui revient d'une année à l'autre")), *_themes(data, clippings)]
    return blocks


def _state(data: Data) -> list[Block]:
    read = data["documents"]
    said = [_("Documents lus : %(n)s.") % {"n": read["read"]}]
    if read.get("waiting"):
        said.append(_("En attente de lecture : %(n)s.") % {"n": read["waiting"]})
    if read.get("failed"):
        said.append(_("Non lus : %(n)s.") % {"n": read["failed"]})
    share = data["share"]
    if share:
        values = {"lot": number(share["lot"]), "total": number(share["total"])}
        said.append(_("Part du lot : %(lot)s tantièmes sur %(total)s.") % values)
    if data["status"] != "current":
        said.append(_("La synthèse se refait : ceci est la dernière réussie."))
    return [text(" ".join(said))]


def _annual(data: Data, clippings: Clippings) -> list[Block]:
    lines = data["annual"]["lines"]
    if not lines:
        return [none(_("Pas de données : aucun document ne donne de coût annuel."))]
    rows = [
        [
            cell(_title(line), small=_basis(line)),
            str(line["year"] or "–"),
            _range(line),
            cell(_statuses().get(line["status"], line["status"])),
            cell("", clippings.refs(line["findings"], _what(line))),
        ]
        for line in lines
    ]
    low, high = data["totals"]["annual_range"]
    total = cents(low) if low == high else f"{number(low, 2)} – {cents(high)}"
    columns = [
        column(_("Poste"), 1),
        column(_("Année"), align="right"),
        column(_("Pour le lot"), align="right"),
        column(_("Nature")),
        column(_("Extraits")),
    ]
    blocks = [table(columns, rows, [[_("Total par an"), "", total, "", ""]])]
    if low != high:
        said = _("Une fourchette vient du document ; son milieu (%(amount)s en tout) sert de coût annuel.")
        blocks.append(note(said % {"amount": cents(data["totals"]["annual"])}))
    return blocks


def _once(data: Data, clippings: Clippings) -> list[Block]:
    lines = data["one_time"]["lines"]
    if not lines:
        return [none(_("Pas de données : aucun document ne donne de travaux ni d'appel."))]
    rows = [
        [
            cell(_title(line), small=_basis(line)),
            day(line["due_date"]) or _("sans date"),
            _range(line),
            cell(_statuses().get(line["status"], line["status"]),
                 small="" if line["payment_status"] == "unknown" else _payments()[line["payment_status"]]),
            cell(_payers()[line["payer"]], tone="muted" if line["payer"] in {"seller", "nobody"} else ""),
            cell("", clippings.refs(line["findings"], _what(line))),
        ]
        for line in lines
    ]  # fmt: skip
    totals = data["totals"]
    summed: list[list[Any]] = [
        [_("À la charge de l'acheteur"), "", cents(totals["one_time_buyer"]), "", "", ""]
    ]
    if totals["one_time_without_date"]:
        undated = cents(totals["one_time_without_date"])
        summed.append([cell(_("dont sans date connue"), tone="muted"), "", undated, "", "", ""])
    summed.append([_("À la charge du vendeur"), "", cents(totals["one_time_seller"]), "", "", ""])
    if totals["one_time_paid"]:
        summed.append([_("Déjà payé"), "", cents(totals["one_time_paid"]), "", "", ""])
    columns = [
        column(_("Poste"), 1),
        column(_("Exigible")),
        column(_("Pour le lot"), align="right"),
        column(_("Nature")),
        column(_("Qui paie")),
        column(_("Extraits")),
    ]
    said = _(
        "Signature au %(day)s. Exigible avant : au vendeur ; ce jour ou après : à l'acheteur (décret du "
        "17 mars 1967, art. 6-2). Sans date : compté avec l'acheteur, par prudence."
    )
    return [table(columns, rows, summed), note(typographic(said % {"day": day(data["as_of"])}))]


def _planned(data: Data, clippings: Clippings) -> list[Block]:
    rows = [
        [cell(_title(line), small=_basis(line)), str(line["year"] or "–"), _range(line),
         cell("", clippings.refs(line["findings"], _what(line)))]
        for line in data["planned"]["lines"]
    ]  # fmt: skip
    columns = [
        column(_("Poste"), 1),
        column(_("Année"), align="right"),
        column(_("Pour le lot"), align="right"),
        column(_("Extraits")),
    ]
    return [table(columns, rows)]


def _left_out(left: list[Data], clippings: Clippings) -> Block:
    rows = [
        [
            cell(typographic(line["name"]), small=short(line["label"], 120)),
            cents(line["amount"]),
            typographic(line["sentence"]),
            cell("", clippings.refs(line["findings"], _what(line))),
        ]
        for line in left
    ]
    columns = [
        column(_("Poste"), 1),
        column(_("Montant lu"), align="right"),
        column(_("Pourquoi"), 1),
        column(_("Extraits")),
    ]
    return table(columns, rows)


def _themes(data: Data, clippings: Clippings) -> list[Block]:
    found = []
    for theme in data["themes"]:
        refs: list[int] = []
        lines = []
        for event in theme["events"]:
            refs += clippings.refs(event["findings"], short(event["label"], 90) or theme["name"])
            amount = f" – {cents(event['amount'])}" if event["amount"] is not None else ""
            status = _votes().get(event["status"], event["status"])
            lines.append(f"{day(event['date'])}{colon()}{short(event['label'], 160)} ({status}){amount}")
        found.append(item(typographic(theme["name"]), [*map(typographic, lines)],
                          mark=typographic(theme["sentence"]), refs=sorted(set(refs))))  # fmt: skip
    return found


def risk_pages(data: Data, clippings: Clippings) -> list[Block]:
    blocks = [section(_("Risques et règles"))]
    if not data["documents"]["read"]:
        return [*blocks, none(_("Pas de données : aucun document n'a été lu."))]
    level = data["risk"]
    said = _("Risque %(level)s : %(points)s points. Moyen dès %(medium)s, élevé dès %(high)s.") % {
        "level": level["name"], "points": level["points"], **level["thresholds"],
    }  # fmt: skip
    blocks.append(text(typographic(said), LEVEL_TONES[level["level"]]))
    if not data["risks"]:
        return [*blocks, text(_("Aucun risque n'est relevé à cette date."))]
    for risk in sorted(data["risks"], key=lambda r: -r["weight"]):
        since = _("Depuis le %(day)s.") % {"day": day(risk["since"])} if risk["since"] else ""
        until = _("Jusqu'au %(day)s.") % {"day": day(risk["until"])} if risk["until"] else ""
        said = _("Règle : %(source)s") % {"source": risk["source"]}
        weight = risk["weight"]
        blocks.append(
            item(
                typographic(risk["sentence"]),
                [typographic(f"{said}. {since} {until}".strip())],
                mark=_("%(n)s points") % {"n": weight} if weight else _("à savoir"),
                tone="bad" if weight >= 20 else "warning" if weight else "muted",
                refs=clippings.refs(risk["findings"], typographic(short(risk["sentence"], 90))),
            )
        )
    return blocks


def contradiction_pages(data: Data, clippings: Clippings) -> list[Block]:
    blocks = [section(_("Contradictions"))]
    if not data["contradictions"]:
        return [*blocks, _nothing(data, _("Aucune contradiction n'est relevée entre les documents."))]
    for found in data["contradictions"]:
        refs = [
            ref
            for said in found["said"]
            for ref in clippings.refs(said["findings"], typographic(short(found["sentence"], 90)))
        ]
        blocks.append(item(typographic(found["sentence"]), mark=_("à éclaircir"), tone="warning", refs=refs))
    return blocks


def missing_pages(data: Data) -> list[Block]:
    blocks = [section(_("Documents manquants"))]
    if not data["missing"]:
        return [*blocks, _nothing(data, _("Aucun document exigé ne manque."))]
    rows = [
        [typographic(paper["name"]), typographic(paper["sentence"]), paper["source"]]
        for paper in data["missing"]
    ]
    columns = [column(_("Document"), 1), column(_("Effet"), 1.3), column(_("Source"), 1)]
    letter = typographic(data["missing_request"])
    return [*blocks, table(columns, rows), heading(_("À demander au vendeur")), quoted(letter)]


def action_pages(data: Data) -> list[Block]:
    blocks = [section(_("Que faire, et dans quel ordre"))]
    if not data["actions"]:
        return [*blocks, _nothing(data, _("Rien de particulier à demander."))]
    titles = {1: _("Avant toute offre"), 2: _("Avant le compromis"), 3: _("Plus tard")}
    tones: dict[int, Tone] = {1: "bad", 2: "warning", 3: "muted"}
    priority = 0
    for action in data["actions"]:
        if action["priority"] != priority:
            priority = action["priority"]
            blocks.append(heading(titles.get(priority, str(priority))))
        blocks.append(item(typographic(action["sentence"]), tone=tones.get(priority, "")))
    return blocks


def confidence_lines(data: Data) -> list[str]:
    return [typographic(reason["sentence"]) for reason in data["confidence"]["reasons"]]


def _nothing(data: Data, said: str) -> Block:
    """Nothing was found, which is worth something only where something was read."""
    return text(said) if data["documents"]["read"] else none(_("Pas de données : aucun document n'a été lu."))


def _title(line: Data) -> str:
    label = short(line["label"], 120)
    name = typographic(line["name"])
    return f"{name} – {label}" if label else name


def _what(line: Data) -> str:
    year = f" {line['year']}" if line.get("year") else ""
    return f"{_title(line)}{year}"


def _basis(line: Data) -> str:
    """Whose amount it was on paper, and how it became the lot's."""
    if line["whose"] == "lot":
        said = _("somme du lot")
        if line["amount"] != line["stated_amount"] and line["range"][0] == line["range"][1]:
            said = _("somme du lot, ramenée à douze mois (lu : %(amount)s)")
            said %= {"amount": cents(line["stated_amount"])}
    else:
        share = line["tantiemes"] or {"lot": 0, "total": 0}
        said = _("immeuble : %(amount)s × %(lot)s / %(total)s, clé %(key)s") % {
            "amount": cents(line["stated_amount"]),
            "lot": number(share["lot"]),
            "total": number(share["total"]),
            "key": _keys().get(line["allocation_key"], line["allocation_key"]),
        }
    return f"{said} ; {_('fixé par une personne')}" if line["overridden"] else said


def _range(line: Data) -> str:
    low, high = line["range"]
    return cents(low) if low == high else f"{number(low, 2)} – {cents(high)}"


def _statuses() -> dict[str, str]:
    return {"voted": _("voté"), "estimated": _("estimé"), "upcoming": _("appelé"), "actual": _("constaté")}


def _votes() -> dict[str, str]:
    return {
        "adopted": _("adopté"),
        "rejected": _("rejeté"),
        "deferred": _("reporté"),
        "no_vote": _("sans vote"),
    }


def _payers() -> dict[str, str]:
    return {
        "buyer": _("l'acheteur"),
        "seller": _("le vendeur"),
        "unknown": _("à préciser"),
        "nobody": _("déjà payé"),
    }


def _payments() -> dict[str, str]:
    return {"paid": _("payé"), "unpaid": _("impayé"), "unknown": ""}


def _keys() -> dict[str, str]:
    return {
        "general": _("générale"),
        "building": _("bâtiment"),
        "stairs": _("escalier"),
        "lift": _("ascenseur"),
        "heating": _("chauffage"),
    }

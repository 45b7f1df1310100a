"""What each group of staff may open and do in the back-office: one table, which `manage.py staff_groups`
writes into the groups, docs/back-office.md shows and a test walks page by page.

Letters: v see, a add, c change (which holds the page's own actions: run again, hide, restore…), d delete.
Apps above this one are named by their labels. A superuser may do everything, here and below.
"""

from __future__ import annotations

from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts.activity import record
from accounts.models import User, normalise_email

READER, REVIEWER, DATA, ADMINISTRATOR = "reader", "reviewer", "data operator", "administrator"
GROUPS = (READER, REVIEWER, DATA, ADMINISTRATOR)
TABLE: dict[str, tuple[str, str, str, str]] = {
    # page                        reader reviewer data  administrator
    "accounts.user":             ("v",   "v",     "",   "vacd"),
    "properties.property":       ("v",   "vc",    "",   "vacd"),
    "documents.document":        ("v",   "vc",    "",   "vc"),
    "documents.documentreview":  ("v",   "vc",    "",   "vc"),
    "documents.analysis":        ("v",   "vc",    "",   "vc"),
    "documents.documentsummary": ("v",   "vc",    "",   "vc"),
    "photos.photo":              ("v",   "v",     "",   "v"),
    "photos.photoredesign":      ("v",   "vc",    "",   "vc"),
    "photos.photoreference":     ("v",   "v",     "",   "v"),
    "documents.modelrun":        ("v",   "v",     "",   "v"),
    "reports.report":            ("v",   "vc",    "",   "vc"),
    "feedback.feedback":         ("v",   "vc",    "",   "vc"),
    "dvf.dvfsale":               ("v",   "v",     "v",  "v"),
    "dvf.dvfimport":             ("v",   "",      "vc", "vc"),
    "dvf.valuationbacktest":     ("v",   "",      "v",  "v"),
    "dvf.valuationmodel":        ("",    "",      "v",  "v"),
    "dvf.priceindex":            ("",    "",      "v",  "v"),
    "accounts.activity":         ("",    "",      "",   "v"),
    "accounts.apitoken":         ("",    "",      "",   "v"),
    "accounts.export":           ("",    "",      "",   "v"),
    "accounts.erasure":          ("",    "",      "",   "v"),
    "auth.group":                ("",    "",      "",   "v"),
}  # fmt: skip
_CODES = {"v": "view", "a": "add", "c": "change", "d": "delete"}


def letters(page: str, group: str) -> str:
    return TABLE[page][GROUPS.index(group)]


@transaction.atomic
def write() -> dict[str, int]:
    """Make the groups, or bring them back to the table; how many permissions each holds.

    Raises LookupError when the table names a page that no app has.
    """
    from django.apps import apps

    for label in {page.partition(".")[0] for page in TABLE}:
        create_permissions(apps.get_app_config(label), verbosity=0)
    known = {
        (p.content_type.app_label, p.codename): p for p in Permission.objects.select_related("content_type")
    }
    counts = {}
    for name in GROUPS:
        group, _created = Group.objects.get_or_create(name=name)
        held = []
        for page in TABLE:
            app, _dot, model = page.partition(".")
            held += [known[app, f"{_CODES[letter]}_{model}"] for letter in letters(page, name)]
        group.permissions.set(held)
        counts[name] = len(held)
    return counts


@transaction.atomic
def add(email: str, group: str) -> User:
    """Make somebody staff, in this group. Raises User.DoesNotExist."""
    user = User.objects.select_for_update().get(email=normalise_email(email))
    user.is_staff = True
    user.save(update_fields=["is_staff", "updated_at"])
    user.groups.add(Group.objects.get(name=group))
    record("staff.added", user, changes={"group": [None, group]})
    return user


def as_markdown() -> str:
    """The table as docs/back-office.md shows it."""
    lines = [f"| page | {' | '.join(GROUPS)} |", f"|---|{'---|' * len(GROUPS)}"]
    words = {"v": "see", "a": "add", "c": "change", "d": "delete"}
    for page, cells in TABLE.items():
        shown = [", ".join(words[letter] for letter in cell) or "–" for cell in cells]
        lines.append(f"| `{page}` | {' | '.join(shown)} |")
    return "\n".join(lines)

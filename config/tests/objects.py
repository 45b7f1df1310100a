"""One person's objects, one of each kind that a route can name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import ApiToken, Export, User
from config.tests.routes import Route
from documents.models import Analysis, Batch, Document, DocumentPage, Finding, Proposal
from photos.models import Photo, PhotoRedesign, PhotoReference, RedesignThread
from properties.models import Property
from properties.tests.factories import PropertyFactory
from reports.models import Report

SECRET = "Zanzibar"
"""Stands in this person's data only: nobody else's answer may hold it."""

Ids = dict[str, Any]


def make_photo(flat: Property, key: str) -> Photo:
    return Photo.objects.create(
        property=flat,
        filename=f"{SECRET}.jpg",
        file_hash="0" * 64,
        received_format="JPEG",
        size=8,
        width=8,
        height=8,
        storage_key=key,
        storage_bucket="b",
    )


@contextmanager
def objects_of(owner: User, routes: Sequence[Route]) -> Iterator[Ids]:
    """Ids by "<route name>.<parameter>", and by kind ("property", "document", "redesign", "reference")."""
    key = default_storage.save(f"{owner.pk}/documents/matrix.pdf", ContentFile(b"%PDF-1.7"))
    flat = PropertyFactory(user=owner, address=f"1 rue {SECRET}")
    batch = Batch.objects.create(property=flat, user=owner)
    document = Document.objects.create(
        property=flat,
        batch=batch,
        filename=f"{SECRET}.pdf",
        original_filename="a.pdf",
        content_type="application/pdf",
        size=8,
        file_hash="0" * 64,
        storage_key=key,
        storage_bucket="b",
        status="analyzed",
        analysis_result={"document_type": "other", "facts": {}, "findings": []},
    )
    DocumentPage.objects.create(document=document, number=1, source="text", content=[], image_key=key)
    run = Analysis.objects.create(
        document=document, engine="e", version="1", inputs_hash="", document_type="other"
    )
    finding = Finding.objects.create(
        analysis=run, path="title", value="x", page=1, quote="x", method="rule", confidence=1
    )
    proposal = Proposal.objects.create(analysis=run, path="title", value="y", reason="disagrees")
    photo = make_photo(flat, key)
    reference = PhotoReference.objects.create(
        user=owner,
        filename=SECRET,
        file_hash="0" * 64,
        width=8,
        height=8,
        storage_key=key,
        storage_bucket="b",
    )
    thread = RedesignThread.objects.create(photo=photo, name=SECRET)
    redesign = PhotoRedesign.objects.create(
        photo=photo, thread=thread, style="x", custom_prompt=SECRET, status="completed", storage_key=key
    )
    report = Report.objects.create(
        property=flat, kind="synthesis", language="fr", status="completed", storage_key=key
    )
    token, _secret = ApiToken.objects.create(user=owner, name=SECRET)
    session = UserSession.objects.create(user=owner, ip="192.0.2.1", session_key="k" * 32, user_agent=SECRET)
    job = Export.objects.create(user=owner, status="completed", storage_key=key)
    kinds: Ids = {
        "property": flat.pk,
        "document": document.pk,
        "redesign": redesign.pk,
        "reference": reference.pk,
    }
    # The parameter where it says what it names, else the beginning of the route's name: the longest first.
    by_parameter = {
        "finding_id": finding.pk,
        "proposal_id": proposal.pk,
        "number": 1,
        "workflow_id": batch.pk,
        "id_mutation": "2020-1",
        "report_id": report.uuid,
        "redesign_id": redesign.pk,
        "redesign_uuid": redesign.redesign_uuid,
        "thread_id": thread.pk,
        "token_key": token.token_key,
    }
    by_name = {
        "auth-session-end": session.pk,
        "users-me-export": job.pk,
        "photo-reference": reference.pk,
        "property": flat.pk,
        "document": document.pk,
        "photo": photo.pk,
        "synthesis": flat.pk,
    }
    found = dict(kinds)
    for route in routes:
        for name in route.kwargs:
            value = by_parameter.get(name) or next(
                (v for prefix, v in by_name.items() if route.name.startswith(prefix)), None
            )
            assert value is not None, f"No object for {route}: add one here."
            found[f"{route.name}.{name}"] = value
    try:
        yield found
    finally:
        default_storage.delete(key)

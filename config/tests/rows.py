"""One row of each kind that the back-office has a page for, with a text that would break a careless page."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Model

from accounts.activity import record
from accounts.models import Activity, ApiToken, Erasure, Export, User
from accounts.tests.factories import UserFactory
from documents.llm.models import ModelRun
from documents.models import Analysis, Document, DocumentSummary, Finding
from dvf.models import DVFImport
from dvf.tests.factories import DVFSaleFactory
from dvf.valuation_models import PriceIndex, ValuationBacktest, ValuationModel
from feedback.models import Feedback
from photos.models import Photo, PhotoRedesign, PhotoReference, RedesignThread
from properties.models import Property
from properties.tests.factories import PropertyFactory
from reports.models import Report

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>"""
_NUMBER = itertools.count(1)


def one_of_each(user: User | None = None) -> dict[str, Model]:
    """Label ("documents.document") → a new row; all of one client, whose every text is `HOSTILE`."""
    number = next(_NUMBER)
    user = user or UserFactory(full_name=HOSTILE)
    flat: Property = PropertyFactory(user=user, address=HOSTILE, city=HOSTILE)
    stored: dict[str, Any] = {"storage_key": f"{user.pk}/{number}/x", "storage_bucket": "b"}
    document = Document.objects.create(
        property=flat, filename=f"{HOSTILE}.pdf", original_filename=f"{HOSTILE}.pdf", size=8,
        content_type="application/pdf", file_hash=f"{number:064}", status="analyzed", page_count=1, **stored,
        analysis_result={"document_type": "other", "facts": {"title": HOSTILE}, "findings": []},
    )  # fmt: skip
    analysis = Analysis.objects.create(
        document=document, engine="rules", version="1", inputs_hash="", document_type="other",
        facts={"title": HOSTILE}, warnings=[HOSTILE],
    )  # fmt: skip
    Finding.objects.create(
        analysis=analysis, path="title", value=HOSTILE, page=1, quote=HOSTILE, method="rule", confidence=0.4
    )
    summary = DocumentSummary.objects.create(property=flat, status="current", overall_summary=HOSTILE)
    sizes = {"width": 640, "height": 480}
    photo = Photo.objects.create(
        property=flat, filename=f"{HOSTILE}.jpg", file_hash=f"{number:064}", received_format="jpeg", size=8,
        **sizes, **stored,
    )  # fmt: skip
    thread = RedesignThread.objects.create(photo=photo, name=HOSTILE)
    first = PhotoRedesign.objects.create(
        photo=photo, thread=thread, style="classic", status="completed", **stored
    )
    redesign = PhotoRedesign.objects.create(
        photo=photo, thread=thread, style="classic", custom_prompt=HOSTILE, parent=first, status="failed",
        error_code="provider_refused", engine="offline", structure_score=0.7, **stored,
    )  # fmt: skip
    reference = PhotoReference.objects.create(
        user=user, filename=HOSTILE, file_hash=f"{number:064}", **sizes, **stored
    )
    token, _secret = ApiToken.objects.create(user=user, name=HOSTILE)
    record("property.updated", flat, actor=user, changes={"address": ["before", HOSTILE]})
    release = DVFImport.objects.first() or DVFImport.objects.create(release_label=HOSTILE, status="served")
    area = {"code_departement": f"{number:03}", "type_principal": "Appartement"}
    fitted = {**area, "release": release, "sales_count": 100, "seconds": 1.0}
    return {
        "accounts.user": user,
        "properties.property": flat,
        "documents.document": document,
        "documents.documentreview": document,
        "documents.analysis": analysis,
        "documents.documentsummary": summary,
        "photos.photo": photo,
        "photos.photoredesign": redesign,
        "photos.photoreference": reference,
        "documents.modelrun": ModelRun.objects.create(document=document),
        "reports.report": Report.objects.create(property=flat, kind="full", language="fr"),
        "feedback.feedback": Feedback.objects.create(user=user, kind="bug", message=HOSTILE),
        "dvf.dvfsale": DVFSaleFactory(
            release=release, adresse_complete=HOSTILE, nom_commune=HOSTILE, id_mutation=f"2024-rows{number}"
        ),
        "dvf.dvfimport": DVFImport.objects.create(
            release_label=HOSTILE, status="failed", error=HOSTILE,
            rejected_lines=[{"file": HOSTILE, "line": 2, "reason": "columns", "content": HOSTILE}],
        ),
        "dvf.valuationbacktest": ValuationBacktest.objects.create(
            **fitted, split_date=datetime.date(2024, 1, 1), tested=20, mdape=9.5, reference_mdape=14.0,
            neighbours_mdape=11.0, median_ratio=1.0, coverage_80=79.0, abstained_percent=2.0, report={},
        ),
        "dvf.valuationmodel": ValuationModel.objects.create(**fitted),
        "dvf.priceindex": PriceIndex.objects.create(
            **area, place_kind="code_departement", place_code=f"{number:03}", sales_count=10, trend={},
            series=[],
        ),
        "accounts.activity": Activity.objects.latest("id"),
        "accounts.apitoken": token,
        "accounts.export": Export.objects.create(user=user, status="failed", error=HOSTILE),
        "accounts.erasure": Erasure.objects.create(account_id=10**9 + number),
        "auth.group": Group.objects.create(name=f"{HOSTILE}{number}"),
    }  # fmt: skip

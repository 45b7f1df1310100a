"""Documents by API: receiving, reading, correcting, deleting; strangers find nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from documents import jobs
from documents.models import Batch, Correction, Document, Status
from documents.tests.papers import call_for_funds
from properties.models import Property
from properties.tests.factories import PropertyFactory


@pytest.fixture
def flat(owner: User) -> Property:
    return PropertyFactory(user=owner)


def pdf(content: bytes | None = None, name: str = "appel.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, call_for_funds() if content is None else content, "application/pdf")


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def upload(client: APIClient, flat: Property, file: SimpleUploadedFile | None = None) -> Any:
    data = {"property_id": flat.pk, "file": file or pdf()}
    return client.post("/api/documents/upload/", data, format="multipart")


@pytest.fixture
def read(owner_api: APIClient, flat: Property) -> Document:
    """A document received and read."""
    pk = upload(owner_api, flat).json()["document"]["id"]
    jobs.run(pk)
    return Document.objects.get(pk=pk)


def test_row_and_file_exist_before_the_answer(owner: User, owner_api: APIClient, flat: Property) -> None:
    answer = upload(owner_api, flat, pdf(name="Appel d'été « œ ».pdf"))
    assert answer.status_code == 202, answer.content
    document = Document.objects.get(pk=answer.json()["document"]["id"])
    assert document.status == Status.PENDING
    assert document.storage_key.startswith(f"{owner.pk}/documents/")
    with default_storage.open(document.storage_key) as stored:
        assert stored.read() == call_for_funds()


def test_a_reading_gives_facts_with_their_place(read: Document, owner_api: APIClient) -> None:
    data = owner_api.get(f"/api/documents/{read.pk}/").json()
    assert data["status"] == "analyzed" and data["document_type"] == "charges" and data["page_count"] == 1
    total = next(f for f in data["analysis_result"]["findings"] if f["path"] == "total_amount")
    assert (
        total["value"] == 168.75 and total["page"] == 1 and "168,75" in total["quote"] and total["grounded"]
    )
    assert all(0 <= c <= 1 for box in total["boxes"] for c in box)
    image = owner_api.get(f"/api/documents/{read.pk}/pages/1/image/")
    assert image["Content-Type"] == "image/webp" and body(image)[8:12] == b"WEBP"


def test_the_original_comes_back_as_a_download(read: Document, owner_api: APIClient) -> None:
    Document.objects.filter(pk=read.pk).update(filename='œuvre "1".pdf')
    answer = owner_api.get(f"/api/documents/{read.pk}/file/")
    assert body(answer) == call_for_funds()
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%C5%93uvre")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 400, "empty_file"), (b"plain text, whatever its name", 415, "unsupported_type")],
)
def test_what_is_no_document_is_refused_by_its_content(
    owner_api: APIClient, flat: Property, content: bytes, status: int, code: str
) -> None:
    answer = upload(owner_api, flat, pdf(content))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert not Document.all_objects.exists()


def test_a_file_over_the_limit_is_refused_and_not_written(
    owner_api: APIClient, flat: Property, settings: Any
) -> None:
    settings.DOCUMENT_MAX_BYTES = 10_000
    answer = upload(owner_api, flat, pdf(b"%PDF-1.7" + b"0" * 15_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_the_same_bytes_twice_are_one_document(read: Document, owner_api: APIClient, flat: Property) -> None:
    answer = upload(owner_api, flat, pdf(name="copie.pdf"))
    assert answer.status_code == 200
    assert answer.json()["file"]["status"] == "duplicate" and answer.json()["document"]["id"] == read.pk
    assert Document.all_objects.count() == 1


def test_a_deleted_document_sent_again_comes_back(
    read: Document, owner_api: APIClient, flat: Property
) -> None:
    assert owner_api.delete(f"/api/documents/{read.pk}/").status_code == 204
    assert owner_api.get(f"/api/documents/{read.pk}/").status_code == 404
    assert upload(owner_api, flat).json()["document"]["id"] == read.pk
    assert owner_api.get(f"/api/documents/{read.pk}/").json()["analysis_result"]["findings"]


def test_bulk_answers_per_file_and_ends_with_errors(owner_api: APIClient, flat: Property) -> None:
    files = [pdf(), pdf(b"%PDF-1.7 broken", "cassé.pdf"), pdf(b"text", "texte.pdf"), pdf(name="encore.pdf")]
    answer = owner_api.post(
        "/api/documents/bulk-upload/", {"property_id": flat.pk, "files": files}, format="multipart"
    )
    assert answer.status_code == 202, answer.content
    data = answer.json()
    assert [f["status"] for f in data["files"]] == ["accepted", "accepted", "rejected", "duplicate"]
    assert data["state"] == "pending"
    for document in data["documents"]:
        jobs.run(document["id"])
    data = owner_api.get(data["url"]).json()
    assert data["state"] == "completed_with_errors"
    assert data["progress"] == {"total": 3, "done": 3, "failed": 2, "percent": 100}
    broken = next(d for d in data["documents"] if d["status"] == "failed")
    assert broken["error_code"] in {"damaged_pdf", "no_pages"} and broken["error"]


def test_more_than_fifty_files_are_refused(owner_api: APIClient, flat: Property) -> None:
    files = [pdf(b"x", f"{n}.pdf") for n in range(51)]
    answer = owner_api.post(
        "/api/documents/bulk-upload/", {"property_id": flat.pk, "files": files}, format="multipart"
    )
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"] == "/files"


def test_a_correction_wins_and_outlives_another_reading(
    read: Document, owner: User, owner_api: APIClient
) -> None:
    assert read.analysis_result is not None
    total = next(f for f in read.analysis_result["findings"] if f["path"] == "total_amount")
    url = f"/api/documents/{read.pk}/findings/{total['id']}/"
    answer = owner_api.patch(url, {"value": 170.25, "reason": "rectificatif reçu"})
    assert answer.status_code == 200, answer.content
    for _again in range(2):
        result = owner_api.get(f"/api/documents/{read.pk}/").json()["analysis_result"]
        assert result["facts"]["total_amount"] == 170.25
        finding = next(f for f in result["findings"] if f["path"] == "total_amount")
        assert finding["read_value"] == 168.75 and finding["method"] == "human"
        assert owner_api.post(f"/api/documents/{read.pk}/analyze/").status_code == 202
        jobs.run(read.pk)
    assert read.analyses.count() == 3 and read.analyses.filter(is_current=True).count() == 1
    assert Correction.objects.get().user == owner


def test_a_correction_of_the_wrong_type_is_refused(read: Document, owner_api: APIClient) -> None:
    assert read.analysis_result is not None
    total = next(f for f in read.analysis_result["findings"] if f["path"] == "total_amount")
    answer = owner_api.patch(f"/api/documents/{read.pk}/findings/{total['id']}/", {"value": "beaucoup"})
    assert answer.status_code == 400 and answer.json()["errors"][0]["code"] == "invalid_fact"
    assert not Correction.objects.exists()


def test_a_corrected_type_runs_the_right_reader(read: Document, owner_api: APIClient) -> None:
    answer = owner_api.patch(f"/api/documents/{read.pk}/", {"document_type": "taxe_fonciere"})
    assert answer.status_code == 200 and answer.json()["status"] == "pending"
    jobs.run(read.pk)
    read.refresh_from_db()
    assert read.status == Status.ANALYZED
    assert (
        read.document_type == "taxe_fonciere"
        and read.analyses.get(is_current=True).document_type == "taxe_fonciere"
    )


def test_nothing_is_read_twice(read: Document, owner_api: APIClient) -> None:
    default_storage.delete(read.storage_key)
    owner_api.post(f"/api/documents/{read.pk}/analyze/")
    jobs.run(read.pk)
    read.refresh_from_db()
    assert read.status == Status.ANALYZED


def test_strangers_find_no_document_anywhere(
    read: Document, owner_api: APIClient, stranger: User, stranger_api: APIClient, flat: Property
) -> None:
    assert read.analysis_result is not None
    base, finding = f"/api/documents/{read.pk}", read.analysis_result["findings"][0]["id"]
    assert read.batch is not None
    for method, path, data in [
        ("get", f"{base}/", None),
        ("patch", f"{base}/", {"filename": "x"}),
        ("delete", f"{base}/", None),
        ("get", f"{base}/file/", None),
        ("get", f"{base}/pages/1/image/", None),
        ("post", f"{base}/analyze/", None),
        ("post", f"{base}/cancel/", None),
        ("patch", f"{base}/findings/{finding}/", {"value": 1}),
        ("get", f"/api/documents/bulk-status/{read.batch.pk}/", None),
        ("post", f"/api/documents/bulk-status/{read.batch.pk}/cancel/", None),
        ("post", f"/api/documents/bulk-status/{read.batch.pk}/retry/", None),
        ("post", "/api/documents/bulk-delete/", {"ids": [read.pk]}),
    ]:
        assert getattr(stranger_api, method)(path, data).status_code == 404, path
    assert upload(stranger_api, flat).status_code == 404
    assert stranger_api.get("/api/documents/").json()["results"] == []
    # A finding of one's own document does not open another's.
    own = PropertyFactory(user=stranger)
    pk = upload(stranger_api, own, pdf(name="sien.pdf")).json()["document"]["id"]
    assert stranger_api.patch(f"/api/documents/{pk}/findings/{finding}/", {"value": 1}).status_code == 404
    read.refresh_from_db()
    assert read.filename == "appel.pdf" and not read.is_deleted and not Correction.objects.exists()


def test_bulk_delete_is_all_or_nothing(read: Document, owner_api: APIClient) -> None:
    assert owner_api.post("/api/documents/bulk-delete/", {"ids": [read.pk, 999_999]}).status_code == 404
    assert owner_api.post("/api/documents/bulk-delete/", {"ids": [read.pk]}).json() == {"deleted": [read.pk]}


def test_cancel_and_retry_of_a_batch(owner_api: APIClient, flat: Property) -> None:
    data = upload(owner_api, flat).json()
    assert owner_api.post(f"{data['url']}cancel/").json()["state"] == "cancelled"
    jobs.run(data["document"]["id"])
    assert owner_api.get(data["url"]).json()["state"] == "cancelled"
    assert owner_api.post(f"{data['url']}retry/").json()["state"] == "pending"
    jobs.run(data["document"]["id"])
    assert owner_api.get(data["url"]).json()["state"] == "completed"


def test_list_costs_the_same_for_one_and_twenty(
    owner_api: APIClient, flat: Property, flat_queries: Any
) -> None:
    def grow() -> None:
        batch = Batch.objects.create(property=flat, user=flat.user)
        for n in range(20):
            Document.objects.create(
                property=flat, batch=batch, uuid=uuid.uuid4(), filename="f", original_filename="f", size=1,
                content_type="application/pdf", file_hash=f"{n:064d}", storage_key="k", storage_bucket="b",
            )  # fmt: skip

    upload(owner_api, flat)
    flat_queries(lambda: owner_api.get("/api/documents/?limit=50"), grow)


def test_a_retry_with_the_same_key_is_one_upload(owner_api: APIClient, flat: Property) -> None:
    answers = [
        owner_api.post(
            "/api/documents/upload/",
            {"property_id": flat.pk, "file": pdf()},
            format="multipart",
            headers={"idempotency-key": "abc-1"},
        )
        for _again in range(2)
    ]
    assert [a.status_code for a in answers] == [202, 202]
    assert answers[0].json()["document"]["id"] == answers[1].json()["document"]["id"]
    assert Batch.objects.count() == 1

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts import idempotency
from accounts.idempotency import idempotent
from accounts.models import IdempotentAnswer, User


class WorkView(APIView):
    """Counts what it does."""

    parser_classes = (JSONParser, MultiPartParser)
    done: list[Any] = []
    error: Exception | None = None

    @idempotent
    def post(self, request: Request) -> Response:
        User.objects.create_user(f"made{len(self.done)}@example.org")
        self.done.append(dict(request.data))
        if self.error:
            raise self.error
        return Response({"n": len(self.done)}, status=201, headers={"Location": "/somewhere/"})


@pytest.fixture
def work() -> type[WorkView]:
    return type("Work", (WorkView,), {"done": [], "error": None})


def post(
    view: type[APIView], user: User, body: Any, key: str | None = "k1", path: str = "/w/", **kwargs: Any
) -> HttpResponse:
    headers = {} if key is None else {"Idempotency-Key": key}
    request = APIRequestFactory().post(path, body, headers=headers, **kwargs)
    force_authenticate(request, user)
    response = view.as_view()(request)
    return response.render() if hasattr(response, "render") else response


def test_the_first_answer_is_replayed(work: type[WorkView], owner: User) -> None:
    first, second = post(work, owner, {"a": 1, "b": 2}), post(work, owner, {"b": 2, "a": 1})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second["Location"] == "/somewhere/"
    assert second["Idempotent-Replayed"] == "true"
    assert len(work.done) == 1


def test_without_a_key_every_request_works(work: type[WorkView], owner: User) -> None:
    post(work, owner, {}, key=None)
    post(work, owner, {}, key=None)
    assert len(work.done) == 2


@pytest.mark.parametrize(("body", "path"), [({"a": 2}, "/w/"), ({"a": 1}, "/elsewhere/")])
def test_the_key_of_another_request_is_refused(
    work: type[WorkView], owner: User, body: object, path: str
) -> None:
    post(work, owner, {"a": 1})
    assert post(work, owner, body, path=path).status_code == 422
    assert len(work.done) == 1


def test_keys_are_each_user_s_own(work: type[WorkView], owner: User, stranger: User) -> None:
    post(work, owner, {"secret": 1})
    assert post(work, stranger, {"secret": 1}).status_code == 201
    assert len(work.done) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "clé", "a b"])
def test_a_key_of_the_wrong_shape_is_400(work: type[WorkView], owner: User, key: str) -> None:
    assert post(work, owner, {}, key=key).status_code == 400
    assert not work.done


def test_an_upload_is_known_by_its_bytes(work: type[WorkView], owner: User) -> None:
    def send(content: bytes) -> int:
        body = {"file": SimpleUploadedFile("a.pdf", content)}
        return post(work, owner, body, format="multipart").status_code

    assert [send(b"one"), send(b"one"), send(b"two")] == [201, 201, 422]
    assert len(work.done) == 1


def test_a_refusal_is_replayed_and_its_writes_are_undone(work: type[WorkView], owner: User) -> None:
    work.error = ValidationError({"a": ["no"]})
    assert post(work, owner, {}).status_code == 400
    assert not User.objects.filter(email__startswith="made").exists()
    work.error = None
    assert post(work, owner, {}).status_code == 400


def test_not_now_is_not_kept(work: type[WorkView], owner: User) -> None:
    work.error = Throttled(wait=3)
    assert post(work, owner, {}).status_code == 429
    work.error = None
    assert post(work, owner, {}).status_code == 201


def test_a_crash_keeps_nothing(work: type[WorkView], owner: User) -> None:
    work.error = RuntimeError("killed")
    with pytest.raises(RuntimeError):
        post(work, owner, {})
    assert not IdempotentAnswer.objects.exists()
    work.error = None
    assert post(work, owner, {}).status_code == 201


def test_a_key_is_kept_for_a_day(work: type[WorkView], owner: User) -> None:
    post(work, owner, {"a": 1})
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert post(work, owner, {"a": 2}).status_code == 201
    IdempotentAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert idempotency.forget() == 1

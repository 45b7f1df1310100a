"""The mail that tells of a batch, through a real mail server."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_string, policy
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from documents import jobs, notices
from documents.models import Batch, Document, Status
from documents.tests.test_jobs import make


class _Session(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client that sends one message needs."""

    def handle(self) -> None:
        server: Any = self.server
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (text := self.rfile.readline().decode()) not in (".\r\n", ""):
                    lines.append(text.removeprefix("."))
                server.received.append("".join(lines))
            self.wfile.write(server.answers.get(verb, b"250 ok\r\n"))
            if verb == "QUIT":
                return


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.received: list[str] = []
        self.answers: dict[str, bytes] = {"QUIT": b"221 bye\r\n"}


@pytest.fixture
def mail_server(settings: LazySettings) -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def batch(db: None) -> Batch:
    """Of three documents, one of which failed; the third is still to be read."""
    document = make()
    owner = document.property.user
    made: Batch = Batch.objects.create(
        property=document.property, user=owner, answers=[{"status": "accepted"}] * 3
    )
    for number, status in enumerate((Status.ANALYZED, Status.FAILED)):
        Document.objects.create(
            property=document.property, filename="secret.pdf", original_filename="secret.pdf", size=1,
            content_type="application/pdf", file_hash=f"{number + 1}" * 64, storage_key="k",
            storage_bucket="b", batch=made, status=status,
        )  # fmt: skip
    Document.objects.filter(pk=document.pk).update(batch=made)
    return made


def finish(batch: Batch) -> None:
    batch.documents.filter(status=Status.PENDING).update(status=Status.ANALYZED)


def test_once_when_all_is_read_in_the_client_s_language(batch: Batch, mail_server: MailServer) -> None:
    User.objects.update(language="en")
    assert notices.announce(str(batch.pk)) is False  # one is still to be read
    finish(batch)
    assert notices.announce(str(batch.pk)) is True
    assert notices.announce(str(batch.pk)) is False
    (text,) = mail_server.received
    message = message_from_string(text, policy=policy.default)
    body = message.get_content()
    assert message["To"] == batch.user.email and message["Subject"] == "Your documents are read"
    assert "2 documents are read." in body and "1 document could not be." in body
    assert f"http://testserver/api/documents/bulk-status/{batch.pk}/" in body
    for private in ("secret", batch.property.address, batch.user.full_name or "—"):
        assert private not in text


def test_in_french_too(batch: Batch, mail_server: MailServer) -> None:
    finish(batch)
    notices.announce(str(batch.pk))
    message = message_from_string(mail_server.received[0], policy=policy.default)
    assert message["Subject"] == "Vos documents sont lus"
    assert "2 documents sont lus." in message.get_content()


def test_when_nothing_could_be_read(batch: Batch, mail_server: MailServer) -> None:
    batch.documents.update(status=Status.FAILED)
    notices.announce(str(batch.pk))
    message = message_from_string(mail_server.received[0], policy=policy.default)
    assert message["Subject"] == "Vos documents n'ont pas pu être lus"
    assert "3 documents n'ont pas pu" in message.get_content()
    assert "0 document" not in message.get_content()


def test_who_does_not_want_it_gets_none(batch: Batch, mail_server: MailServer) -> None:
    client = APIClient()
    client.force_authenticate(batch.user)
    assert client.patch("/api/users/me/", {"wants_mail": False}).json()["wants_mail"] is False
    finish(batch)
    assert notices.announce(str(batch.pk)) is False
    User.objects.update(wants_mail=True)
    assert notices.announce(str(batch.pk)) is False  # nor later, of what is old
    assert mail_server.received == []


def test_a_mail_server_that_refuses_is_asked_again_later(
    batch: Batch, mail_server: MailServer, django_capture_on_commit_callbacks: Any
) -> None:
    finish(batch)
    mail_server.answers["MAIL"] = b"451 try later\r\n"
    assert notices.announce(str(batch.pk)) is False
    assert Batch.objects.get().notified_at is None
    assert notices.requeue_lost() == 0  # not at every beat
    cache.delete(f"notice:{batch.pk}")
    with django_capture_on_commit_callbacks() as sent:
        assert notices.requeue_lost() == 1
    assert len(sent) == 1
    del mail_server.answers["MAIL"]
    assert notices.announce(str(batch.pk)) is True and len(mail_server.received) == 1


def test_no_mail_before_all_files_have_come(batch: Batch, mail_server: MailServer) -> None:
    finish(batch)
    Batch.objects.update(answers=[])
    assert notices.announce(str(batch.pk)) is False and notices.requeue_lost() == 0
    assert Batch.objects.get().notified_at is None


def test_the_last_document_read_asks_for_the_mail(
    batch: Batch, mail_server: MailServer, django_capture_on_commit_callbacks: Any
) -> None:
    document = batch.documents.get(status=Status.PENDING)
    Document.objects.filter(pk=document.pk).update(queued_at=timezone.now())
    with django_capture_on_commit_callbacks() as sent:
        jobs.run(document.pk)
    assert any("announce_batch" in str(call) for call in sent)
    assert notices.announce(str(batch.pk)) is True

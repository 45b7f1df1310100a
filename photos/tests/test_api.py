"""Photos by API: receiving, showing, redesigning; strangers find nothing and start nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.core.files.storage import default_storage
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Activity, User
from photos import jobs
from photos.drawn_room import jpeg, room
from photos.files import walk
from photos.models import FileRemoval, Photo, PhotoRedesign, PhotoReference, RedesignThread, Status
from photos.presets import PRESET_LABELS
from photos.tests.factories import make_done, make_photo, make_redesign, upload
from photos.uploads import guess_room, receive_reference
from properties.models import Property
from properties.tests.factories import PropertyFactory

Ask = Callable[..., Any]


@pytest.fixture
def flat(owner: User) -> Property:
    return PropertyFactory(user=owner)


@pytest.fixture
def photo(flat: Property) -> Photo:
    return make_photo(flat)


@pytest.fixture
def done(photo: Photo) -> PhotoRedesign:
    return make_done(photo)


def send(client: APIClient, flat: Property | int, content: bytes | None = None, **fields: Any) -> Any:
    pk = flat if isinstance(flat, int) else flat.pk
    data = {"property_id": pk, "file": upload(content, fields.pop("name", "salon.jpg")), **fields}
    return client.post("/api/photos/upload/", data, format="multipart")


def ask(client: APIClient, photo: Photo, **body: Any) -> Any:
    return client.post(f"/api/photos/{photo.pk}/redesign/", body or {"style_preset": "classic"})


def fetch(url: str) -> bytes:
    answer = httpx.get(url, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_photo_is_cleaned_and_shown_by_signed_links(
    owner_api: APIClient, owner: User, flat: Property
) -> None:
    exif = Image.Exif()
    exif[0x013B], exif[0x0112] = "Camille Exemple", 6
    answer = send(owner_api, flat, jpeg(exif=exif.tobytes()))
    assert answer.status_code == 201, answer.content
    data = answer.json()
    assert (data["width"], data["height"]) == (427, 640)
    assert (data["room_type"], data["room_type_is_guessed"]) == ("living_room", True)
    assert answer["Location"] == f"/api/photos/{data['id']}/"
    keys = list(walk(default_storage, f"{owner.pk}/photos/{data['uuid']}/"))
    assert sorted(key.rpartition("/")[2] for key in keys) == ["display.jpg", "original.jpg", "thumbnail.jpg"]
    for key in keys:
        with default_storage.open(key) as file:
            content = file.read()
        assert b"Camille" not in content and b"Exif" not in content
    assert Image.open(io.BytesIO(fetch(data["thumbnail_url"]))).size == (267, 400)
    assert Image.open(io.BytesIO(fetch(data["original_url"]))).size == (427, 640)
    assert httpx.get(data["url"].partition("?")[0], trust_env=False, timeout=60).status_code == 403


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty_file"),
        (b"plain text whatever its name", 415, "unsupported_type"),
        (b"\xff\xd8\xff\xe0 broken", 422, "unreadable_image"),
        (jpeg(room(640, 40)), 422, "too_small"),
    ],
)
def test_refused_by_content(
    owner_api: APIClient, flat: Property, content: bytes, status: int, code: str
) -> None:
    answer = send(owner_api, flat, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json" and not Photo.objects.exists()


def test_a_file_over_the_limit(owner_api: APIClient, flat: Property, settings: Any) -> None:
    settings.PHOTO_MAX_BYTES = 20_000
    assert (answer := send(owner_api, flat)).status_code == 413
    assert answer.json()["code"] == "too_large"


def test_the_same_bytes_twice_are_one_photo(owner_api: APIClient, flat: Property, owner: User) -> None:
    first, again = send(owner_api, flat), send(owner_api, flat, name="copie.jpg")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"] and Photo.objects.count() == 1
    assert send(owner_api, PropertyFactory(user=owner)).status_code == 201


@pytest.mark.parametrize(
    ("name", "room_type"),
    [("Chambre 2.JPG", "bedroom"), ("cuisine_équipée.heic", "kitchen"), ("SDB.png", "bathroom"),
     ("IMG_0042.jpg", ""), ("salonnette.jpg", "")],
)  # fmt: skip
def test_a_room_is_guessed_from_a_name_or_not_at_all(name: str, room_type: str) -> None:
    assert guess_room(name) == room_type


def test_a_guess_is_corrected(owner_api: APIClient, photo: Photo) -> None:
    answer = owner_api.patch(f"/api/photos/{photo.pk}/", {"room_type": "office"})
    assert answer.json()["room_type"] == "office" and answer.json()["room_type_is_guessed"] is False
    assert owner_api.patch(f"/api/photos/{photo.pk}/", {"room_type": "dungeon"}).status_code == 400
    assert Activity.objects.filter(action="photo.updated").count() == 1


def test_presets(owner_api: APIClient) -> None:
    data = owner_api.get("/api/photos/presets/").json()
    assert [p["code"] for p in data["presets"]] == list(PRESET_LABELS)
    assert data["engine"]["name"] == "offline" and "Aperçu" in data["engine"]["note"]
    english = owner_api.get("/api/photos/presets/", HTTP_ACCEPT_LANGUAGE="en").json()
    assert english["presets"][4]["label"] == "Industrial"


def test_a_redesign_from_wish_to_picture(owner_api: APIClient, photo: Photo) -> None:
    answer = ask(
        owner_api, photo, style_preset="cozy_hygge", preferences={"lighting": "bright"}, aspect_ratio="1:1",
        thread_name="Séjour clair",
    )  # fmt: skip
    assert answer.status_code == 202, answer.content
    data = answer.json()
    assert data["status"] == "pending" and data["url"] is None and data["estimated_seconds"] > 0
    assert answer["Location"] == f"/api/photos/redesigns/{data['redesign_uuid']}/"
    jobs.run(data["id"])
    made = owner_api.get(answer["Location"]).json()
    assert made["status"] == "completed" and made["progress"]["percent"] == 100
    assert made["structure_score"] > 0.8 and set(made["structure"]) >= {"edges", "lines", "protected"}
    assert made["thread"]["name"] == "Séjour clair" and "Aperçu" in made["note"]
    content = fetch(made["url"])
    assert Image.open(io.BytesIO(content)).size == (160, 160)
    assert b"compositeSynthetic" in content and f"/api/photos/{photo.pk}/".encode() in content
    assert owner_api.get(f"/api/photos/{photo.pk}/").json()["redesign_count"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"preferences": {}}, "/style_preset"),
        ({"style_preset": "baroque"}, "/style_preset"),
        ({"style_preset": "classic", "aspect_ratio": "4:7"}, "/aspect_ratio"),
        ({"style_preset": "classic", "preferences": {"lighting": "x"}}, "/preferences/lighting"),
        ({"style_preset": "classic", "reference_ids": [1, 2, 3]}, "/reference_ids"),
        ({"style_preset": "classic", "variants": 9}, "/variants"),
        ({"custom_prompt": "x" * 1001}, "/custom_prompt"),
    ],
)
def test_impossible_wishes(owner_api: APIClient, photo: Photo, body: Any, pointer: str) -> None:
    answer = ask(owner_api, photo, **body)
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"] == pointer
    assert not PhotoRedesign.objects.exists()


def test_refinements_stay_in_their_thread_and_inherit(owner_api: APIClient, done: PhotoRedesign) -> None:
    PhotoRedesign.objects.filter(pk=done.pk).update(
        preferences={"lighting": "warm"}, custom_prompt="murs bleus"
    )
    answer = ask(owner_api, done.photo, parent_redesign_id=done.pk, custom_prompt="tapis rouge")
    data = answer.json()
    assert data["style"] == "classic" and data["preferences"] == {"lighting": "warm"}
    assert data["thread"]["id"] == done.thread_id and data["parent_redesign_id"] == done.pk
    request = jobs.request_of(PhotoRedesign.objects.get(pk=data["id"]))
    assert request.prompt == "murs bleus. tapis rouge" and request.preset == "classic"
    renamed = owner_api.patch(
        f"/api/photos/{done.photo_id}/threads/{done.thread_id}/", {"name": "Bleu et rouge"}
    )
    assert renamed.json()["name"] == "Bleu et rouge"


def test_variants_differ_by_seed(owner_api: APIClient, photo: Photo) -> None:
    data = ask(owner_api, photo, style_preset="classic", variants=3).json()
    rows = PhotoRedesign.objects.filter(redesign_uuid__in=data["variants"])
    assert rows.count() == 3 and len({row.seed for row in rows}) == 3
    assert len({row.thread_id for row in rows}) == 1


def test_references_are_rows_of_their_own(owner_api: APIClient, photo: Photo) -> None:
    ids = []
    for seed in (1, 2):
        file = upload(jpeg(room(160, 107, seed=seed)), "inspiration.jpg")
        answer = owner_api.post("/api/photos/references/", {"file": file}, format="multipart")
        assert answer.status_code == 201, answer.content
        ids.append(answer.json()["id"])
    again = upload(jpeg(room(160, 107, seed=1)))
    assert owner_api.post("/api/photos/references/", {"file": again}, format="multipart").status_code == 200
    data = ask(owner_api, photo, style_preset="classic", reference_ids=ids).json()
    assert data["reference_ids"] == ids
    assert len(jobs.request_of(PhotoRedesign.objects.get(pk=data["id"])).references) == 2
    assert owner_api.delete(f"/api/photos/references/{ids[0]}/").status_code == 204
    assert [r["id"] for r in owner_api.get("/api/photos/references/").json()] == [ids[1]]


def test_promoting(owner_api: APIClient, done: PhotoRedesign) -> None:
    url = f"/api/photos/{done.photo_id}/"
    data = owner_api.patch(f"{url}promote/{done.pk}/").json()
    assert data["promoted_redesign_id"] == done.pk and data["promoted_redesign_url"]
    assert data["url"] != data["promoted_redesign_url"]
    waiting = make_redesign(done.photo)
    assert owner_api.patch(f"{url}promote/{waiting.pk}/").status_code == 409
    other = make_redesign(make_photo(done.photo.property, seed=5))
    assert owner_api.patch(f"{url}promote/{other.pk}/").status_code == 404
    assert owner_api.delete(f"{url}promote/").json()["promoted_redesign_id"] is None


def test_favourite_and_rating(owner_api: APIClient, done: PhotoRedesign) -> None:
    url = f"/api/photos/redesigns/{done.redesign_uuid}/"
    data = owner_api.patch(url, {"is_favorite": True, "rating": 4, "structure_score": 0.1}).json()
    assert (data["is_favorite"], data["rating"]) == (True, 4) and data["structure_score"] > 0.8
    assert owner_api.patch(url, {"rating": 6}).status_code == 400
    assert owner_api.patch(url, {"rating": None}).json()["rating"] is None


def test_cancel_and_retry(owner_api: APIClient, photo: Photo) -> None:
    data = ask(owner_api, photo).json()
    url = f"/api/photos/redesigns/{data['redesign_uuid']}/"
    assert owner_api.post(f"{url}cancel/").json()["status"] == "cancelled"
    jobs.run(data["id"])
    assert owner_api.get(url).json()["status"] == "cancelled"
    assert owner_api.post(f"{url}retry/").json()["status"] == "pending"
    jobs.run(data["id"])
    assert owner_api.get(url).json()["status"] == "completed"
    assert owner_api.post(f"{url}retry/").json()["status"] == "completed"
    assert owner_api.post(f"{url}cancel/").json()["status"] == "completed"


def test_the_quota_counts_what_was_deleted_too(owner_api: APIClient, photo: Photo, settings: Any) -> None:
    settings.REDESIGNS_PER_DAY = 3
    first = ask(owner_api, photo, style_preset="classic", variants=2).json()
    owner_api.delete(f"/api/photos/redesigns/{first['redesign_uuid']}/")
    answer = ask(owner_api, photo, style_preset="classic", variants=2)
    assert answer.status_code == 429 and answer.json()["code"] == "redesign_quota"
    assert int(answer["Retry-After"]) > 80_000
    assert ask(owner_api, photo).status_code == 202
    assert ask(owner_api, photo).status_code == 429
    assert PhotoRedesign.objects.count() == 2


def test_a_repeated_request_is_one_redesign(owner_api: APIClient, photo: Photo) -> None:
    url, body = f"/api/photos/{photo.pk}/redesign/", {"style_preset": "classic"}
    first, again = (owner_api.post(url, body, HTTP_IDEMPOTENCY_KEY="k-1") for _n in range(2))
    assert first.json() == again.json() and PhotoRedesign.objects.count() == 1


def test_strangers_find_nothing(
    stranger_api: APIClient, anonymous_api: APIClient, done: PhotoRedesign
) -> None:
    photo, uuid = done.photo, done.redesign_uuid
    calls: list[tuple[str, str, Any]] = [
        ("get", f"/api/photos/{photo.pk}/", None),
        ("patch", f"/api/photos/{photo.pk}/", {"room_type": "office"}),
        ("delete", f"/api/photos/{photo.pk}/", None),
        ("post", f"/api/photos/{photo.pk}/redesign/", {"style_preset": "classic"}),
        ("get", f"/api/photos/{photo.pk}/redesigns/", None),
        ("patch", f"/api/photos/{photo.pk}/promote/{done.pk}/", None),
        ("delete", f"/api/photos/{photo.pk}/promote/", None),
        ("patch", f"/api/photos/{photo.pk}/threads/{done.thread_id}/", {"name": "x"}),
        ("get", f"/api/photos/redesigns/{uuid}/", None),
        ("patch", f"/api/photos/redesigns/{uuid}/", {"rating": 1}),
        ("delete", f"/api/photos/redesigns/{uuid}/", None),
        ("post", f"/api/photos/redesigns/{uuid}/cancel/", None),
        ("post", f"/api/photos/redesigns/{uuid}/retry/", None),
    ]
    for method, url, body in calls:
        answer = getattr(stranger_api, method)(url, body)
        assert answer.status_code == 404, (method, url)
        missing = getattr(stranger_api, method)(url.replace(f"/{photo.pk}/", "/999999/"), body)
        assert missing.status_code == 404 and missing.json()["detail"] == answer.json()["detail"]
        assert getattr(anonymous_api, method)(url, body).status_code == 401
    assert send(stranger_api, photo.property).status_code == 404
    assert stranger_api.get("/api/photos/").json()["count"] == 0
    assert (
        PhotoRedesign.objects.count() == 1 and Photo.objects.count() == 1 and not FileRemoval.objects.exists()
    )


def test_a_strangers_id_in_a_body_generates_nothing(
    stranger: User, stranger_api: APIClient, done: PhotoRedesign, owner: User
) -> None:
    mine = make_photo(PropertyFactory(user=stranger))
    theirs, _new = receive_reference(upload(jpeg(room(160, 107, seed=9))), owner)
    before = Activity.objects.count()
    for body in (
        {"style_preset": "classic", "parent_redesign_id": done.pk},
        {"style_preset": "classic", "reference_ids": [theirs.pk]},
        {"style_preset": "classic", "reference_ids": [10**15]},
    ):
        assert ask(stranger_api, mine, **body).status_code == 404
    assert stranger_api.delete(f"/api/photos/references/{theirs.pk}/").status_code == 404
    assert PhotoRedesign.objects.count() == 1 and RedesignThread.objects.filter(photo=mine).count() == 0
    assert Activity.objects.count() == before and PhotoReference.objects.count() == 1


def test_a_parent_of_another_photo_of_ones_own_is_unknown(owner_api: APIClient, done: PhotoRedesign) -> None:
    other = make_photo(done.photo.property, seed=3)
    assert ask(owner_api, other, parent_redesign_id=done.pk, style_preset="classic").status_code == 404


def test_photos_of_a_deleted_property_are_gone(
    owner_api: APIClient, done: PhotoRedesign, owner: User
) -> None:
    done.photo.property.delete_softly(owner)
    assert owner_api.get(f"/api/photos/{done.photo_id}/").status_code == 404
    assert owner_api.get(f"/api/photos/redesigns/{done.redesign_uuid}/").status_code == 404


def test_lists_cost_the_same_for_one_and_many(
    owner_api: APIClient, done: PhotoRedesign, flat: Property, flat_queries: Ask
) -> None:
    Photo.objects.update(promoted_redesign=done)

    def grow() -> None:
        for seed in (11, 12, 13):
            photo = make_photo(flat, seed=seed)
            row = make_redesign(photo, status=Status.COMPLETED, storage_key="x/photos/y/redesigns/z.jpg")
            Photo.objects.filter(pk=photo.pk).update(promoted_redesign=row)
            make_redesign(done.photo)

    def look() -> None:
        assert owner_api.get("/api/photos/").status_code == 200
        assert owner_api.get(f"/api/photos/{done.photo_id}/redesigns/").status_code == 200

    flat_queries(look, grow)
    listed = owner_api.get("/api/photos/", {"property": flat.pk, "limit": 2}).json()
    assert listed["count"] == 4 and len(listed["results"]) == 2 and listed["next"]
    assert owner_api.get("/api/photos/", {"room_type": "kitchen"}).json()["count"] == 0

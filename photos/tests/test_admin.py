"""The back-office's pages of photos and redesigns."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Activity, User
from photos.admin import family
from photos.drawn_room import jpeg, room
from photos.models import Photo, PhotoRedesign, PhotoReference, Status
from photos.tests.factories import make_done, make_photo, make_redesign, upload
from photos.uploads import receive_reference
from properties.tests.factories import PropertyFactory


@pytest.fixture
def photo(owner: User) -> Photo:
    return make_photo(PropertyFactory(user=owner))


def url(redesign: PhotoRedesign, name: str) -> str:
    return reverse(f"admin:photos_photoredesign_{name}", args=[redesign.pk])


def test_pictures_are_shown_by_signed_links(back_office: Client, photo: Photo, owner: User) -> None:
    receive_reference(upload(jpeg(room(160, 107, seed=9))), owner)
    reference, redesign = PhotoReference.objects.get(), make_done(photo)
    for obj in (photo, reference, redesign):
        page = back_office.get(reverse(f"admin:photos_{obj._meta.model_name}_change", args=[obj.pk]))
        assert page.status_code == 200 and b"X-Amz-Signature" in page.content


def test_the_grid_shows_small_pictures(back_office: Client, photo: Photo) -> None:
    done, waiting = make_done(photo), make_redesign(photo)
    grid = back_office.get(reverse("admin:photos_photoredesign_changelist")).content.decode()
    assert url(done, "thumbnail") in grid and url(waiting, "thumbnail") not in grid
    answer = back_office.get(url(done, "thumbnail"))
    assert max(Image.open(io.BytesIO(answer.content)).size) <= 400
    assert back_office.get(url(waiting, "thumbnail")).status_code == 404


def test_a_hidden_one_is_gone_for_its_client_until_it_is_shown_again(
    back_office: Client, owner_api: APIClient, staff: User, photo: Photo
) -> None:
    redesign = make_done(photo)
    Photo.objects.update(promoted_redesign=redesign)
    api, photo_api = f"/api/photos/redesigns/{redesign.redesign_uuid}/", f"/api/photos/{photo.pk}/"
    assert back_office.post(url(redesign, "hide"), {"reason": " "}).status_code == 302
    assert owner_api.get(api).status_code == 200  # no reason: nothing done
    back_office.post(url(redesign, "hide"), {"reason": "une personne est reconnaissable"})
    assert owner_api.get(api).status_code == 404
    seen = owner_api.get(photo_api).json()
    assert (seen["redesign_count"], seen["promoted_redesign_id"]) == (0, None)
    assert owner_api.get(f"{photo_api}redesigns/").json()["count"] == 0
    assert owner_api.patch(f"{photo_api}promote/{redesign.pk}/").status_code == 404
    body = {"style_preset": "classic", "parent_redesign_id": redesign.pk}
    assert owner_api.post(f"{photo_api}redesign/", body).status_code == 404
    assert owner_api.get("/api/users/stats/").json()["redesigns_generated_count"] == 0
    page = back_office.get(url(redesign, "change")).content.decode()
    assert "une personne est reconnaissable" in page
    assert "une personne est reconnaissable" in back_office.get(url(redesign, "history")).content.decode()
    back_office.post(url(redesign, "hide"))
    assert owner_api.get(api).status_code == 200
    events = Activity.objects.filter(object_type="photos.photoredesign", actor=staff).order_by("id")
    assert [event.action for event in events] == ["redesign.hidden", "redesign.shown"]


def test_a_failed_one_is_made_again_and_a_finished_one_is_not(back_office: Client, photo: Photo) -> None:
    failed, done = make_redesign(photo, status=Status.FAILED, error_code="worker_lost"), make_done(photo)
    for redesign in (failed, done):
        assert back_office.post(url(redesign, "retry")).status_code == 302
        redesign.refresh_from_db()
    assert (failed.status, done.status) == (Status.PENDING, Status.COMPLETED)
    assert Activity.objects.filter(action="redesign.requeued").count() == 1


@pytest.mark.parametrize("name", ["retry", "hide"])
def test_acting_takes_the_permission_and_a_post(
    back_office: Client, owner: User, photo: Photo, name: str
) -> None:
    redesign = make_redesign(photo, status=Status.FAILED)
    assert back_office.get(url(redesign, name)).status_code == 403
    reader = User.objects.create_user("reader@example.org", is_staff=True)
    client = Client()
    client.force_login(reader)
    assert client.post(url(redesign, name), {"reason": "x"}).status_code == 403
    assert client.get(url(redesign, "thumbnail")).status_code == 403


def test_the_family_is_a_tree_of_refinements(photo: Photo) -> None:
    first = make_redesign(photo)
    child = make_redesign(photo, parent=first, thread=first.thread)
    grandchild = make_redesign(photo, parent=child, thread=first.thread)
    other = make_redesign(photo)
    roots = family(child)
    assert [root.redesign for root in roots] == [first, other]
    assert roots[0].children[0].redesign == child and roots[0].children[0].is_this
    assert [r.redesign for r in roots[0].children[0].children] == [grandchild]

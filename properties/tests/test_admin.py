from __future__ import annotations

from django.test import Client
from django.urls import reverse

from accounts.models import Activity, User
from properties.models import Property
from properties.tests.factories import PropertyFactory

LIST = "/admin/properties/property/"


def test_staff_restore_what_a_client_deleted(owner: User, staff: User, back_office: Client) -> None:
    flat = PropertyFactory(user=owner)
    flat.delete_softly(owner)
    back_office.post(LIST, {"action": "restore", "_selected_action": [flat.pk]})
    assert Property.objects.get(pk=flat.pk).version == 3
    event = Activity.objects.get(action="property.restored")
    assert (event.actor, event.user) == (staff, owner)


def test_a_deleted_property_comes_back_by_the_button_of_its_page(owner: User, back_office: Client) -> None:
    flat = PropertyFactory(user=owner)
    page, button = f"{LIST}{flat.pk}/change/", f"{LIST}{flat.pk}/restore/"
    assert button not in back_office.get(page).content.decode()
    flat.delete_softly(owner)
    assert button in back_office.get(page).content.decode()
    assert back_office.get(button).status_code == 403
    assert back_office.post(button).headers["Location"] == page
    assert Property.objects.filter(pk=flat.pk).exists()
    assert Activity.objects.get(action="property.restored").user == owner
    assert "Rétabli" in back_office.get(f"{LIST}{flat.pk}/history/").content.decode()
    assert back_office.post(f"{LIST}0/restore/").status_code == 404


def test_amounts_have_their_thousands_apart(owner: User, back_office: Client) -> None:
    PropertyFactory(user=owner, asking_price=1_234_567)
    shown = back_office.get(LIST).content.decode().replace("\u202f", "\xa0")
    assert "1\xa0234\xa0567" in shown and "1234567" not in shown


def test_staff_delete_hides_only(owner: User, back_office: Client) -> None:
    flat = PropertyFactory(user=owner)
    path = reverse("admin:properties_property_delete", args=[flat.pk])
    assert back_office.post(path, {"post": "yes"}).status_code == 302
    assert Property.all_objects.get(pk=flat.pk).is_deleted
    confirmed = {"action": "delete_selected", "_selected_action": [flat.pk], "post": "yes"}
    back_office.post(LIST, confirmed)
    assert Property.all_objects.filter(pk=flat.pk).exists()


def test_staff_edits_are_versions_and_events(owner: User, staff: User, back_office: Client) -> None:
    flat = PropertyFactory(user=owner, rooms=3)
    path = reverse("admin:properties_property_change", args=[flat.pk])
    form = back_office.get(path).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value not in (None, "")}
    data["_stamp"] = form.stamp
    assert back_office.post(path, {**data, "rooms": 5}).status_code == 302
    flat.refresh_from_db()
    assert (flat.rooms, flat.version) == (5, 2)
    event = Activity.objects.get(action="property.updated")
    assert (event.actor, event.changes["rooms"]) == (staff, [3, 5])


def test_a_page_opened_before_a_change_does_not_overwrite_it(owner: User, back_office: Client) -> None:
    flat = PropertyFactory(user=owner, rooms=3)
    path = reverse("admin:properties_property_change", args=[flat.pk])
    page = back_office.get(path)
    form = page.context["adminform"].form
    assert f'name="_stamp" value="{flat.version}"' in page.content.decode()
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value not in (None, "")} | {"_stamp": form.stamp}
    assert back_office.post(path, {**data, "rooms": 5}).status_code == 302
    for late in ({**data, "rooms": 4}, {**data, "rooms": 4, "_stamp": ""}):
        answer = back_office.post(path, late)
        assert answer.status_code == 200
        assert "a changé depuis" in answer.content.decode()
        assert (
            f'name="_stamp" value="{flat.version + 1}"' not in answer.content.decode()
        )  # nor does a second try
    flat.refresh_from_db()
    assert flat.rooms == 5

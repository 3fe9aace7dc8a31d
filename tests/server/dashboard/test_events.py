from html import unescape

import pytest

from tests.clocks import Clock
from tests.server.dashboard.office import Office
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.users import create_user


def test_events_are_filtered_by_the_query_and_paged(office: Office, clock: Clock) -> None:
    auditor = office.operator("auditor")
    users = []
    for number in range(60):
        clock.advance(seconds=1)
        users.append(create_user(office.identity, email=f"user{number:02}@example.com"))
    organization = create_organization(office.identity, name="Acme")
    page = auditor.read("/dashboard/events", name="user.created")
    assert "user59@example.com" in page
    assert "user10@example.com" in page
    assert "user09@example.com" not in page
    after = page.split("?name=user.created&after=")[1].split('"')[0]
    older = auditor.read("/dashboard/events", name="user.created", after=after)
    assert "user09@example.com" in older
    assert "user10@example.com" not in older
    assert "Newer" in older
    about = auditor.read("/dashboard/events", user=users[0].id)
    assert "user00@example.com" in about
    assert "user01@example.com" not in about
    within = auditor.read("/dashboard/events", organization=organization.id)
    assert "organization.created" in within
    assert "user59@example.com" not in within
    assert "Nothing of the kind happened" in auditor.read("/dashboard/events", to="2020-01-01")
    assert "user59@example.com" in auditor.read("/dashboard/events", **{"from": "2027-01-15T12:00"})


def test_what_is_no_time_is_said_and_what_was_typed_stays(office: Office) -> None:
    page = office.operator("auditor").read("/dashboard/events", name="user", **{"from": "yesterday"})
    assert "A time is written like" in page
    assert 'value="user"' in page


def test_an_event_shows_its_data_who_did_it_and_leads_to_what_it_names(office: Office) -> None:
    owner = office.operator("owner")
    owner.done("/dashboard/operators", email="new@example.com", role="support")
    event = next(each for each in office.events("operator.created") if each.context)
    page = owner.read(f"/dashboard/events/{event.id}")
    assert '"email": "new@example.com"' in page
    assert "owner@example.com" in page
    assert f'href="/dashboard/operators/{event.data["id"]}"' in page
    assert "<code>operator</code>" not in page  # which is what it is, and no ID
    assert f'href="/dashboard/events?actor={owner.user.id}"' in page
    assert event.id in owner.read("/dashboard/events", actor=owner.user.id)


@pytest.mark.parametrize("name", ['<img src=x onerror="alert(1)">', "{{7*7}}", "${7*7}"])
def test_AD_1_markup_in_names_is_shown_as_text(office: Office, name: str) -> None:
    auditor = office.operator("auditor")
    create_organization(office.identity, name=name)
    create_user(office.identity, email="eve@example.com", first_name=name)
    (event,) = office.events("organization.created")
    for path in ("/dashboard", "/dashboard/events", f"/dashboard/events/{event.id}"):
        answer = auditor.get(path)
        assert "<img src=x" not in answer.text
        assert name in unescape(answer.text).replace('\\"', '"')


def test_an_event_that_is_not_there_is_a_404_inside_the_dashboard(office: Office) -> None:
    answer = office.operator("auditor").get("/dashboard/events/event_gone")
    assert answer.status_code == 404
    assert "entity_not_found" in answer.text

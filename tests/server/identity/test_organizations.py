from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity.errors import Conflict, IdentityError, Invalid, NotFound
from vestibule.server.identity.organizations import (
    create_organization,
    delete_organization,
    get_organization,
    get_organization_by_external_id,
    list_organizations,
    search_organizations,
    update_organization,
)
from vestibule.server.identity.paging import Page


def test_an_organization_is_created_and_found(app: App) -> None:
    made = create_organization(app.identity, name=" Acme ", external_id="acme-1", metadata={"tier": "gold"})
    assert made.id.startswith("org_")
    assert (made.name, made.external_id, made.metadata) == ("Acme", "acme-1", {"tier": "gold"})
    assert get_organization(app.identity, made.id) == made
    assert get_organization_by_external_id(app.identity, "acme-1") == made
    (created,) = events_of(app.identity, "organization.created")
    assert created.data["id"] == created.organization_id == made.id


def test_ids_and_external_ids_are_of_one(app: App) -> None:
    create_organization(app.identity, name="Acme", external_id="acme-1", organization_id="org_1")
    with pytest.raises(Conflict):
        create_organization(app.identity, name="Other", organization_id="org_1")
    with pytest.raises(Invalid) as caught:
        create_organization(app.identity, name="Other", external_id="acme-1")
    assert caught.value.code == "external_id_already_used"
    other = create_organization(app.identity, name="Other")
    with pytest.raises(Invalid) as caught:
        update_organization(app.identity, other.id, changes={"external_id": "acme-1"})
    assert caught.value.code == "external_id_already_used"
    assert get_organization(app.identity, other.id) == other


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 300, None])
def test_a_bad_name_is_refused(app: App, name: str) -> None:
    with pytest.raises(Invalid):
        create_organization(app.identity, name=name)


def test_changes_touch_what_they_name(app: App, clock: Clock) -> None:
    made = create_organization(app.identity, name="Acme", external_id="acme-1", metadata={"a": "1", "b": "2"})
    clock.advance(seconds=1)
    changed = update_organization(app.identity, made.id, changes={"metadata": {"b": None, "c": "3"}})
    assert (changed.name, changed.external_id) == ("Acme", "acme-1")
    assert changed.metadata == {"a": "1", "c": "3"}
    assert changed.updated_at == clock.now
    assert (
        update_organization(app.identity, made.id, changes={"name": "New", "external_id": None}).name == "New"
    )
    assert len(events_of(app.identity, "organization.updated")) == 2
    with pytest.raises(Invalid):
        update_organization(app.identity, made.id, changes={"id": "org_2"})


def test_metadata_written_at_once_is_all_kept(app: App) -> None:
    made = create_organization(app.identity, name="Acme")

    def write(number: int) -> None:
        update_organization(app.identity, made.id, changes={"metadata": {f"key{number}": "x"}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(get_organization(app.identity, made.id).metadata) == 8


def test_search_is_for_part_of_the_name(app: App, clock: Clock) -> None:
    for name in ("Acme", "acme labs", "100% Co", "Other"):
        clock.advance(seconds=1)
        create_organization(app.identity, name=name)
    assert [each.name for each in list_organizations(app.identity, Page(), search="ACME").data] == [
        "acme labs",
        "Acme",
    ]
    assert [each.name for each in list_organizations(app.identity, Page(), search="%").data] == ["100% Co"]
    assert len(list_organizations(app.identity, Page()).data) == 4


def test_a_deleted_organization_is_gone(app: App) -> None:
    made = create_organization(app.identity, name="Acme")
    delete_organization(app.identity, made.id)
    assert events_of(app.identity, "organization.deleted")[0].data["name"] == "Acme"
    actions = [
        lambda: get_organization(app.identity, made.id),
        lambda: get_organization_by_external_id(app.identity, "acme-1"),
        lambda: update_organization(app.identity, made.id, changes={"name": "x"}),
        lambda: delete_organization(app.identity, made.id),
    ]
    for action in actions:
        with pytest.raises(IdentityError) as caught:
            action()
        assert isinstance(caught.value, NotFound)


def test_organizations_are_found_by_the_beginnings_of_what_they_are_called(app: App) -> None:
    identity = app.identity
    acme = create_organization(
        identity,
        name="Äcme Corp",
        external_id="crm-77",
        domain_data=[{"domain": "acme.example", "state": "pending"}],
    )
    other = create_organization(identity, name="Corporate Travel")

    def found(typed: str) -> list[str]:
        return [each.name for each in search_organizations(identity, typed, most=10)]

    assert set(found("corp")) == {"Corporate Travel", "Äcme Corp"}
    assert found("acme c") == found("ACME.ex") == found("crm-7") == found(acme.id) == ["Äcme Corp"]
    assert found("me") == found(" ") == found("a\x00b") == found("%") == []
    update_organization(identity, acme.id, changes={"name": "Zenith", "domain_data": []})
    assert found("acme") == []
    assert found("zen") == ["Zenith"]
    delete_organization(identity, other.id)
    assert found("corp") == []
    assert [each.name for each in search_organizations(identity, "zen", most=1)] == ["Zenith"]

import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.permissions import (
    create_permission,
    delete_permission,
    ensure_permissions,
    get_permission,
    list_permissions,
    update_permission,
)
from vestibule.server.identity.roles import create_role, get_role


def test_a_permission_is_made_changed_and_listed(app: App) -> None:
    made = create_permission(app.identity, slug="reports:read", name="Read", description="Of all")
    assert made.id.startswith("perm_")
    assert (made.system, made.resource_type_slug) == (False, "organization")
    assert get_permission(app.identity, "reports:read") == made
    assert update_permission(app.identity, "reports:read", name="Look").description == "Of all"
    assert update_permission(app.identity, "reports:read", description=None).name == "Look"
    assert [each.slug for each in list_permissions(app.identity, Page()).data] == ["reports:read"]
    names = [event.event for event in events_of(app.identity) if event.event.startswith("permission.")]
    assert names == ["permission.created", "permission.updated", "permission.updated"]


def test_a_slug_is_one_permission(app: App) -> None:
    create_permission(app.identity, slug="a", name="A")
    with pytest.raises(Conflict) as caught:
        create_permission(app.identity, slug="a", name="Another")
    assert caught.value.code == "permission_slug_conflict"
    ensure_permissions(app.identity, ["a", "b", "b"])
    assert get_permission(app.identity, "a").name == "A"
    assert get_permission(app.identity, "b").name == "b"


@pytest.mark.parametrize("slug", ["", "a b", "x" * 101, "é", "a\n"])
def test_bad_slugs_are_refused(app: App, slug: str) -> None:
    with pytest.raises(Invalid):
        create_permission(app.identity, slug=slug, name="A")
    with pytest.raises(Invalid):
        ensure_permissions(app.identity, [slug])


def test_roles_lose_a_permission_that_is_deleted(app: App) -> None:
    home = create_organization(app.identity, name="Home").id
    ensure_permissions(app.identity, ["a", "b"])
    create_role(app.identity, slug="one", name="One", permissions=["a", "b"])
    create_role(app.identity, slug="two", name="Two", permissions=["a"], organization_id=home)
    create_role(app.identity, slug="three", name="Three", permissions=["b"])
    delete_permission(app.identity, "a")
    assert get_role(app.identity, "one").permissions == ("b",)
    assert get_role(app.identity, "two", organization_id=home).permissions == ()
    (shared,) = events_of(app.identity, "role.updated")
    assert shared.data["permissions"] == ["b"]
    (own,) = events_of(app.identity, "organization_role.updated")
    assert (own.organization_id, own.data["slug"]) == (home, "two")


def test_an_unknown_permission_is_not_found(app: App) -> None:
    for ask in (get_permission, delete_permission, update_permission):
        with pytest.raises(NotFound):
            ask(app.identity, "unknown")

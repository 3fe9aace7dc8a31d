import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.roles import (
    create_role,
    get_role,
    list_roles,
    set_permissions,
    update_role,
)


def test_a_role_is_created_with_its_permissions(app: App) -> None:
    made = create_role(
        app.identity, slug="editor", name="Editor", description="Edits", permissions=["b:write", "a:read"]
    )
    assert made.id.startswith("role_")
    assert made.permissions == ("a:read", "b:write")
    assert get_role(app.identity, "editor") == made
    assert events_of(app.identity, "role.created")[-1].data["permissions"] == ["a:read", "b:write"]


def test_a_slug_is_one_role_in_the_environment_and_one_in_each_organization(app: App) -> None:
    one, two = (create_organization(app.identity, name=name).id for name in ("One", "Two"))
    create_role(app.identity, slug="editor", name="Shared")
    create_role(app.identity, slug="editor", name="One's", organization_id=one)
    create_role(app.identity, slug="editor", name="Two's", organization_id=two)
    for organization_id in (None, one):
        with pytest.raises(Conflict) as caught:
            create_role(app.identity, slug="editor", name="Again", organization_id=organization_id)
        assert caught.value.code == "role_slug_conflict"
    names = {role.name for role in list_roles(app.identity, organization_id=one)}
    assert names == {"Member", "Admin", "Shared", "One's"}
    assert {role.name for role in list_roles(app.identity)} == {"Member", "Admin", "Shared"}


def test_a_role_of_an_unknown_organization_is_refused(app: App) -> None:
    with pytest.raises(NotFound):
        create_role(app.identity, slug="editor", name="Editor", organization_id="org_x")


def test_changes_touch_what_they_name(app: App) -> None:
    create_role(app.identity, slug="editor", name="Editor", description="Edits", permissions=["a"])
    changed = update_role(app.identity, "editor", name="Chief")
    assert (changed.name, changed.description, changed.permissions) == ("Chief", "Edits", ("a",))
    assert set_permissions(app.identity, "editor", permissions=["b", "b"]).permissions == ("b",)
    assert set_permissions(app.identity, "editor", permissions=[]).permissions == ()
    assert len(events_of(app.identity, "role.updated")) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"slug": "Editor"},
        {"slug": ""},
        {"slug": "x" * 49},
        {"slug": "a b"},
        {"name": " "},
        {"name": "x" * 49},
        {"permissions": ["a b"]},
        {"permissions": [""]},
        {"permissions": ["x" * 101]},
    ],
)
def test_bad_values_are_refused(app: App, changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        create_role(app.identity, **{"slug": "editor", "name": "Editor"} | changes)


def test_an_unknown_role_is_not_found(app: App) -> None:
    with pytest.raises(NotFound):
        get_role(app.identity, "unknown")
    with pytest.raises(NotFound):
        update_role(app.identity, "unknown", name="x")
    with pytest.raises(NotFound):
        set_permissions(app.identity, "unknown", permissions=[])

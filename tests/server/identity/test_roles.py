import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity.errors import Conflict, Forbidden, Invalid, NotFound
from vestibule.server.identity.memberships import create_membership, update_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.permissions import ensure_permissions
from vestibule.server.identity.roles import (
    add_permission,
    change_permissions,
    create_role,
    delete_role,
    get_role,
    get_role_in,
    list_holders,
    list_roles,
    list_roles_with,
    remove_permission,
    set_permissions,
    update_role,
)


@pytest.fixture
def permissions(app: App) -> list[str]:
    slugs = ["a:read", "b:write"]
    ensure_permissions(app.identity, slugs)
    return slugs


@pytest.mark.usefixtures("permissions")
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
        kind = "organization_role" if organization_id else "role"
        assert caught.value.code == f"{kind}_slug_conflict"
    names = {role.name for role in list_roles(app.identity, organization_id=one)}
    assert names == {"Member", "Admin", "Shared", "One's"}
    assert {role.name for role in list_roles(app.identity)} == {"Member", "Admin", "Shared"}


def test_a_role_of_an_unknown_organization_is_refused(app: App) -> None:
    with pytest.raises(NotFound):
        create_role(app.identity, slug="editor", name="Editor", organization_id="org_x")


@pytest.mark.usefixtures("permissions")
def test_changes_touch_what_they_name(app: App) -> None:
    create_role(app.identity, slug="editor", name="Editor", description="Edits", permissions=["a:read"])
    changed = update_role(app.identity, "editor", name="Chief")
    assert (changed.name, changed.description, changed.permissions) == ("Chief", "Edits", ("a:read",))
    assert update_role(app.identity, "editor", description=None).description is None
    assert set_permissions(app.identity, "editor", permissions=["b:write"] * 2).permissions == ("b:write",)
    assert set_permissions(app.identity, "editor", permissions=[]).permissions == ()
    assert len(events_of(app.identity, "role.updated")) == 4


@pytest.mark.usefixtures("permissions")
def test_permissions_come_and_go_one_by_one(app: App) -> None:
    create_role(app.identity, slug="editor", name="Editor", permissions=["a:read"])
    for _ in range(2):
        assert add_permission(app.identity, "editor", permission="b:write").permissions == (
            "a:read",
            "b:write",
        )
    assert remove_permission(app.identity, "editor", permission="a:read").permissions == ("b:write",)
    with pytest.raises(NotFound):
        remove_permission(app.identity, "editor", permission="a:read")
    assert get_role(app.identity, "editor").permissions == ("b:write",)


@pytest.mark.usefixtures("permissions")
def test_a_permission_nobody_made_is_given_to_no_role(app: App) -> None:
    create_role(app.identity, slug="editor", name="Editor", permissions=["a:read"])
    for give in (
        lambda: create_role(app.identity, slug="other", name="Other", permissions=["a:read", "c"]),
        lambda: set_permissions(app.identity, "editor", permissions=["c"]),
        lambda: add_permission(app.identity, "editor", permission="c"),
    ):
        with pytest.raises(NotFound):
            give()
    assert [role.slug for role in list_roles(app.identity) if role.slug == "other"] == []
    assert get_role(app.identity, "editor").permissions == ("a:read",)


def test_an_organizations_role_without_a_slug_gets_one_of_its_name(app: App) -> None:
    home = create_organization(app.identity, name="Home").id
    made = create_role(app.identity, name="Head of Ménage (EU)", organization_id=home)
    assert made.slug == "org-head-of-menage-eu"
    assert create_role(app.identity, name="日本", organization_id=home).slug == "org-role"
    with pytest.raises(Invalid):
        create_role(app.identity, name="Of everybody")
    (first, _) = events_of(app.identity, "organization_role.created")
    assert first.organization_id == home
    assert first.data["name"] == "Head of Ménage (EU)"


def test_a_role_that_members_have_is_not_deleted(app: App) -> None:
    home, other = (create_organization(app.identity, name=name).id for name in ("Home", "Other"))
    for place in (home, other):
        create_role(app.identity, slug="org_x", name="X", organization_id=place)
    create_role(app.identity, slug="orgax", name="Like X to a pattern", organization_id=home)
    user = app.create_user()
    member = create_membership(app.identity, user_id=user.id, organization_id=home, roles=["member", "org_x"])
    delete_role(app.identity, "orgax", organization_id=home)
    delete_role(app.identity, "org_x", organization_id=other)
    with pytest.raises(Conflict) as caught:
        delete_role(app.identity, "org_x", organization_id=home)
    assert caught.value.code == "role_has_assignments"
    update_membership(app.identity, member.id, roles=["member"])
    delete_role(app.identity, "org_x", organization_id=home)
    assert [event.data["slug"] for event in events_of(app.identity, "organization_role.deleted")] == [
        "orgax",
        "org_x",
        "org_x",
    ]
    with pytest.raises(NotFound):
        get_role(app.identity, "org_x", organization_id=home)


def test_OG_3_an_organization_changes_neither_shared_roles_nor_those_of_others(app: App) -> None:
    home, other = (create_organization(app.identity, name=name).id for name in ("Home", "Other"))
    create_role(app.identity, slug="theirs", name="Theirs", organization_id=other)
    for change in (
        lambda slug: update_role(app.identity, slug, organization_id=home, name="Mine"),
        lambda slug: set_permissions(app.identity, slug, organization_id=home, permissions=[]),
        lambda slug: add_permission(app.identity, slug, organization_id=home, permission="a"),
        lambda slug: remove_permission(app.identity, slug, organization_id=home, permission="a"),
        lambda slug: delete_role(app.identity, slug, organization_id=home),
    ):
        with pytest.raises(Forbidden):
            change("admin")
        for unknown in ("theirs", "nobodys"):
            with pytest.raises(NotFound):
                change(unknown)
    assert get_role_in(app.identity, "admin", organization_id=home).organization_id is None
    assert get_role_in(app.identity, "theirs", organization_id=other).organization_id == other
    with pytest.raises(NotFound):
        get_role_in(app.identity, "theirs", organization_id=home)
    with pytest.raises(NotFound):
        get_role_in(app.identity, "admin", organization_id="org_x")


@pytest.mark.parametrize(
    "changes",
    [
        {"slug": "Editor"},
        {"slug": ""},
        {"slug": "x" * 49},
        {"slug": "a b"},
        {"name": " "},
        {"name": "x" * 49},
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


@pytest.mark.usefixtures("permissions")
def test_changes_of_several_roles_leave_alone_what_they_do_not_name(app: App) -> None:
    create_role(app.identity, slug="editor", name="Editor", permissions=["a:read"])
    create_role(app.identity, slug="reader", name="Reader", permissions=["a:read"])
    changed = change_permissions(
        app.identity, {"editor": (["b:write"], []), "reader": ([], ["a:read", "gone"])}
    )
    assert {role.slug: role.permissions for role in changed} == {
        "editor": ("a:read", "b:write"),
        "reader": (),
    }
    assert [event.data["slug"] for event in events_of(app.identity, "role.updated")] == ["editor", "reader"]
    for changes in ({"editor": ([], ["a:read"]), "none": ([], [])}, {"editor": (["none"], ["a:read"])}):
        with pytest.raises(NotFound):
            change_permissions(app.identity, changes)
    assert get_role(app.identity, "editor").permissions == ("a:read", "b:write")
    assert [role.slug for role in list_roles_with(app.identity, "a:read", most=5)] == ["editor"]


def test_a_role_of_the_environment_goes_when_nobody_has_it(app: App) -> None:
    for slug in ("editor", "editor-in-chief"):
        create_role(app.identity, slug=slug, name=slug)
    member = app.create_member(app.create_user(), roles=["member", "editor"])
    assert list_holders(app.identity, "editor", most=5) == [member]
    with pytest.raises(Conflict) as caught:
        delete_role(app.identity, "editor", organization_id=None)
    assert caught.value.code == "role_has_assignments"
    delete_role(app.identity, "editor-in-chief", organization_id=None)
    # The organization's own role of this name is what its member has from now on.
    create_role(app.identity, slug="editor", name="Own", organization_id=member.organization_id)
    delete_role(app.identity, "editor", organization_id=None)
    deleted = [event.data["slug"] for event in events_of(app.identity, "role.deleted")]
    assert deleted == ["editor-in-chief", "editor"]
    for needed in ("member", "admin"):
        with pytest.raises(Conflict) as caught:
            delete_role(app.identity, needed, organization_id=None)
        assert caught.value.code == "role_is_needed"

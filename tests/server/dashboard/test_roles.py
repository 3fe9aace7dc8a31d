"""Roles by permissions: one form, and nothing of what another operator did is taken back by it."""

import re

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.permissions import delete_permission, ensure_permissions, get_permission
from vestibule.server.identity.roles import add_permission, create_role, get_role, set_permissions
from vestibule.server.identity.users import create_user

ROLES = "/dashboard/roles"


@pytest.fixture(autouse=True)
def _permissions(office: Office) -> None:
    ensure_permissions(office.identity, ["invoices:read", "invoices:write", "members:read"])
    create_role(office.identity, slug="editor", name="Editor", permissions=["invoices:read"])


def sent(page: str) -> dict[str, str]:
    """What a browser would send of the form with the table, as it stands."""
    hidden = dict(re.findall(r'type="hidden" name="(roles|permissions|shown)" value="([^"]*)"', page))
    ticked = re.findall(r'name="(c-\d+-\d+)" checked', page)
    return hidden | dict.fromkeys(ticked, "on")


def cell(form: dict[str, str], role: str, permission: str) -> str:
    column, row = form["roles"].split().index(role), form["permissions"].split().index(permission)
    return f"c-{column}-{row}"


def test_the_table_shows_what_is_and_saves_what_was_changed(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    form = sent(admin.read(ROLES))
    assert cell(form, "editor", "invoices:read") in form
    assert "nothing to save" in admin.done(ROLES, **form)
    assert office.events("role.updated") == []
    del form[cell(form, "editor", "invoices:read")]
    form |= {cell(form, "admin", each): "on" for each in ("invoices:read", "members:read")}
    assert "Saved. Tokens" in admin.done(ROLES, **form)
    assert get_role(office.identity, "editor").permissions == ()
    assert get_role(office.identity, "admin").permissions == ("invoices:read", "members:read")
    changed = office.events("role.updated")
    assert {each.data["slug"] for each in changed} == {"admin", "editor"}
    assert {(each.context or {})["actor"]["name"] for each in changed} == {"admin@example.com"}


def test_two_operators_at_the_same_table_keep_what_each_has_done(office: Office, operator: Operators) -> None:
    one, other = operator("admin"), operator("owner")
    form, same = sent(one.read(ROLES)), sent(other.read(ROLES))
    form[cell(form, "editor", "invoices:write")] = "on"
    same[cell(same, "editor", "members:read")] = "on"
    assert "Saved. Tokens" in one.done(ROLES, **form)
    assert "Somebody else has changed these roles" in other.done(ROLES, **same)
    permissions = ("invoices:read", "invoices:write", "members:read")
    assert get_role(office.identity, "editor").permissions == permissions
    del same[cell(same, "editor", "invoices:read")]  # the old page once more: only this differs from it now
    other.done(ROLES, **same)
    assert get_role(office.identity, "editor").permissions == ("invoices:write", "members:read")


def test_what_was_ticked_stays_when_a_permission_is_gone(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    form = sent(admin.read(ROLES))
    form[cell(form, "editor", "invoices:write")] = "on"
    form[cell(form, "editor", "members:read")] = "on"
    delete_permission(office.identity, "members:read")
    answer = admin.post(ROLES, **form)
    assert answer.status_code == 422
    assert "Nothing was saved yet" in answer.text
    again = sent(answer.text)
    assert cell(again, "editor", "invoices:write") in again
    assert get_role(office.identity, "editor").permissions == ("invoices:read",)
    admin.done(ROLES, **again)
    assert get_role(office.identity, "editor").permissions == ("invoices:read", "invoices:write")


@pytest.mark.parametrize(
    "spoiled", [{}, {"shown": "1"}, {"roles": "editor none"}, {"permissions": "invoices:read"}], ids=str
)
def test_what_is_no_table_changes_nothing(
    office: Office, operator: Operators, spoiled: dict[str, str]
) -> None:
    admin = operator("admin")
    form = sent(admin.read(ROLES)) | spoiled if spoiled else {}
    assert admin.post(ROLES, **form).status_code == 422
    assert office.events("role.updated") == []


def test_a_large_table_is_looked_through_in_pages(office: Office, operator: Operators) -> None:
    ensure_permissions(office.identity, [f"thing{number:03}:read" for number in range(100)])
    admin = operator("admin")
    assert "Page 1 of 2" in admin.read(ROLES)
    second = admin.read(ROLES, page="2")
    form = sent(second)
    form[cell(form, "editor", "thing099:read")] = "on"
    page = admin.done(f"{ROLES}?page=2", **form)
    assert "Page 2 of 2" in page
    assert get_role(office.identity, "editor").permissions == ("invoices:read", "thing099:read")
    assert sent(admin.read(ROLES, q="THING09"))["permissions"].split()[0] == "thing090:read"
    assert "No permission has" in admin.read(ROLES, q="nothing")
    assert "Page 2 of 2" in admin.read(ROLES, page="99")


def test_an_auditor_reads_the_table_and_cannot_touch_it(office: Office, operator: Operators) -> None:
    page = operator("auditor").read(ROLES)
    assert page.count(" disabled>") == page.count('type="checkbox"') == 9
    assert "Save changes" not in page


def test_a_role_is_made_renamed_and_deleted_with_its_slug_typed(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    refused = admin.post(f"{ROLES}/new", name="Billing", slug="Not A Slug", description="Pays")
    assert refused.status_code == 422
    for kept in ('value="Not A Slug"', 'value="Pays"', 'id="slug-error"'):
        assert kept in refused.text
    assert admin.post(f"{ROLES}/new", name="Again", slug="editor").status_code == 422
    assert "The role is there" in admin.done(f"{ROLES}/new", name="Billing", slug="billing")
    admin.done(f"{ROLES}/edit/billing", name="Billing team", description="Pays")
    assert get_role(office.identity, "billing").name == "Billing team"
    one = f"{ROLES}/edit/billing/delete"
    assert admin.post(one, confirmation="Billing").status_code == 422
    assert "The role is deleted" in admin.done(one, confirmation="billing")
    (deleted,) = office.events("role.deleted")
    assert (deleted.context or {})["actor"]["source"] == "dashboard"


def test_a_role_that_somebody_has_stays_and_says_who(office: Office, operator: Operators) -> None:
    place = create_organization(office.identity, name="Acme")
    user = create_user(office.identity, email="ada@acme.com")
    create_membership(office.identity, user_id=user.id, organization_id=place.id, roles=["editor"])
    admin = operator("admin")
    answer = admin.post(f"{ROLES}/edit/editor/delete", confirmation="editor")
    assert answer.status_code == 422
    assert "give them another one first" in answer.text
    assert "ada@acme.com" in answer.text
    assert "cannot be deleted" in admin.read(f"{ROLES}/edit/member")
    assert admin.post(f"{ROLES}/edit/member/delete", confirmation="member").status_code == 422
    assert office.events("role.deleted") == []


def test_a_permission_is_made_renamed_and_deleted_with_what_it_takes_along(
    office: Office, operator: Operators
) -> None:
    admin, one = operator("admin"), f"{ROLES}/permissions"
    refused = admin.post(f"{one}/new", slug="no blanks", name="Kept")
    assert (refused.status_code, 'value="Kept"' in refused.text) == (422, True)
    admin.done(f"{one}/new", slug="files/*:share")
    assert "files/*:share" in admin.read(one, slug="files/*:share")
    admin.done(one, slug="files/*:share", name="Share files")
    assert get_permission(office.identity, "files/*:share").name == "Share files"
    add_permission(office.identity, "editor", permission="files/*:share")
    assert "These roles lose it: Editor." in admin.read(one, slug="files/*:share")
    assert admin.post(f"{one}/delete", slug="files/*:share", confirmation="files").status_code == 422
    admin.done(f"{one}/delete", slug="files/*:share", confirmation="files/*:share")
    with pytest.raises(NotFound):
        get_permission(office.identity, "files/*:share")
    assert get_role(office.identity, "editor").permissions == ("invoices:read",)
    assert (office.events("permission.deleted")[0].context or {})["actor"]["name"] == "admin@example.com"


def test_an_organization_has_roles_of_its_own_with_a_table_of_their_own(
    office: Office, operator: Operators
) -> None:
    place = create_organization(office.identity, name="Acme")
    path = f"/dashboard/organizations/{place.id}/roles"
    admin = operator("admin")
    assert "No roles of its own" in admin.read(path)
    admin.done(f"{path}/new", name="Head of Engines", slug="")
    form = sent(admin.read(path))
    assert form["roles"].split() == ["org-head-of-engines"]
    admin.done(path, **form, **{cell(form, "org-head-of-engines", "members:read"): "on"})
    own = get_role(office.identity, "org-head-of-engines", organization_id=place.id)
    assert own.permissions == ("members:read",)
    set_permissions(office.identity, "editor", permissions=[])
    admin.done(f"{path}/edit/{own.slug}/delete", confirmation=own.slug)
    assert office.events("organization_role.deleted")[0].organization_id == place.id

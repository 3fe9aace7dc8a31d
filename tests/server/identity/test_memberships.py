from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.api.memberships import show_memberships
from vestibule.server.identity.errors import Conflict, Denied, Invalid, NotFound
from vestibule.server.identity.memberships import (
    create_membership,
    deactivate_membership,
    delete_membership,
    get_membership,
    list_active_memberships,
    list_memberships,
    reactivate_membership,
    search_members,
    update_membership,
    with_both_sides,
)
from vestibule.server.identity.models import Membership
from vestibule.server.identity.organizations import create_organization, delete_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.roles import create_role
from vestibule.server.identity.users import delete_user


def test_a_member_has_the_role_member_unless_told_otherwise(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    assert membership.id.startswith("om_")
    assert (membership.role, membership.roles, membership.status) == ("member", ["member"], "active")
    assert get_membership(app.identity, membership.id) == membership
    (created,) = events_of(app.identity, "organization_membership.created")
    assert created.data["role"] == {"slug": "member"}


def test_a_list_survives_that_one_in_it_is_deleted_meanwhile(app: App) -> None:
    """The 404 of one member would be that of the whole list. And a page is one look, however long it is."""
    stays, goes = app.create_user(), app.create_user("grace@example.com")
    kept = app.create_member(stays)
    organization_id = kept.organization_id
    create_membership(app.identity, user_id=goes.id, organization_id=organization_id)
    found = list_memberships(app.identity, Page(), organization_id=organization_id).data
    delete_user(app.identity, goes.id)
    assert [each.user.id for each in show_memberships(app.identity, found)] == [stays.id]
    assert with_both_sides(app.identity, found) == [(kept, "Acme", stays)]
    delete_organization(app.identity, organization_id)
    assert show_memberships(app.identity, found) == []


def test_nobody_is_a_member_twice(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    with pytest.raises(Conflict):
        create_membership(app.identity, user_id=user.id, organization_id=membership.organization_id)


def test_both_sides_must_exist(app: App) -> None:
    user, organization = app.create_user(), create_organization(app.identity, name="Acme")
    for user_id, organization_id in (("user_x", organization.id), (user.id, "org_x")):
        with pytest.raises(NotFound):
            create_membership(app.identity, user_id=user_id, organization_id=organization_id)
    with pytest.raises(Invalid):
        create_membership(app.identity, user_id=user.id, organization_id=organization.id, status="honorary")


def test_roles_are_those_of_the_organization(app: App) -> None:
    user = app.create_user()
    membership, other = app.create_member(user), create_organization(app.identity, name="Other")
    create_role(app.identity, slug="elsewhere", name="E", organization_id=other.id)
    for roles in (["unknown"], ["elsewhere"], ["member", "unknown"], []):
        with pytest.raises(Invalid) as caught:
            update_membership(app.identity, membership.id, roles=roles)
        assert caught.value.code == "invalid_role"
    changed = update_membership(app.identity, membership.id, roles=["admin", "member", "admin"])
    assert (changed.role, changed.roles) == ("admin", ["admin", "member"])
    assert update_membership(app.identity, membership.id) == changed


def test_a_membership_is_suspended_and_resumed(app: App) -> None:
    membership = app.create_member(app.create_user())
    assert deactivate_membership(app.identity, membership.id).status == "inactive"
    assert list_active_memberships(app.identity, membership.user_id) == []
    assert reactivate_membership(app.identity, membership.id).status == "active"
    ((listed, name),) = list_active_memberships(app.identity, membership.user_id)
    assert (listed.id, name) == (membership.id, "Acme")


def test_a_pending_one_is_neither(app: App) -> None:
    membership = app.create_member(app.create_user(), status="pending")
    for action in (deactivate_membership, reactivate_membership):
        with pytest.raises(Denied) as caught:
            action(app.identity, membership.id)
        assert caught.value.code.endswith("_pending_organization_membership")


def test_memberships_are_listed_by_user_organization_and_status(app: App) -> None:
    ada, eve = app.create_user(), app.create_user("eve@example.com")
    one, two = app.create_member(ada, "One"), app.create_member(ada, "Two", status="inactive")
    hers = create_membership(app.identity, user_id=eve.id, organization_id=one.organization_id)

    def ids(**where: object) -> set[str]:
        return {each.id for each in list_memberships(app.identity, Page(), **where).data}

    assert ids(user_id=ada.id) == {one.id, two.id}
    assert ids(user_id=ada.id, statuses=["active"]) == {one.id}
    assert ids(organization_id=one.organization_id) == {one.id, hers.id}
    assert ids(user_id=eve.id, organization_id=two.organization_id) == set()
    with pytest.raises(Denied):
        ids()


def test_a_deleted_membership_is_gone_and_so_are_those_of_a_deleted_organization(app: App) -> None:
    user = app.create_user()
    one, two = app.create_member(user, "One"), app.create_member(user, "Two")
    delete_membership(app.identity, one.id)
    delete_organization(app.identity, two.organization_id)
    assert list_active_memberships(app.identity, user.id) == []
    actions = (get_membership, update_membership, delete_membership, deactivate_membership)
    for action in actions:
        with pytest.raises(NotFound):
            action(app.identity, one.id)


def refused(change: Callable[[], object]) -> str:
    with pytest.raises(Denied) as caught:
        change()
    return caught.value.code


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_the_last_who_leads_others_stays(app: App, role: str) -> None:
    if role == "owner":
        create_role(app.identity, slug="owner", name="Owner")
    leader = app.create_member(app.create_user(), roles=["member", role])
    where = leader.organization_id
    member = create_membership(
        app.identity, user_id=app.create_user("b@example.com").id, organization_id=where
    )
    lost = [
        lambda: update_membership(app.identity, leader.id, roles=["member"]),
        lambda: deactivate_membership(app.identity, leader.id),
        lambda: delete_membership(app.identity, leader.id),
    ]
    assert [refused(change) for change in lost] == ["last_owner"] * 3
    assert get_membership(app.identity, leader.id) == leader
    update_membership(app.identity, leader.id, roles=["admin"])
    update_membership(app.identity, member.id, roles=["admin"])
    delete_membership(app.identity, leader.id)
    assert [each.id for each in _active(app, where)] == [member.id]
    delete_membership(app.identity, member.id)


def _active(app: App, organization_id: str) -> Sequence[Membership]:
    page = Page(limit=100)
    return list_memberships(app.identity, page, organization_id=organization_id, statuses=["active"]).data


def test_two_who_lead_cannot_remove_each_other_at_once(app: App) -> None:
    first = app.create_member(app.create_user(), roles=["admin"])
    where = first.organization_id
    for name in ("b", "c"):
        user = app.create_user(f"{name}@example.com")
        create_membership(
            app.identity, user_id=user.id, organization_id=where, roles=["admin"] if name == "b" else None
        )
    leaders = [each.id for each in _active(app, where) if each.role == "admin"]
    begin = Barrier(2)

    def leave(membership_id: str) -> str:
        begin.wait()
        try:
            delete_membership(app.identity, membership_id)
        except Denied as error:
            return error.code
        return "left"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(leave, leaders))
    assert outcomes == ["last_owner", "left"]


def test_members_are_found_by_the_beginnings_of_their_names_and_addresses(app: App) -> None:
    ada, grace = app.create_user("ada@example.com"), app.create_user("grace@navy.example")
    home = app.create_member(ada)
    create_membership(app.identity, user_id=grace.id, organization_id=home.organization_id)
    app.create_member(app.create_user("adam@example.com"), "Elsewhere")

    def found(typed: str) -> list[str]:
        members = search_members(app.identity, home.organization_id, typed, most=10)
        return [each.user_id for each in members]

    assert found("ad") == [ada.id]
    assert found("@navy") == [grace.id]
    assert found("") == found("a\x00") == found("nobody") == []

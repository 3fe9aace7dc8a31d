import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.groups import (
    add_to_group,
    create_group,
    delete_group,
    get_group,
    list_group_members,
    list_groups,
    list_groups_of_member,
    remove_from_group,
    update_group,
)
from vestibule.server.identity.memberships import delete_membership, get_membership
from vestibule.server.identity.organizations import create_organization, delete_organization
from vestibule.server.identity.paging import Page


def test_a_group_is_made_changed_and_deleted(app: App) -> None:
    home = create_organization(app.identity, name="Home").id
    made = create_group(app.identity, organization_id=home, name=" Builders ", description="")
    assert made.id.startswith("group_")
    assert (made.name, made.description) == ("Builders", None)
    changed = update_group(app.identity, made.id, organization_id=home, changes={"description": "Build"})
    assert (changed.name, changed.description) == ("Builders", "Build")
    assert get_group(app.identity, made.id, organization_id=home) == changed
    assert list_groups(app.identity, Page(), organization_id=home).data == (changed,)
    delete_group(app.identity, made.id, organization_id=home)
    with pytest.raises(NotFound):
        get_group(app.identity, made.id, organization_id=home)
    names = [event.event for event in events_of(app.identity) if event.event.startswith("group.")]
    assert names == ["group.created", "group.updated", "group.deleted"]


@pytest.mark.parametrize(
    "values", [{"name": " "}, {"name": "x" * 257}, {"name": "A", "description": "x" * 151}]
)
def test_names_and_descriptions_are_checked(app: App, values: dict[str, str]) -> None:
    home = create_organization(app.identity, name="Home").id
    with pytest.raises(Invalid):
        create_group(app.identity, organization_id=home, **values)  # type: ignore[arg-type]


def test_members_come_and_go_once(app: App) -> None:
    member = app.create_member(app.create_user())
    home = member.organization_id
    group = create_group(app.identity, organization_id=home, name="Builders", group_id="group_1")
    place = {"organization_id": home, "membership_id": member.id}
    for _ in range(2):
        assert add_to_group(app.identity, group.id, **place) == group
    assert list_group_members(app.identity, Page(), organization_id=home, group_id=group.id).data == (member,)
    assert list_groups_of_member(app.identity, Page(), membership_id=member.id).data == (group,)
    remove_from_group(app.identity, group.id, **place)
    with pytest.raises(NotFound):
        remove_from_group(app.identity, group.id, **place)
    assert len(events_of(app.identity, "group.member_added")) == 1
    assert len(events_of(app.identity, "group.member_removed")) == 1
    with pytest.raises(Conflict):
        create_group(app.identity, organization_id=home, name="Other", group_id="group_1")


def test_OG_3_nothing_of_a_group_is_reached_through_another_organization(app: App) -> None:
    member = app.create_member(app.create_user())
    stranger = app.create_member(app.create_user("bob@example.com"), "Other")
    home, other = member.organization_id, stranger.organization_id
    group = create_group(app.identity, organization_id=home, name="Builders")
    add_to_group(app.identity, group.id, organization_id=home, membership_id=member.id)
    page = Page()
    for reach in (
        lambda: get_group(app.identity, group.id, organization_id=other),
        lambda: update_group(app.identity, group.id, organization_id=other, changes={"name": "Mine"}),
        lambda: delete_group(app.identity, group.id, organization_id=other),
        lambda: list_group_members(app.identity, page, organization_id=other, group_id=group.id),
        lambda: add_to_group(app.identity, group.id, organization_id=other, membership_id=stranger.id),
        lambda: add_to_group(app.identity, group.id, organization_id=home, membership_id=stranger.id),
        lambda: remove_from_group(app.identity, group.id, organization_id=other, membership_id=member.id),
        lambda: list_groups(app.identity, page, organization_id="org_none"),
        lambda: list_groups_of_member(app.identity, page, membership_id="om_none"),
    ):
        with pytest.raises(NotFound):
            reach()
    assert get_group(app.identity, group.id, organization_id=home).name == "Builders"
    assert list_groups(app.identity, page, organization_id=other).data == ()


def test_groups_and_places_in_them_go_with_what_they_belong_to(app: App) -> None:
    member = app.create_member(app.create_user())
    home = member.organization_id
    group = create_group(app.identity, organization_id=home, name="Builders")
    add_to_group(app.identity, group.id, organization_id=home, membership_id=member.id)
    delete_group(app.identity, group.id, organization_id=home)
    assert get_membership(app.identity, member.id) == member
    group = create_group(app.identity, organization_id=home, name="Builders")
    add_to_group(app.identity, group.id, organization_id=home, membership_id=member.id)
    delete_membership(app.identity, member.id)
    assert list_group_members(app.identity, Page(), organization_id=home, group_id=group.id).data == ()
    delete_organization(app.identity, home)
    with app.identity.store.read() as tx:
        assert tx.groups.find(group.id, organization_id=home) is None

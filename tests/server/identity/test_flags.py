import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.crypto.jwt import decode_unverified
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.flags import (
    add_target,
    create_flag,
    delete_flag,
    get_flag,
    list_flags,
    list_flags_of_organization,
    list_flags_of_user,
    list_rules,
    remove_target,
    update_flag,
)
from vestibule.server.identity.memberships import deactivate_membership
from vestibule.server.identity.paging import Page
from vestibule.server.identity.users import delete_user


def slugs(found: object) -> set[str]:
    return {flag.slug for flag in found.data}  # type: ignore[attr-defined]


def test_a_flag_is_made_changed_and_deleted(app: App) -> None:
    made = create_flag(app.identity, slug="new-editor", tags=["beta", "beta"])
    assert made.id.startswith("flag_")
    assert (made.name, made.tags, made.enabled, made.default_value) == ("new-editor", ["beta"], False, False)
    changed = update_flag(app.identity, "new-editor", changes={"enabled": True, "name": "Editor"})
    assert (changed.enabled, changed.name) == (True, "Editor")
    assert list_flags(app.identity, Page()).data == (changed,)
    (event,) = events_of(app.identity, "flag.updated")
    assert event.context is not None
    assert event.context["previous_attributes"] == {"data": {"enabled": False, "name": "new-editor"}}
    delete_flag(app.identity, "new-editor")
    for gone in (
        lambda: get_flag(app.identity, "new-editor"),
        lambda: delete_flag(app.identity, "new-editor"),
        lambda: update_flag(app.identity, "new-editor", changes={}),
        lambda: add_target(app.identity, "new-editor", "org_1"),
    ):
        with pytest.raises(NotFound):
            gone()


def test_a_slug_is_plain_and_of_one_flag(app: App) -> None:
    create_flag(app.identity, slug="beta")
    with pytest.raises(Conflict):
        create_flag(app.identity, slug="beta")
    for slug in ("", "Beta", "-beta", "a b", "a" * 65, "beta\n", "ß"):
        with pytest.raises(Invalid):
            create_flag(app.identity, slug=slug)


def test_a_flag_is_on_for_its_targets_while_it_is_enabled(app: App) -> None:
    ada, bob = app.create_user(), app.create_user("bob@example.com")
    home = app.create_member(ada).organization_id
    for slug in ("of-ada", "of-home", "of-all", "off"):
        create_flag(app.identity, slug=slug, enabled=slug != "off", default_value=slug in ("of-all", "off"))
    add_target(app.identity, "of-ada", ada.id)
    add_target(app.identity, "of-home", home)
    page = Page()
    assert slugs(list_flags_of_user(app.identity, page, user_id=ada.id)) == {"of-ada", "of-home", "of-all"}
    assert slugs(list_flags_of_user(app.identity, page, user_id=bob.id)) == {"of-all"}
    of_home = list_flags_of_organization(app.identity, page, organization_id=home)
    assert slugs(of_home) == {"of-home", "of-all"}
    for unknown in ({"user_id": "user_none"},):
        with pytest.raises(NotFound):
            list_flags_of_user(app.identity, page, **unknown)
    with pytest.raises(NotFound):
        list_flags_of_organization(app.identity, page, organization_id="org_none")


def test_reg_CVE_2026_9791_tokens_say_which_flags_are_on_for_the_session(app: App) -> None:
    ada = app.create_user()
    member = app.create_member(ada)
    home = member.organization_id
    inside = app.sign_in(ada, organization_id=home)
    assert "feature_flags" not in decode_unverified(inside.access_token)
    for slug, target in (("of-home", home), ("of-ada", ada.id)):
        create_flag(app.identity, slug=slug, enabled=True)
        add_target(app.identity, slug, target)
    inside = app.refresh(inside.refresh_token)
    assert decode_unverified(inside.access_token)["feature_flags"] == ["of-ada", "of-home"]
    deactivate_membership(app.identity, member.id)
    outside = app.sign_in(ada)
    assert decode_unverified(outside.access_token)["feature_flags"] == ["of-ada"]
    update_flag(app.identity, "of-ada", changes={"enabled": False})
    assert "feature_flags" not in decode_unverified(app.refresh(outside.refresh_token).access_token)


def test_targets_are_written_down_once_and_clients_get_them_all(app: App) -> None:
    ada = app.create_user()
    home = app.create_member(ada).organization_id
    create_flag(app.identity, slug="beta", enabled=True)
    create_flag(app.identity, slug="plain", default_value=True)
    for target in (ada.id, ada.id, home):
        add_target(app.identity, "beta", target)
    with pytest.raises(NotFound):
        add_target(app.identity, "beta", "user_none")
    assert list_rules(app.identity) == {
        "beta": {
            "slug": "beta",
            "enabled": True,
            "default_value": False,
            "targets": {
                "users": [{"id": ada.id, "enabled": True}],
                "organizations": [{"id": home, "enabled": True}],
            },
        },
        "plain": {
            "slug": "plain",
            "enabled": False,
            "default_value": True,
            "targets": {"users": [], "organizations": []},
        },
    }
    first, second = events_of(app.identity, "flag.rule_updated")
    assert first.context is not None
    assert second.context is not None
    assert first.context["access_type"] == "some"
    assert first.context["previous_attributes"]["context"]["access_type"] == "none"
    assert second.context["configured_targets"]["organizations"] == [{"id": home, "name": "Acme"}]
    remove_target(app.identity, "beta", home)
    with pytest.raises(NotFound):
        remove_target(app.identity, "beta", home)
    delete_user(app.identity, ada.id)
    assert list_rules(app.identity)["beta"]["targets"] == {"users": [], "organizations": []}

import datetime as dt
import re
from typing import Any

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity import owned_keys
from vestibule.server.identity.errors import Conflict, IdentityError, Invalid, NotFound
from vestibule.server.identity.memberships import (
    deactivate_membership,
    delete_membership,
    reactivate_membership,
)
from vestibule.server.identity.models import Membership
from vestibule.server.identity.owned_keys import checksum, new_value
from vestibule.server.identity.paging import Page
from vestibule.server.identity.permissions import ensure_permissions
from vestibule.server.identity.roles import create_role, set_permissions
from vestibule.server.identity.users import delete_user
from vestibule.server.store.owned_keys import OwnedKey
from vestibule.server.store.schema import owned_api_keys

ALL = Page(limit=100)


@pytest.fixture
def member(app: App) -> Membership:
    ensure_permissions(app.identity, ["reports:read", "reports:write", "reports:delete"])
    create_role(app.identity, slug="clerk", name="Clerk", permissions=["reports:read", "reports:write"])
    create_role(app.identity, slug="boss", name="Boss", permissions=["reports:delete"])
    return app.create_member(app.create_user(), roles=["clerk"])


def of_member(app: App, member: Membership, *permissions: str, **more: Any) -> tuple[OwnedKey, str]:
    return owned_keys.create_user_key(
        app.identity,
        member.user_id,
        organization_id=member.organization_id,
        name="Mine",
        permissions=permissions,
        **more,
    )


def of_organization(app: App, member: Membership, *permissions: str, **more: Any) -> tuple[OwnedKey, str]:
    return owned_keys.create_organization_key(
        app.identity, member.organization_id, name="Ours", permissions=permissions, **more
    )


def test_a_key_says_whose_it_is_and_what_it_may(app: App, member: Membership) -> None:
    key, value = of_member(app, member, "reports:write", "reports:read")
    found = owned_keys.validate_key(app.identity, value)
    assert found is not None
    assert owned_keys.owner_of(found) == {
        "type": "user",
        "id": member.user_id,
        "organization_id": member.organization_id,
    }
    assert (found.id, found.permissions) == (key.id, ["reports:write", "reports:read"])
    ours, _ = of_organization(app, member, "reports:delete")
    assert owned_keys.owner_of(ours) == {"type": "organization", "id": member.organization_id}


def test_AK_4_only_a_digest_and_the_ends_of_a_key_are_kept(app: App, member: Membership) -> None:
    key, value = of_organization(app, member)
    assert key.obfuscated_value == f"vsk_test_...{value[-4:]}"
    with app.identity.store.read() as tx:
        (row,) = tx.connection.execute(owned_api_keys.select()).all()
    assert value not in repr(row)
    assert value not in repr(owned_keys.list_organization_keys(app.identity, member.organization_id, ALL))
    assert value not in repr(events_of(app.identity))


def test_a_value_looks_like_one_to_scanners_for_secrets() -> None:
    made = {new_value(kind) for kind in ("staging", "production") for _ in range(50)}
    assert len(made) == 100
    for value in made:
        found = re.fullmatch(r"vsk_(?:test|live)_([0-9A-Za-z]{43})([0-9A-Za-z]{6})", value)
        assert found is not None
        assert checksum(found[1]) == found[2]
    assert checksum("0" * 43) != checksum("1" + "0" * 42)


def test_AK_2_whatever_is_no_live_key_is_nothing(app: App, member: Membership, clock: Clock) -> None:
    soon = clock.now + dt.timedelta(hours=1)
    _, expiring = of_organization(app, member, expires_at=soon)
    deleted, gone = of_organization(app, member)
    owned_keys.delete_key(app.identity, deleted.id)
    assert owned_keys.validate_key(app.identity, expiring) is not None
    clock.advance(hours=1)
    wrong = [expiring, gone, gone[:-1], gone[:9], app.secret, "", "x" * 10_000, "\x00", "\ud800"]
    assert [owned_keys.validate_key(app.identity, value) for value in wrong] == [None] * len(wrong)


def test_AK_2_a_key_of_one_organization_is_none_of_another(app: App, member: Membership) -> None:
    other = app.create_member(app.create_user("eve@example.com"), "Rival", roles=["boss"])
    key, value = of_member(app, member, "reports:read")
    found = owned_keys.validate_key(app.identity, value)
    assert found is not None
    assert found.organization_id == member.organization_id != other.organization_id
    assert not owned_keys.list_organization_keys(app.identity, other.organization_id, ALL).data
    assert not owned_keys.list_user_keys(app.identity, other.user_id, ALL).data
    with pytest.raises(Invalid) as refused:
        owned_keys.create_user_key(
            app.identity, member.user_id, organization_id=other.organization_id, name="Theirs"
        )
    assert refused.value.errors[0]["code"] == "organization_membership_not_found"
    mine = owned_keys.list_user_keys(
        app.identity, member.user_id, ALL, organization_id=member.organization_id
    )
    assert [each.id for each in mine.data] == [key.id]


@pytest.mark.parametrize("wanted", ["reports:delete", "no:such", "*"])
def test_AK_2_nobody_gives_a_key_more_than_they_have(app: App, member: Membership, wanted: str) -> None:
    with pytest.raises(Invalid) as refused:
        of_member(app, member, "reports:read", wanted)
    assert refused.value.errors[0]["code"] == "permission_not_available"
    if wanted != "reports:delete":  # which a role of the organization has
        with pytest.raises(Invalid):
            of_organization(app, member, wanted)


def test_a_key_loses_what_its_owner_loses(app: App, member: Membership) -> None:
    _, value = of_member(app, member, "reports:read", "reports:write")
    _, ours = of_organization(app, member, "reports:write", "reports:delete")
    set_permissions(app.identity, "clerk", permissions=["reports:read"])
    assert [found_permissions(app, each) for each in (value, ours)] == [["reports:read"], ["reports:delete"]]


def found_permissions(app: App, value: str) -> list[str]:
    found = owned_keys.validate_key(app.identity, value)
    assert found is not None
    return found.permissions


def test_a_key_sleeps_while_its_owner_is_inactive_and_dies_with_them(app: App, member: Membership) -> None:
    _, value = of_member(app, member)
    deactivate_membership(app.identity, member.id)
    assert owned_keys.validate_key(app.identity, value) is None
    reactivate_membership(app.identity, member.id)
    assert owned_keys.validate_key(app.identity, value) is not None
    delete_membership(app.identity, member.id)
    assert owned_keys.validate_key(app.identity, value) is None
    delete_user(app.identity, member.user_id)
    with app.identity.store.read() as tx:
        assert tx.connection.execute(owned_api_keys.select()).all() == []


def test_its_use_is_noted_once_a_minute(app: App, member: Membership, clock: Clock) -> None:
    _, value = of_organization(app, member)
    noted = []
    for seconds in (0, 59, 1):
        clock.advance(seconds=seconds)
        owned_keys.validate_key(app.identity, value)
        (kept,) = owned_keys.list_organization_keys(app.identity, member.organization_id, ALL).data
        noted.append(kept.last_used_at)
    assert noted[0] == noted[1] != noted[2] == clock.now


def test_an_end_is_set_taken_back_and_brought_about(app: App, member: Membership, clock: Clock) -> None:
    key, value = of_organization(app, member)
    tomorrow = clock.now + dt.timedelta(days=1)
    assert owned_keys.expire_key(app.identity, key.id, expires_at=tomorrow).expires_at == tomorrow
    assert owned_keys.expire_key(app.identity, key.id, expires_at=None, clear=True).expires_at is None
    clock.advance(days=2)
    assert owned_keys.validate_key(app.identity, value) is not None
    assert owned_keys.expire_key(app.identity, key.id, expires_at=tomorrow).expires_at == clock.now
    assert owned_keys.validate_key(app.identity, value) is None
    with pytest.raises(Conflict, match="expired already"):
        owned_keys.expire_key(app.identity, key.id, expires_at=None, clear=True)
    names = [each.event for each in events_of(app.identity) if each.event.startswith("api_key.")]
    assert names == ["api_key.created", *["api_key.updated"] * 3]


def test_every_change_is_told(app: App, member: Membership) -> None:
    key, _ = of_organization(app, member, "reports:read")
    owned_keys.delete_key(app.identity, key.id)
    created, revoked = events_of(app.identity, "api_key.created", "api_key.revoked")
    assert created.data == revoked.data
    assert created.data["owner"] == {"type": "organization", "id": member.organization_id}
    assert created.organization_id == member.organization_id


@pytest.mark.parametrize(
    "act", [owned_keys.delete_key, lambda i, k: owned_keys.expire_key(i, k, expires_at=None)]
)
def test_an_unknown_key_is_not_found(app: App, act: Any) -> None:
    with pytest.raises(NotFound):
        act(app.identity, "api_key_unknown")


def test_an_owner_has_to_exist(app: App, member: Membership) -> None:
    for ask in (
        lambda: owned_keys.create_organization_key(app.identity, "org_none", name="x"),
        lambda: owned_keys.create_user_key(app.identity, "user_none", organization_id="org_none", name="x"),
        lambda: owned_keys.list_organization_keys(app.identity, "org_none", ALL),
        lambda: owned_keys.list_user_keys(app.identity, "user_none", ALL),
    ):
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize(
    "given",
    [
        {"name": " "},
        {"name": "line\nbreak"},
        {"permissions": ["reports:read"] * 101},
        {"expires_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"value": "sk_test_of-another-kind"},
        {"value": "vsk_test_"},
    ],
)
def test_what_makes_no_sense_is_refused(app: App, member: Membership, given: dict[str, Any]) -> None:
    with pytest.raises(IdentityError):
        owned_keys.create_organization_key(app.identity, member.organization_id, **{"name": "x"} | given)

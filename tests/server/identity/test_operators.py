from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clocks import Clock
from tests.server.people import events_of, make_user
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.errors import Conflict, Denied, Invalid, NotFound
from vestibule.server.identity.operators import (
    RIGHTS,
    add_operator,
    change_role,
    find_operator,
    get_operator,
    list_operators,
    may,
    new_setup_link,
    remove_operator,
    use_setup_link,
)


def token(identity: Identity) -> str:
    link = new_setup_link(identity)
    assert link is not None
    return link.partition("?token=")[2]


def test_an_operator_is_an_address_until_somebody_signs_in_with_it(identity: Identity) -> None:
    added = add_operator(identity, "Ada@example.com", "support")
    assert find_operator(identity, make_user(identity, "ada@example.com", email_verified=False)) is None
    with identity.store.read() as tx:
        user = tx.users.find_by_email_key("ada@example.com")
    assert user is not None
    with identity.store.transaction() as tx:
        verified = tx.users.verify_email(user.id, email=user.email, now=identity.now)
    assert verified is not None
    found = find_operator(identity, verified)
    assert found is not None
    assert (found.id, found.user_id, found.last_seen_at) == (added.id, user.id, identity.now)
    assert find_operator(identity, make_user(identity, "eve@example.com", email_verified=True)) is None


def test_each_role_may_what_the_one_before_may(identity: Identity) -> None:
    seen: set[str] = set()
    for number, (role, rights) in enumerate(RIGHTS.items()):
        operator = add_operator(identity, f"o{number}@example.com", role)
        assert seen < set(rights)
        assert all(may(operator, right) for right in rights)
        seen = set(rights)
    assert [may(each, "own") for each in list_operators(identity)].count(True) == 1


def test_what_cannot_be_is_refused(identity: Identity) -> None:
    owner = add_operator(identity, "owner@example.com", "owner")
    with pytest.raises(Conflict) as taken:
        add_operator(identity, "OWNER@example.com", "admin")
    assert taken.value.code == "operator_exists"
    for email, role in (("no address", "admin"), ("ada@example.com", "god")):
        with pytest.raises(Invalid):
            add_operator(identity, email, role)
    with pytest.raises(Conflict) as last:
        change_role(identity, owner.id, "admin")
    assert last.value.code == "last_owner"
    with pytest.raises(Conflict):
        remove_operator(identity, owner.id)
    for unknown in (
        lambda: change_role(identity, "operator_1", "admin"),
        lambda: get_operator(identity, "x"),
    ):
        with pytest.raises(NotFound):
            unknown()


def test_two_owners_who_remove_each_other_leave_one(identity: Identity) -> None:
    ensure_environment(identity)
    owners = [add_operator(identity, f"o{number}@example.com", "owner") for number in range(2)]

    def remove(operator_id: str) -> bool:
        try:
            remove_operator(identity, operator_id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(remove, [each.id for each in owners])) == [False, True]
    assert [each.role for each in list_operators(identity)] == ["owner"]


def test_every_change_is_an_event(identity: Identity) -> None:
    add_operator(identity, "owner@example.com", "owner")
    other = add_operator(identity, "ada@example.com", "auditor")
    change_role(identity, other.id, "admin")
    remove_operator(identity, other.id)
    happened = [
        (each.event, each.data["role"]) for each in events_of(identity) if each.data["id"] == other.id
    ]
    assert happened == [
        ("operator.created", "auditor"),
        ("operator.updated", "admin"),
        ("operator.deleted", "admin"),
    ]


def test_AD_4_of_many_links_at_once_one_makes_an_owner(identity: Identity) -> None:
    ensure_environment(identity)
    users = [make_user(identity, f"o{number}@example.com", email_verified=True) for number in range(4)]
    tokens = [token(identity) for _ in users]

    def use(number: int) -> bool:
        try:
            use_setup_link(identity, tokens[number], users[number])
        except Denied:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(use, range(4))) == [False, False, False, True]
    assert len(list_operators(identity)) == 1
    assert new_setup_link(identity) is None


def test_AD_4_a_link_is_over_after_a_day(identity: Identity, clock: Clock) -> None:
    user, given = make_user(identity, email_verified=True), token(identity)
    clock.advance(hours=24)
    with pytest.raises(Denied) as over:
        use_setup_link(identity, given, user)
    assert over.value.code == "setup_link_over"

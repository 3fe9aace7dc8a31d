"""Finding people while somebody types, on both databases."""

import pytest

from tests.clocks import Clock
from tests.server.people import make_user
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.suspending import suspend_user
from vestibule.server.identity.user_search import Filters, search_users
from vestibule.server.identity.users import delete_user, record_sign_in, update_user


@pytest.fixture
def people(identity: Identity, clock: Clock) -> Identity:
    ensure_environment(identity)
    for email, first, last in (
        ("ada@acme.com", "Ada", "Lovelace"),
        ("grace@acme.com", "Grace", "Hopper"),
        ("jose@example.com", "José", "Garcia-Lopez"),
        ("adele@example.com", "Adele", "Goldberg"),
    ):
        clock.advance(seconds=1)
        make_user(identity, email, first_name=first, last_name=last, email_verified=True)
    return identity


def found(identity: Identity, query: str = "", filters: Filters | None = None) -> list[str]:
    return [user.email.partition("@")[0] for user in search_users(identity, query, filters).users]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["adele", "jose", "grace", "ada"]),
        ("ad", ["ada", "adele"]),
        ("LOVE", ["ada"]),
        ("jose", ["jose"]),
        ("lopez", ["jose"]),
        ("@acme", ["ada", "grace"]),
        ("grace@acme.com", ["grace"]),
        ("ad gold", ["adele"]),
        ("gold ad", ["adele"]),
        ("ada hopper", []),
        ("@acme @example", []),
        ("100%", []),
    ],
)
def test_people_are_found_by_beginnings_of_words(people: Identity, query: str, expected: list[str]) -> None:
    assert found(people, query) == expected


def test_a_whole_id_is_found_whatever_it_is_made_of(people: Identity) -> None:
    ada = search_users(people, "ada@").users[0]
    update_user(people, ada.id, changes={"external_id": "CRM 7/A"})
    assert found(people, ada.id) == ["ada"]
    assert found(people, "CRM 7/A") == ["ada"]


def test_who_changed_is_found_by_what_they_are_now(people: Identity) -> None:
    ada = search_users(people, "ada@").users[0]
    update_user(people, ada.id, changes={"last_name": "King", "email": "countess@example.com"})
    assert found(people, "king") == ["countess"]
    assert found(people, "love") == found(people, "ada@") == []
    assert found(people, "@acme") == ["grace"]
    delete_user(people, ada.id)
    assert found(people, "king") == []


def test_filters_and_words_go_together(people: Identity, clock: Clock) -> None:
    ada, grace = search_users(people, "@acme").users
    organization = create_organization(people, name="Engines")
    create_membership(people, user_id=ada.id, organization_id=organization.id)
    engines = Filters(organization_id=organization.id)
    assert found(people, "", engines) == found(people, "@acme", engines) == ["ada"]
    assert found(people, "grace", engines) == []
    suspend_user(people, grace.id)
    assert (
        found(people, "", Filters(suspended=True))
        == found(people, "gr", Filters(suspended=True))
        == ["grace"]
    )
    update_user(people, ada.id, changes={"email_verified": False})
    assert (
        found(people, "", Filters(unverified=True)) == found(people, "a", Filters(unverified=True)) == ["ada"]
    )
    since = Filters(signed_in_since=clock())
    assert found(people, "", since) == []
    with people.store.transaction() as tx:
        record_sign_in(tx, people, grace.id)
    assert found(people, "", since) == found(people, "@acme", since) == ["grace"]


@pytest.mark.parametrize("query", ["", "a", "@acme"])
def test_pages_bring_everybody_once(identity: Identity, query: str) -> None:
    for number in range(12):
        make_user(identity, f"a{number}@acme.com", first_name="Anna", name=f"Anna A{number}")
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = search_users(identity, query, after=after, limit=5)
        seen += [user.email for user in page.users]
        after = page.after
    assert len(seen) == len(set(seen)) == 12


@pytest.mark.parametrize(
    "cursor",
    ["x", "term.9.user_1.a", "created.0.user.soon", "member.0.a.1", "seen.0.a.1", "created.0.a." + "9" * 40],
)
def test_a_cursor_that_makes_no_sense_gives_the_first_page(people: Identity, cursor: str) -> None:
    assert len(search_users(people, "ad", after=cursor).users) == 2

"""One user: every tab, and what can be done to them."""

import pytest

from tests.clocks import Clock
from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from tests.server.people import mails_to
from vestibule.server.identity.browser import begin_browser_session, find_browser_session
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.factors import enroll_totp, use_code
from vestibule.server.identity.impersonation import list_impersonations
from vestibule.server.identity.memberships import list_memberships
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import User
from vestibule.server.identity.totp import code_of, step_at
from vestibule.server.identity.users import create_user, find_user, get_user
from vestibule.server.identity.ways_in import ways_in

EVIL = "<img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture
def ada(office: Office) -> User:
    return create_user(
        office.identity,
        email="ada@acme.com",
        first_name="Ada",
        password="seven green bottles",
        metadata={"a": "b"},
    )


def at(user: User, tab: str = "") -> str:
    return f"/dashboard/users/{user.id}{tab}"


@pytest.mark.parametrize(
    "tab", ["", "/sign-in", "/sessions", "/organizations", "/timeline", "/impersonations", "/danger"]
)
def test_AD_1_names_are_shown_as_text_on_every_tab(office: Office, operator: Operators, tab: str) -> None:
    user = create_user(office.identity, email="eve@acme.com", name=EVIL)
    text = operator("owner").get(at(user, tab)).text
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}" in text
    assert "<img src=x" not in text


def test_the_profile_is_changed_with_what_is_written(office: Office, operator: Operators, ada: User) -> None:
    page = operator("admin").done(
        at(ada), email="countess@acme.com", first_name="Augusta", locale="de", metadata='{"plan": "team"}'
    )
    assert "Saved." in page
    user = get_user(office.identity, ada.id)
    assert (user.email, user.first_name, user.locale, user.metadata) == (
        "countess@acme.com",
        "Augusta",
        "de",
        {"plan": "team"},
    )
    event = office.events("user.updated")[0]
    assert event.context is not None
    assert event.context["actor"]["name"] == "admin@example.com"


@pytest.mark.parametrize(
    "wrong", [{"email": "no"}, {"metadata": "["}, {"metadata": '{"a": 1}'}, {"locale": "?"}]
)
def test_a_wrong_profile_is_explained_and_kept(
    office: Office, operator: Operators, ada: User, wrong: dict[str, str]
) -> None:
    answer = operator("admin").post(at(ada), **({"email": ada.email, "first_name": "Kept"} | wrong))
    assert answer.status_code == 422
    assert 'value="Kept"' in answer.text
    assert get_user(office.identity, ada.id) == ada


def test_support_mails_a_link_and_removes_a_lost_authenticator(
    office: Office, operator: Operators, ada: User, clock: Clock
) -> None:
    identity = office.identity
    enrolled = enroll_totp(identity, user_id=ada.id)
    with identity.store.transaction() as tx:
        factor = tx.factors.list(Page(), user_id=ada.id).data[0]
        use_code(tx, identity, factor, code_of(enrolled.secret, step_at(clock())))
    support = operator("support")
    assert "on its way" in support.done(at(ada, "/sign-in/reset"))
    assert mails_to(identity, ada.email)
    (factor,) = ways_in(identity, ada.id).factors
    assert "Removed." in support.done(at(ada, "/sign-in/factors"), id=factor.id)
    assert ways_in(identity, ada.id).factors == []
    assert office.events("authentication_factor.deleted")


def test_an_account_elsewhere_is_disconnected(office: Office, operator: Operators, ada: User) -> None:
    with office.identity.store.transaction() as tx:
        tx.identities.create(provider="GitHubOAuth", idp_id="7", user_id=ada.id, now=office.identity.now)
    where = at(ada, "/sign-in/identities")
    assert operator("admin").post(where, provider="GitHubOAuth", idp_id="8").status_code == 404
    assert "Removed." in operator("admin").done(where, provider="GitHubOAuth", idp_id="7")
    (event,) = office.events("identity.deleted")
    assert event.data["user_id"] == ada.id


def test_sessions_end_one_by_one_or_all(office: Office, operator: Operators, ada: User) -> None:
    tokens = []
    for _ in range(3):
        session, token = begin_browser_session(
            office.identity, user_id=ada.id, authentication_method="Password"
        )
        tokens.append(token)
    support = operator("support")
    assert support.read(at(ada, "/sessions")).count("End with its apps") == 3
    support.done(at(ada, "/sessions/end-browser"), browser_session_id=session.id)
    assert find_browser_session(office.identity, tokens[2]) is None
    assert find_browser_session(office.identity, tokens[0]) is not None
    assert "Every session has ended" in support.done(at(ada, "/sessions/end-all"))
    assert find_browser_session(office.identity, tokens[0]) is None
    assert support.post(at(ada, "/sessions/end"), session_id="session_of_others").status_code == 404


def test_a_membership_is_made_changed_and_ended(office: Office, operator: Operators, ada: User) -> None:
    create_organization(office.identity, name="Engines")
    admin = operator("admin")
    assert admin.post(at(ada, "/organizations"), organization="Nowhere").status_code == 422
    assert "Engines" in admin.done(at(ada, "/organizations"), organization="Engines", role="member")
    (membership,) = list_memberships(office.identity, Page(), user_id=ada.id).data
    own = at(ada, f"/organizations/{membership.id}")
    assert admin.post(own).status_code == 422
    admin.done(own, **{"role.admin": "on", "inactive": "on"})
    (changed,) = list_memberships(office.identity, Page(), user_id=ada.id).data
    assert (changed.roles, changed.status) == (["admin"], "inactive")
    other = create_user(office.identity, email="other@acme.com")
    assert admin.get(at(other, f"/organizations/{membership.id}")).status_code == 404
    assert "Removed from" in admin.done(f"{own}/remove")
    assert list_memberships(office.identity, Page(), user_id=ada.id).data == ()


def test_the_timeline_tells_what_happened_and_who_did_it(
    office: Office, operator: Operators, ada: User
) -> None:
    operator("admin").done(at(ada, "/danger/suspend"))
    page = operator("auditor").read(at(ada, "/timeline"))
    assert page.index("The account was suspended") < page.index("The account was made")
    assert "admin@example.com" in page
    (event,) = office.events("user.suspended")
    assert f"/dashboard/events/{event.id}" in page


def test_who_is_suspended_is_out_and_can_be_let_in_again(
    office: Office, operator: Operators, ada: User
) -> None:
    _, token = begin_browser_session(office.identity, user_id=ada.id, authentication_method="Password")
    admin = operator("admin")
    assert "nobody can sign in as them" in admin.done(at(ada, "/danger/suspend"))
    assert find_browser_session(office.identity, token) is None
    assert "They can sign in again" in admin.done(at(ada, "/danger/unsuspend"))
    assert [each.event for each in office.events("user.suspended", "user.unsuspended")] == [
        "user.unsuspended",
        "user.suspended",
    ]


def test_deleting_needs_the_address_in_full(office: Office, operator: Operators, ada: User) -> None:
    admin = operator("admin")
    for typed in ("", "ada", "grace@acme.com"):
        assert admin.post(at(ada, "/danger/delete"), confirmation=typed).status_code == 422
    assert "is deleted" in admin.done(at(ada, "/danger/delete"), confirmation="Ada@acme.com")
    assert find_user(office.identity, ada.id) is None


@pytest.mark.parametrize("deed", ["suspend", "delete"])
def test_operators_do_not_lock_themselves_out(office: Office, operator: Operators, deed: str) -> None:
    owner = operator("owner")
    assert owner.post(at(owner.user, f"/danger/{deed}"), confirmation=owner.user.email).status_code == 422
    assert get_user(office.identity, owner.user.id).suspended_at is None


@pytest.mark.parametrize(
    ("deed", "values"),
    [
        ("", {"email": "mine@evil.com"}),
        ("/sign-in/reset", {}),
        ("/sign-in/factors", {"id": "x"}),
        ("/sessions/end-all", {}),
        ("/danger/suspend", {}),
        ("/danger/delete", {"confirmation": "owner@example.com"}),
    ],
)
def test_nobody_but_owners_touches_the_account_of_an_operator(
    office: Office, operator: Operators, deed: str, values: dict[str, str]
) -> None:
    target = operator("owner").user
    answer = operator("admin").post(at(target, deed), **values)
    assert answer.status_code == 400
    assert "operator_protected" in answer.text
    assert get_user(office.identity, target.id) == target


def test_signing_in_as_somebody_needs_a_reason_and_leaves_a_trail(
    office: Office, operator: Operators, ada: User
) -> None:
    where, support = at(ada, "/impersonations"), operator("support")
    assert support.post(where, reason="Ticket 7").status_code == 422  # nobody said where the app begins
    update_environment(office.identity, initiate_login_url="https://app.example.com/sign-in")
    assert support.post(where, reason=" ").status_code == 422
    answer = support.post(where, reason="Ticket 7", minutes="15")
    assert answer.status_code == 303
    assert "/impersonate?token=" in answer.headers["location"]
    (made,) = list_impersonations(office.identity, Page()).data
    assert (made.impersonator_email, made.reason, made.user_id) == ("support@example.com", "Ticket 7", ada.id)
    assert (made.ends_at - made.created_at).total_seconds() == 15 * 60
    for page in (where, "/dashboard/impersonations"):
        assert "Ticket 7" in operator("auditor").read(page)
    (event,) = office.events("impersonation.created")
    assert event.context is not None
    assert event.context["actor"]["name"] == "support@example.com"
    assert operator("auditor").post(where, reason="Ticket 8").status_code == 403


def test_operators_cannot_be_signed_in_as(office: Office, operator: Operators) -> None:
    update_environment(office.identity, initiate_login_url="https://app.example.com/sign-in")
    for role in ("auditor", "owner"):
        answer = operator("admin").post(at(operator(role).user, "/impersonations"), reason="curious")
        assert answer.status_code == 422
    assert list_impersonations(office.identity, Page()).data == ()

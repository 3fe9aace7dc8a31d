"""The policy of the environment and of single organizations; and nobody locks the operators out."""

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office, Seat
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.policies import find_policy, get_policy, set_policy
from vestibule.server.identity.users import update_user

PATH = "/dashboard/sign-in"
EVERY = ("password", "magic_auth", "passkey")


def form(*methods: str, was: str = "password magic_auth passkey", **more: str) -> dict[str, str]:
    shown = {"mfa": "optional", "passkey_enrollment": "off", "passkey_user_verification": "preferred"}
    return {
        "was-methods": was,
        **{f"was-{name}": value for name, value in shown.items()},
        **shown,
        **{f"method-{each}": "on" for each in methods},
        **more,
    }


@pytest.fixture
def admin(office: Office, operator: Operators) -> Seat:
    """With a password, as most have."""
    for role in ("owner", "admin"):
        operator(role).read("/dashboard")
    user = operator("admin").user
    update_user(office.identity, user.id, changes={"password": "seven green bottles"})
    return office.sit(user)  # a new password has ended what was open


def test_the_page_says_what_is_in_effect_and_what_the_server_sets(admin: Seat) -> None:
    page = admin.read(PATH)
    assert "People sign in by password, code by mail or passkey." in page
    assert "VESTIBULE_SERVER_SIGN_UP" in page
    page = admin.done(PATH, **form("magic_auth", "password", mfa="off"))
    assert "People sign in by password or code by mail. Nobody is asked for a second factor." in page
    page = admin.done(
        PATH, **form("magic_auth", "passkey", was="password magic_auth", passkey_enrollment="offer")
    )
    assert "Whoever has no passkey is offered one." in page
    assert "nothing to save" in admin.done(PATH, **form("magic_auth", "passkey", was="magic_auth passkey"))


def test_only_what_was_changed_is_changed(office: Office, admin: Seat) -> None:
    """Another operator has switched off passkeys and second factors meanwhile."""
    set_policy(office.identity, mfa="off", methods=["password", "magic_auth", "google_oauth"])
    admin.done(PATH, **form("magic_auth", "passkey"))
    policy = get_policy(office.identity)
    assert policy.mfa == "off"
    assert policy.methods == {"magic_auth", "google_oauth"}
    (changed, _) = office.events("authentication_policy.updated")
    assert (changed.context or {})["actor"]["name"] == "admin@example.com"


def test_the_last_way_that_operators_have_stays_on(office: Office, admin: Seat) -> None:
    before = get_policy(office.identity)
    for methods, problem in (
        ((), "Leave on at least one way to sign in."),
        (("passkey",), "You could not sign in any more"),
        (("password",), "No owner could sign in any more"),
    ):
        answer = admin.post(PATH, **form(*methods, mfa="required"))
        assert answer.status_code == 422
        assert problem in answer.text
        kept = [each for each in EVERY if f'name="method-{each}" checked' in answer.text]
        assert kept == list(methods)
        assert 'id="mfa-required" name="mfa" value="required" checked' in answer.text
    assert get_policy(office.identity) == before
    assert office.events("authentication_policy.updated") == []


def test_an_organization_asks_for_more_and_never_for_what_is_off(office: Office, admin: Seat) -> None:
    acme = create_organization(office.identity, name="Acme")
    path = f"/dashboard/organizations/{acme.id}/sign-in"
    admin.done(path, **form("passkey", mfa="required"))
    assert find_policy(office.identity, acme.id).mfa == "required"
    assert find_policy(office.identity, acme.id).methods == {"passkey"} | (
        find_policy(office.identity).methods - set(EVERY)
    )
    set_policy(office.identity, methods=["magic_auth", "password"])
    answer = admin.post(path, **form("passkey", was="passkey", passkey_enrollment="offer"))
    assert answer.status_code == 422
    assert "Nobody could sign in to this organization" in answer.text
    assert "Switched off in the environment" in answer.text
    assert "People sign in by password or code by mail." in admin.read(PATH)


def test_capturing_the_operators_own_domain_is_held_against_them(office: Office, admin: Seat) -> None:
    acme = create_organization(
        office.identity, name="Acme", domain_data=[{"domain": "example.com", "state": "verified"}]
    )
    set_policy(office.identity, acme.id, methods=["passkey"])
    path = f"/dashboard/organizations/{acme.id}"
    answer = admin.post(f"{path}/domain-policy", capture="on", auto_join="on")
    assert answer.status_code == 422
    assert "You could not sign in any more" in answer.text
    assert office.events("organization_domain_policy.updated") == []

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server.apps import App
from tests.server.people import events_of
from vestibule.server.identity import policies
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.policies import EVERY_METHOD, Policy

CHALLENGE, ENROLLMENT = "mfa_challenge", "mfa_enrollment"
OWED = [
    # mfa         method           shown           enrolled  → owed
    ("off", "Password", None, True, None),
    ("off", "Password", None, False, None),
    ("optional", "Password", None, False, None),
    ("optional", "Password", None, True, CHALLENGE),
    ("optional", "MagicAuth", None, True, CHALLENGE),
    ("optional", "GoogleOAuth", None, True, CHALLENGE),
    ("optional", "Passkey", None, True, CHALLENGE),
    ("optional", "Passkey", "passkey", True, None),
    ("optional", "Password", "totp", True, None),
    ("required", "Password", None, False, ENROLLMENT),
    ("required", "Password", None, True, CHALLENGE),
    ("required", "Password", "recovery_code", True, None),
    ("required", "Passkey", "passkey", False, None),
    ("required", "SSO", None, True, None),
    ("required", "Impersonation", None, True, None),
    ("required", "something new", None, True, CHALLENGE),
]


@pytest.mark.parametrize(("mfa", "method", "shown", "enrolled", "owed"), OWED)
def test_who_owes_a_second_factor(
    mfa: str, method: str, shown: str | None, enrolled: bool, owed: str | None
) -> None:
    assert Policy(mfa=mfa).owed(method, shown, enrolled=enrolled) == owed


def test_an_organization_can_ask_for_more_but_never_for_less(identity: Identity, app: App) -> None:
    organization_id = create_organization(identity, name="Acme").id
    assert policies.find_policy(identity, organization_id) == Policy()
    policies.set_policy(identity, mfa="required", methods=["password", "passkey"])
    policies.set_policy(identity, organization_id, mfa="off", methods=["passkey", "sso"])
    found = policies.find_policy(identity, organization_id)
    assert (found.mfa, found.methods) == ("required", frozenset({"passkey"}))
    assert policies.find_policy(identity).methods == frozenset({"password", "passkey"})
    policies.set_policy(identity, mfa="off", methods=None)
    policies.set_policy(identity, organization_id, mfa="required")
    assert policies.find_policy(identity, organization_id).mfa == "required"
    assert policies.find_policy(identity).mfa == "off"
    assert policies.find_policy(identity).methods == frozenset(EVERY_METHOD)


def test_what_was_set_is_read_back_and_the_rest_stays(identity: Identity, app: App) -> None:
    policies.set_policy(identity, passkey_enrollment="offer", methods=["passkey", "password"])
    policies.set_policy(identity, passkey_user_verification="required")
    assert policies.get_policy(identity) == Policy(
        methods=frozenset({"password", "passkey"}),
        passkey_user_verification="required",
        passkey_enrollment="offer",
    )
    last = events_of(identity, "authentication_policy.updated")[-1]
    assert last.data["methods"] == ["password", "passkey"]


@pytest.mark.parametrize("of", ["environment", "organization"])
def test_changes_at_once_do_not_take_each_other_back(identity: Identity, app: App, of: str) -> None:
    organization_id = create_organization(identity, name="Acme").id if of == "organization" else None
    changes = [{"mfa": "required"}, {"methods": ["passkey"]}, {"passkey_enrollment": "offer"}]
    for _ in range(5):
        policies.set_policy(identity, organization_id, mfa="off", methods=None, passkey_enrollment="off")
        with ThreadPoolExecutor(len(changes)) as pool:
            list(pool.map(lambda each: policies.set_policy(identity, organization_id, **each), changes))
        assert policies.get_policy(identity, organization_id) == Policy(
            mfa="required", methods=frozenset({"passkey"}), passkey_enrollment="offer"
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"mfa": "sometimes"},
        {"methods": []},
        {"methods": ["telepathy"]},
        {"passkey_user_verification": "discouraged"},
        {"passkey_enrollment": ""},
    ],
)
def test_nonsense_is_refused(identity: Identity, app: App, changes: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        policies.set_policy(identity, **changes)
    assert refused.value.errors[0]["field"] in changes
    assert policies.get_policy(identity) == Policy()


def test_what_passkeys_must_ask_for_is_the_environment_s_to_say(identity: Identity, app: App) -> None:
    organization_id = create_organization(identity, name="Acme").id
    with pytest.raises(Invalid) as refused:
        policies.set_policy(identity, organization_id, passkey_user_verification="required")
    assert refused.value.errors[0]["field"] == "passkey_user_verification"
    policies.set_policy(identity, passkey_user_verification="required")
    found = policies.find_policy(identity, organization_id)
    assert found.passkey_user_verification == "required"


def test_an_unknown_organization_has_no_policy(identity: Identity, app: App) -> None:
    with pytest.raises(NotFound):
        policies.get_policy(identity, "org_none")
    with pytest.raises(NotFound):
        policies.set_policy(identity, "org_none", mfa="required")

import copy

import pytest

from tests.server.apps import PASSWORD
from tests.server.people import events_of
from vestibule.errors import ConfigError
from vestibule.server.identity import step_grants
from vestibule.server.identity.api_keys import find_api_key
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.redirect_uris import check_redirect_uri, sign_out_target
from vestibule.server.identity.roles import get_role
from vestibule.server.identity.seeding import seed
from vestibule.server.identity.users import get_user

SEED = {
    "environment": {"client_id": "client_seeded", "app_homepage_url": "http://localhost:8000/"},
    "api_keys": [{"value": "sk_test_seeded-for-a-test", "name": "The app"}],
    "redirect_uris": [
        {"uri": "http://localhost:8000/callback"},
        {"uri": "http://localhost/cb", "default": True},
    ],
    "sign_out_uris": [{"uri": "http://localhost:8000/bye"}],
    "roles": [{"slug": "admin", "permissions": ["reports:read"]}, {"slug": "guest", "name": "Guest"}],
    "organizations": [{"id": "org_acme", "name": "Acme"}, {"id": "org_labs", "name": "Labs"}],
    "users": [{"id": "user_ada", "email": "ada@example.com", "password": PASSWORD, "email_verified": True}],
    "memberships": [
        {"email": "ada@example.com", "organization_id": "org_acme", "role": "admin"},
        {"user_id": "user_ada", "organization_id": "org_labs", "roles": ["guest", "member"]},
    ],
}


def test_a_seed_makes_everything_with_the_ids_given(identity: Identity) -> None:
    seed(identity, SEED)
    assert get_environment(identity).client_id == "client_seeded"
    assert find_api_key(identity, "sk_test_seeded-for-a-test") is not None
    assert check_redirect_uri(identity, "http://localhost:9/callback")
    assert sign_out_target(identity, "http://localhost:9/bye") == "http://localhost:9/bye"
    assert get_user(identity, "user_ada").email_verified
    assert get_role(identity, "admin").permissions == ("reports:read",)
    members = {each.organization_id: each.roles for each, _ in list_active_memberships(identity, "user_ada")}
    assert members == {"org_acme": ["admin"], "org_labs": ["guest", "member"]}


def test_whoever_was_seeded_can_sign_in(identity: Identity) -> None:
    alone = {**SEED, "memberships": SEED["memberships"][:1]}
    seed(identity, alone)
    done = step_grants.password_grant(
        identity,
        email="ada@example.com",
        password=PASSWORD,
        client_id="client_seeded",
        client_secret="sk_test_seeded-for-a-test",
    )
    assert done.organization_id == "org_acme"


def test_seeding_again_adds_nothing(identity: Identity) -> None:
    given = copy.deepcopy(SEED)
    seed(identity, given)
    before = [event.event for event in events_of(identity)]
    seed(identity, given)
    assert [event.event for event in events_of(identity)] == before
    assert given == SEED


def test_a_role_gets_the_permissions_of_the_newest_seed(identity: Identity) -> None:
    seed(identity, {"roles": [{"slug": "admin", "permissions": ["a"]}]})
    seed(identity, {"roles": [{"slug": "admin", "permissions": ["b"]}]})
    assert get_role(identity, "admin").permissions == ("b",)


def test_an_empty_seed_makes_an_environment_that_works(identity: Identity) -> None:
    seed(identity, {})
    assert get_environment(identity).client_id.startswith("client_")


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ({"user": []}, "'user'"),
        ({"users": [{"first_name": "Ada"}]}, r"users\[0\] lacks 'email'"),
        ({"users": [{"email": "nonsense"}]}, r"users\[0\]"),
        ({"users": [{"email": "ada@example.com", "age": 36}]}, r"users\[0\].*age"),
        ({"organizations": [{"id": "org_acme"}]}, r"organizations\[0\] lacks 'name'"),
        ({"organizations": [7]}, r"organizations\[0\] must be a table"),
        ({"organizations": {"name": "Acme"}}, "organizations must be a list"),
        ({"users": [{"email": "a@example.com", "email_verified": "yes"}]}, r"users\[0\].email_verified"),
        ({"users": [{"email": "a@example.com", "factors": [{"type": "sms"}]}]}, r"users\[0\].factors\[0\]"),
        ({"feature_flags": [{"slug": "x", "type": "string"}]}, r"feature_flags\[0\].type"),
        ({"groups": [{"name": "x"}]}, r"groups\[0\] lacks 'organization_id'"),
        ({"groups": [{"name": "x", "organization": "nowhere"}]}, r"groups\[0\].*nowhere"),
        ({"api_keys": [{"name": "x"}]}, r"api_keys\[0\] lacks 'value'"),
        (
            {"api_keys": [{"value": f"sk_test_{n}", "name": "Same"} for n in "ab"]},
            r"api_keys\[1\] has the name",
        ),
        ({"policy": {"mfa": "perhaps"}}, "policy cannot be"),
        ({"config": {"colour": "red"}}, "config.colour"),
        ({"redirect_uris": [{"uri": "x"}]}, r"redirect_uris\[0\]"),
        (
            {"memberships": [{"email": "nobody@example.com", "organization_id": "o"}]},
            r"memberships\[0\].*nobody",
        ),
        ({"environment": {"color": "red"}}, "environment.*color"),
    ],
)
def test_a_bad_entry_is_named(identity: Identity, data: dict[str, object], names: str) -> None:
    with pytest.raises(ConfigError, match=names) as caught:
        seed(identity, data)
    assert caught.value.code == "seed_invalid"

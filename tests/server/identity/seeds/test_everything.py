"""One seed with everything in it: made once, the same in every database, and nothing by a second sowing."""

import copy
import datetime as dt
from typing import Any

import pytest

from tests.clocks import Clock
from tests.server.apps import PASSWORD
from tests.server.people import events_of
from vestibule.server.identity.context import Identity
from vestibule.server.identity.cors_origins import list_cors_origins
from vestibule.server.identity.domains import list_domains
from vestibule.server.identity.factors import list_factors
from vestibule.server.identity.flags import list_flags
from vestibule.server.identity.groups import list_groups
from vestibule.server.identity.invitations import get_invitation
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.organizations import get_organization, list_organizations
from vestibule.server.identity.owned_keys import validate_key
from vestibule.server.identity.paging import Page
from vestibule.server.identity.passwords import verify_password
from vestibule.server.identity.policies import find_policy
from vestibule.server.identity.redirect_uris import list_redirect_uris
from vestibule.server.identity.roles import get_role
from vestibule.server.identity.seeding import seed
from vestibule.server.identity.seeds.entries import SeedInvalid, stable_id
from vestibule.server.identity.webhooks import list_endpoints
from vestibule.server.store import portable

BCRYPT = "$2b$04$ORpHDJDVxVvNJFPTUq5MbOOYEGeNB3O/gYKdpU5x.ZRGm8pJXQkIe"
SEED: dict[str, Any] = {
    "environment": {"client_id": "client_seeded", "initiate_login_url": "http://localhost:8000/sign-in"},
    "jwt_template": '{"plan": "{{ user.metadata.plan }}"}',
    "policy": {"mfa": "optional", "methods": ["password", "magic_auth"]},
    "branding": {"name": "Acme", "accent": "#635bff", "copy": {"en": {"sign_in_title": "Hello"}}},
    "redirect_uris": ["http://localhost/callback", {"uri": "http://localhost/cb", "default": True}],
    "cors_origins": ["http://localhost:3000"],
    "permissions": [{"slug": "reports:read", "name": "Read reports"}, "reports:delete"],
    "organizations": [
        {"name": "Acme", "external_id": "crm-1", "metadata": {"plan": "pro"}},
        {
            "name": "Labs",
            "domains": ["labs.example", {"domain": "new-labs.example", "state": "pending"}],
            "domain_auto_join": True,
            "entitlements": ["audit-logs"],
        },
    ],
    "roles": [
        {"slug": "auditor", "name": "Auditor", "permissions": ["reports:read", "audit:read"]},
        {"slug": "chief", "organization": "Labs", "permissions": ["reports:delete"]},
    ],
    "users": [
        {
            "email": "ada@example.com",
            "password": PASSWORD,
            "email_verified": True,
            "metadata": {"plan": "pro"},
            "factors": [{"type": "totp", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}],
        },
        {"email": "bob@example.com", "password_hash": BCRYPT, "password_hash_type": "bcrypt"},
    ],
    "memberships": [
        {"email": "ada@example.com", "organization": "crm-1", "roles": ["auditor", "member"]},
        {"email": "ada@example.com", "organization": "Labs", "role": "chief"},
        {"email": "bob@example.com", "organization": "Labs", "status": "inactive"},
    ],
    "groups": [{"name": "Founders", "organization": "Labs", "members": ["ada@example.com"]}],
    "invitations": [
        {"email": "eve@example.com", "organization": "Labs", "role": "member", "expires_in_days": 7}
    ],
    "feature_flags": [{"slug": "beta", "enabled": True, "targets": ["Labs", "ada@example.com"]}],
    "api_keys": [
        {"name": "The app", "value": "sk_test_seeded-for-this-very-test"},
        {"name": "CI", "value": "vsk_test_of-labs-for-this-test", "organization": "Labs"},
        {
            "name": "Script",
            "value": "vsk_test_of-ada-for-this-test",
            "organization": "Labs",
            "email": "ada@example.com",
            "permissions": ["reports:delete"],
            "expires_at": dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
        },
    ],
    "policies": [{"organization": "Labs", "mfa": "required"}],
    "webhook_endpoints": [
        {
            "url": "https://hooks.example.com/",
            "events": ["user.created"],
            "secret": "whsec_of-this-test-alone",
        }
    ],
}
ALL = Page(limit=100)


def state(identity: Identity) -> dict[str, list[Any]]:
    """Every row there is, but for what is sealed anew each time."""
    with identity.store.read() as tx:
        found = {}
        for table in portable.tables():
            columns = [each for each in table.columns if not each.name.endswith("_sealed")]
            query = table.select().with_only_columns(*columns).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in tx.connection.execute(query)]
    return found


def test_everything_is_made(identity: Identity) -> None:
    seed(identity, SEED)
    ada = verify_password(identity, "ada@example.com", PASSWORD)
    belongs = {name: member.roles for member, name in list_active_memberships(identity, ada.id)}
    assert belongs == {"Acme": ["auditor", "member"], "Labs": ["chief"]}
    labs = stable_id("org", "Labs")
    assert get_role(identity, "chief", organization_id=labs).permissions == ("reports:delete",)
    (factor,) = list_factors(identity, ada.id, ALL).data
    assert factor.verified_at is not None
    assert [group.name for group in list_groups(identity, ALL, organization_id=labs).data] == ["Founders"]
    invited = get_invitation(identity, stable_id("invitation", "eve@example.com", labs))
    assert (invited.email, invited.organization_id) == ("eve@example.com", labs)
    assert [flag.slug for flag in list_flags(identity, ALL).data] == ["beta"]
    assert [each.origin for each in list_cors_origins(identity, ALL).data] == ["http://localhost:3000"]
    assert find_policy(identity, labs).mfa == "required"
    made = get_organization(identity, labs)
    assert (made.domain_auto_join, made.entitlements) == (True, ["audit-logs"])
    states = {each.domain: each.state for each in list_domains(identity, [labs])[labs]}
    assert states == {"labs.example": "verified", "new-labs.example": "pending"}
    (endpoint,) = list_endpoints(identity, ALL).data
    assert (endpoint.endpoint_url, endpoint.secret) == (
        "https://hooks.example.com/",
        "whsec_of-this-test-alone",
    )
    key = validate_key(identity, "vsk_test_of-ada-for-this-test")
    assert key is not None
    assert (key.user_id, key.permissions) == (ada.id, ["reports:delete"])


def test_sowing_again_changes_no_row(identity: Identity, clock: Clock) -> None:
    given = copy.deepcopy(SEED)
    seed(identity, given)
    before, told = state(identity), len(events_of(identity))
    clock.advance(hours=1)
    seed(identity, given)
    assert state(identity) == before
    assert len(events_of(identity)) == told
    assert given == SEED


def test_ids_come_from_names_and_are_the_same_everywhere(identity: Identity) -> None:
    given: dict[str, Any] = {"organizations": ["Acme"], "redirect_uris": ["http://localhost/callback"]}
    seed(identity, given)
    (uri,) = list_redirect_uris(identity, ALL).data
    assert uri.id == stable_id("redir", "callback", "http://localhost/callback")
    (acme,) = list_organizations(identity, ALL).data
    assert acme.id == "org_01JGFJJZ00WNF5G4Q3EX1V5XDZ"


def test_the_seed_of_workos_own_command_is_understood(identity: Identity) -> None:
    data = {
        "permissions": [{"name": "Read Users", "slug": "read-users"}],
        "roles": [{"name": "Admin", "slug": "admin", "permissions": ["read-users"]}],
        "organizations": [{"name": "Acme Corp", "domains": ["acme.com"]}],
        "featureFlags": [
            {"slug": "beta", "name": "Beta", "type": "boolean", "default_value": True, "enabled": True}
        ],
        "config": {
            "redirect_uris": ["http://localhost:3000/callback"],
            "cors_origins": ["http://localhost:3000"],
            "homepage_url": "http://localhost:3000",
        },
    }
    seed(identity, data)
    assert get_role(identity, "admin").permissions == ("read-users",)
    assert [flag.default_value for flag in list_flags(identity, ALL).data] == [True]
    assert [each.origin for each in list_cors_origins(identity, ALL).data] == ["http://localhost:3000"]


@pytest.mark.parametrize("names", [("a", "b"), ("ab", ""), ("a", None), ("", "ab")])
def test_different_names_have_different_ids(names: tuple[str | None, ...]) -> None:
    others = {stable_id("x", *each) for each in [("a", "c"), ("abc",), ("b", "a")]}
    assert stable_id("x", *names) not in others
    assert stable_id("x", *names) == stable_id("x", *names)


def test_a_key_that_another_has_the_place_of_is_a_mistake(identity: Identity) -> None:
    """Else it would be in the file and not in the database, and its app locked out without a word."""
    organizations = [{"name": "Acme"}]
    keys = [{"organization": "Acme", "value": f"vsk_test_{number}-for-this-test"} for number in range(2)]
    with pytest.raises(SeedInvalid) as caught:
        seed(identity, {"organizations": organizations, "api_keys": keys})
    assert caught.value.place == "api_keys[1]"
    again = [keys[0] | {"name": "Another name, the same value"}]
    seed(identity, {"organizations": organizations, "api_keys": again})
    assert validate_key(identity, keys[0]["value"]) is not None

import json

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from vestibule.crypto.jwt import decode_unverified, verify
from vestibule.crypto.keys import parse_key_set
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.keys import jwks
from vestibule.server.identity.memberships import update_membership
from vestibule.server.identity.organizations import set_entitlements
from vestibule.server.identity.people import User
from vestibule.server.identity.permissions import ensure_permissions
from vestibule.server.identity.roles import create_role, set_permissions
from vestibule.server.identity.tokens import MAX_ACCESS_TOKEN, user_claims
from vestibule.server.identity.users import create_user
from vestibule.server.store.schema import sessions


def claims_of(app: App, token: str) -> dict[str, object]:
    """As the toolkit verifies them."""
    keys = parse_key_set(json.dumps(jwks(app.identity)).encode())
    now = app.identity.now.timestamp()
    return verify(token, keys, now=now, issuers=["http://localhost:8100"], audience=app.client_id)


def test_a_token_without_organization(app: App) -> None:
    user = app.create_user()
    done = app.sign_in(user)
    claims = claims_of(app, done.access_token)
    now = int(app.identity.now.timestamp())
    jti = claims.pop("jti")
    assert isinstance(jti, str)
    assert len(jti) == 26
    assert claims == {
        "iss": "http://localhost:8100",
        "sub": user.id,
        "aud": app.client_id,
        "client_id": app.client_id,
        "sid": done.session.id,
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
    }


def test_a_token_in_an_organization_says_what_its_roles_permit(app: App) -> None:
    user = app.create_user()
    ensure_permissions(app.identity, ["reports:read", "profile:write", "reports:delete"])
    set_permissions(app.identity, "member", permissions=["reports:read", "profile:write"])
    set_permissions(app.identity, "admin", permissions=["reports:read", "reports:delete"])
    membership = app.create_member(user, roles=["admin", "member"])
    claims = claims_of(app, app.sign_in(user, organization_id=membership.organization_id).access_token)
    assert claims["org_id"] == membership.organization_id
    assert claims["role"] == "admin"
    assert claims["roles"] == ["admin", "member"]
    assert claims["permissions"] == ["profile:write", "reports:delete", "reports:read"]


def test_a_token_says_what_its_organization_is_entitled_to(app: App) -> None:
    user = app.create_user()
    here, there = (app.create_member(user, name).organization_id for name in ("Here", "There"))
    first = app.sign_in(user, organization_id=here)
    assert "entitlements" not in claims_of(app, first.access_token)
    set_entitlements(app.identity, here, entitlements=["sso", "audit-logs"])
    again = app.refresh(first.refresh_token)
    assert claims_of(app, again.access_token)["entitlements"] == ["audit-logs", "sso"]
    moved = app.refresh(again.refresh_token, organization_id=there)
    assert "entitlements" not in claims_of(app, moved.access_token)


def test_an_organizations_own_role_takes_the_place_of_the_shared_one(app: App) -> None:
    user = app.create_user()
    ensure_permissions(app.identity, ["shared:read", "own:read"])
    set_permissions(app.identity, "member", permissions=["shared:read"])
    here, elsewhere = app.create_member(user, "Here"), app.create_member(user, "Elsewhere")
    create_role(
        app.identity,
        slug="member",
        name="Our member",
        permissions=["own:read"],
        organization_id=here.organization_id,
    )
    first = app.sign_in(user, organization_id=here.organization_id)
    assert claims_of(app, first.access_token)["permissions"] == ["own:read"]
    moved = app.refresh(first.refresh_token, organization_id=elsewhere.organization_id)
    assert claims_of(app, moved.access_token)["permissions"] == ["shared:read"]


def test_new_roles_are_in_the_next_token(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    first = app.sign_in(user, organization_id=membership.organization_id)
    update_membership(app.identity, membership.id, roles=["admin"])
    assert claims_of(app, app.refresh(first.refresh_token).access_token)["role"] == "admin"


def test_a_token_does_not_outlive_its_session(app: App, clock: Clock) -> None:
    first = app.sign_in(app.create_user())
    clock.advance(days=29, hours=23, minutes=57)
    claims = claims_of(app, app.refresh(first.refresh_token).access_token)
    assert claims["exp"] == int(first.session.expires_at.timestamp())


def test_an_impersonated_session_says_so(app: App) -> None:
    done = app.sign_in(app.create_user())
    with app.identity.store.transaction() as tx:
        acted = {"email": "support@example.com", "reason": "A ticket"}
        tx.connection.execute(sessions.update().values(impersonator=acted))
    token = app.refresh(done.refresh_token).access_token
    assert claims_of(app, token)["act"] == {"sub": "support@example.com"}


def test_CK_8_a_token_too_large_for_a_cookie_is_not_issued(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    first = app.sign_in(user)
    permissions = [f"resource-{number}:write" for number in range(200)]
    ensure_permissions(app.identity, permissions)
    set_permissions(app.identity, "member", permissions=permissions)
    with pytest.raises(OAuthDenied) as caught:
        app.refresh(first.refresh_token, organization_id=membership.organization_id)
    assert caught.value.code == "token_too_big"
    assert app.refresh(first.refresh_token).organization_id is None


def test_the_size_is_reckoned_without_signing(app: App) -> None:
    user = app.create_user()
    membership = app.create_member(user)
    sizes = []
    for count in range(40, 60):
        permissions = [f"resource-{number:02}:write" for number in range(count)]
        ensure_permissions(app.identity, permissions[-1:] if count > 40 else permissions)
        set_permissions(app.identity, "member", permissions=permissions)
        try:
            done = app.sign_in(user, organization_id=membership.organization_id)
        except OAuthDenied:
            break
        sizes.append(len(done.access_token))
    one_permission = sizes[-1] - sizes[-2]
    assert MAX_ACCESS_TOKEN - one_permission - 5 < sizes[-1] <= MAX_ACCESS_TOKEN


def test_an_id_token_says_who_signed_in(app: App) -> None:
    user = create_user(
        app.identity, email="ada@example.com", first_name="Ada", last_name="Lovelace", email_verified=True
    )
    done = app.sign_in(user, scope="openid profile email")
    claims = decode_unverified(done.id_token or "")
    assert claims["sub"] == user.id
    assert claims["aud"] == app.client_id
    assert claims["sid"] == done.session.id
    assert (claims["acr"], claims["amr"]) == ("urn:vestibule:1fa", ["pwd"])
    assert claims["name"] == "Ada Lovelace"
    assert claims["given_name"] == "Ada"
    assert claims["email_verified"] is True
    assert "nonce" not in claims
    assert len(str(claims["at_hash"])) == 22


def test_a_scope_grants_its_claims_only(app: App) -> None:
    user: User = app.create_user()
    assert user_claims(user, "openid") == {}
    assert set(user_claims(user, "openid email")) == {"email", "email_verified"}
    assert "email" not in user_claims(user, "profile")

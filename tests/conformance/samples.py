"""A good request for every operation: the tests of this folder begin with one and make it wrong."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.world import PASSWORD, World, email, slug
from vestibule.server.api.operation import Operation
from vestibule.server.api.routes import OPERATIONS


@dataclass(frozen=True, slots=True)
class Sample:
    """`path` holds the path parameters in their order."""

    path: tuple[str, ...] = ()
    body: dict[str, Any] | None = None
    query: dict[str, Any] = field(default_factory=dict)


def at(*path: str, **body: Any) -> Sample:
    return Sample(path, body or None)


def name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def sample_of(operation: Operation, world: World) -> Sample:
    return BY_SHAPE[shape(name(operation))](world)


def shape(operation: str) -> str:
    """Without the names of its path parameters."""
    return re.sub(r"{\w+}", "{}", operation)


def fill(operation: Operation, path: tuple[str, ...]) -> str:
    values = iter(path)
    return re.sub(r"{\w+}", lambda _: next(values), operation.path)


NOWHERE = "nothing_of_this_kind_exists"
USERS = "/user_management/users"
GROUPS = "/organizations/{organizationId}/groups"
ROLES = "/authorization/organizations/{organizationId}/roles"
MEMBERSHIPS = "/user_management/organization_memberships"
INVITATIONS = "/user_management/invitations"
APPLICATIONS = "/connect/applications"

SAMPLES: dict[str, Callable[[World], Sample]] = {
    "POST /user_management/authenticate": lambda w: at(
        **w.grant(grant_type="password", email=w.person()["email"], password=PASSWORD)
    ),
    "POST /user_management/authorize/device": lambda w: at(client_id=w.server.client_id),
    "GET /sso/jwks/{client_id}": lambda w: at(w.server.client_id),
    "POST /user_management/sessions/revoke": lambda w: at(session_id=w.session()),
    "GET /user_management/sessions/revoked": lambda w: at(),
    f"POST {USERS}": lambda w: at(email=email(), first_name="Ada", metadata={"plan": "pro"}),
    f"GET {USERS}": lambda w: at(),
    f"GET {USERS}/external_id/{{external_id}}": lambda w: at(w.user(external_id=slug())["external_id"]),
    f"GET {USERS}/{{id}}": lambda w: at(w.user()["id"]),
    f"PUT {USERS}/{{id}}": lambda w: at(w.user()["id"], first_name="Grace"),
    f"DELETE {USERS}/{{id}}": lambda w: at(w.user()["id"]),
    f"GET {USERS}/{{id}}/identities": lambda w: at(w.user()["id"]),
    f"GET {USERS}/{{id}}/sessions": lambda w: at(w.user()["id"]),
    f"POST {USERS}/{{id}}/email_verification/send": lambda w: at(w.user()["id"]),
    f"POST {USERS}/{{id}}/email_verification/confirm": lambda w: _confirmation(w),
    "GET /user_management/email_verification/{id}": lambda w: at(w.verification(w.user()["id"])[0]),
    "POST /user_management/password_reset": lambda w: at(email=w.user()["email"]),
    "GET /user_management/password_reset/{id}": lambda w: at(w.reset()["id"]),
    "POST /user_management/password_reset/confirm": lambda w: at(
        token=w.reset()["password_reset_token"], new_password="another-lantern-in-orbit"
    ),
    "POST /user_management/magic_auth": lambda w: at(email=email()),
    "GET /user_management/magic_auth/{id}": lambda w: at(
        w.post("/user_management/magic_auth", email=email())["id"]
    ),
    f"POST {INVITATIONS}": lambda w: at(email=email(), organization_id=w.organization()["id"]),
    f"GET {INVITATIONS}": lambda w: at(),
    f"GET {INVITATIONS}/by_token/{{token}}": lambda w: at(w.invitation()["token"]),
    f"GET {INVITATIONS}/{{id}}": lambda w: at(w.invitation()["id"]),
    f"POST {INVITATIONS}/{{id}}/accept": lambda w: at(w.invitation(to=w.user()["email"])["id"]),
    f"POST {INVITATIONS}/{{id}}/resend": lambda w: Sample((w.invitation()["id"],), {}),
    f"POST {INVITATIONS}/{{id}}/revoke": lambda w: at(w.invitation()["id"]),
    f"POST {USERS}/{{id}}/email_change/send": lambda w: at(w.user()["id"], new_email=email()),
    f"POST {USERS}/{{id}}/email_change/confirm": lambda w: _change(w),
    "GET /user_management/redirect_uris": lambda w: at(),
    "POST /user_management/redirect_uris": lambda w: at(uri=f"https://{slug('app')}.example.com/callback"),
    "DELETE /user_management/redirect_uris/{id}": lambda w: _second_redirect_uri(w),
    "GET /user_management/sign_out_uris": lambda w: at(),
    "POST /user_management/sign_out_uris": lambda w: at(uri=f"https://{slug('app')}.example.com/bye"),
    "DELETE /user_management/sign_out_uris/{id}": lambda w: at(w.sign_out_uri()["id"]),
    "GET /user_management/cors_origins": lambda w: at(),
    "POST /user_management/cors_origins": lambda w: at(origin=f"https://{slug('spa')}.example.com"),
    "DELETE /user_management/cors_origins/{id}": lambda w: at(w.cors_origin()["id"]),
    "GET /user_management/jwt_template": lambda w: _template(w),
    "PUT /user_management/jwt_template": lambda w: at(content="{}"),
    "DELETE /user_management/jwt_template": lambda w: _template(w),
    "GET /environments/current": lambda w: at(),
    "PUT /environments/current": lambda w: at(name="Tests"),
    "PUT /user_management/app_homepage_url": lambda w: at(url="https://app.example.com"),
    "POST /organizations": lambda w: at(name="Acme", metadata={"tier": "gold"}),
    "GET /organizations": lambda w: at(),
    "GET /organizations/external_id/{external_id}": lambda w: at(
        w.organization(external_id=slug())["external_id"]
    ),
    "GET /organizations/{id}": lambda w: at(w.organization()["id"]),
    "PUT /organizations/{id}": lambda w: at(w.organization()["id"], name="Acme Ltd"),
    "DELETE /organizations/{id}": lambda w: at(w.organization()["id"]),
    f"POST {MEMBERSHIPS}": lambda w: at(
        user_id=w.user()["id"], organization_id=w.organization()["id"], role_slug="member"
    ),
    f"GET {MEMBERSHIPS}": lambda w: Sample(query={"user_id": w.membership()["user_id"]}),
    f"GET {MEMBERSHIPS}/{{id}}": lambda w: at(w.membership()["id"]),
    f"PUT {MEMBERSHIPS}/{{id}}": lambda w: at(w.membership()["id"], role_slug="admin"),
    f"PUT {MEMBERSHIPS}/{{id}}/deactivate": lambda w: at(w.membership()["id"]),
    f"PUT {MEMBERSHIPS}/{{id}}/reactivate": lambda w: _inactive(w),
    f"DELETE {MEMBERSHIPS}/{{id}}": lambda w: at(w.membership()["id"]),
    "GET /events": lambda w: Sample(query={"organization_id": w.membership()["organization_id"]}),
    "GET /organizations/{organization_id}/api_keys": lambda w: at(w.organization()["id"]),
    "POST /organizations/{organization_id}/api_keys": lambda w: at(w.organization()["id"], name="Importer"),
    "GET /user_management/users/{user_id}/api_keys": lambda w: at(w.user()["id"]),
    "POST /user_management/users/{user_id}/api_keys": lambda w: _key_of_a_member(w),
    "POST /api_keys/validations": lambda w: at(value=w.key()["value"]),
    "POST /api_keys/{id}/expire": lambda w: Sample((w.key()["id"],), {}),
    "DELETE /api_keys/{id}": lambda w: at(w.key()["id"]),
    f"GET {APPLICATIONS}": lambda w: at(),
    f"POST {APPLICATIONS}": lambda w: at(
        name="Reports",
        application_type="oauth",
        is_first_party=False,
        organization_id=w.organization()["id"],
        redirect_uris=[{"uri": "https://reports.example.com/callback", "default": True}],
    ),
    f"GET {APPLICATIONS}/{{id}}": lambda w: at(w.application()["id"]),
    f"PUT {APPLICATIONS}/{{id}}": lambda w: at(w.application()["client_id"], description="Charts"),
    f"DELETE {APPLICATIONS}/{{id}}": lambda w: at(w.application()["id"]),
    f"GET {APPLICATIONS}/{{id}}/client_secrets": lambda w: at(w.client_secret()[0]),
    f"POST {APPLICATIONS}/{{id}}/client_secrets": lambda w: at(w.application()["id"]),
    "DELETE /connect/client_secrets/{id}": lambda w: at(w.client_secret()[1]),
    f"GET {USERS}/{{user_id}}/authorized_applications": lambda w: at(w.user()["id"]),
    f"DELETE {USERS}/{{user_id}}/authorized_applications/{{application_id}}": lambda w: at(*w.consent()),
    "GET /organizations/{organization_id}/authorized_applications": lambda w: at(w.organization()["id"]),
    f"POST {USERS}/{{id}}/impersonate": lambda w: at(
        w.user()["id"], impersonator_email="support@example.com", reason="Ticket 4711"
    ),
    f"GET {USERS}/{{id}}/impersonations": lambda w: at(w.user()["id"]),
    f"POST {USERS}/{{id}}/auth_factors": lambda w: at(w.user()["id"], type="totp"),
    f"GET {USERS}/{{id}}/auth_factors": lambda w: at(w.user()["id"]),
    "POST /auth/factors/enroll": lambda w: at(type="totp", totp_issuer="Acme", totp_user="ada"),
    "GET /auth/factors/{id}": lambda w: at(w.factor()["id"]),
    "DELETE /auth/factors/{id}": lambda w: at(w.factor()["id"]),
    "POST /auth/factors/{id}/challenge": lambda w: Sample((w.factor()["id"],), {}),
    "POST /auth/challenges/{id}/verify": lambda w: _proof(w),
    f"GET {USERS}/{{id}}/recovery_codes": lambda w: at(w.user()["id"]),
    f"POST {USERS}/{{id}}/recovery_codes": lambda w: at(w.careful_person()),
    "GET /environments/current/authentication_policy": lambda w: at(),
    "PUT /environments/current/authentication_policy": lambda w: at(mfa="optional"),
    "GET /organizations/{id}/authentication_policy": lambda w: at(w.organization()["id"]),
    "PUT /organizations/{id}/authentication_policy": lambda w: at(w.organization()["id"], mfa="optional"),
    "GET /authorization/permissions": lambda w: at(),
    "POST /authorization/permissions": lambda w: at(slug=slug("perm"), name="Read"),
    "GET /authorization/permissions/{slug}": lambda w: at(w.permission()),
    "PATCH /authorization/permissions/{slug}": lambda w: at(w.permission(), name="Read all"),
    "DELETE /authorization/permissions/{slug}": lambda w: at(w.permission()),
    "GET /authorization/roles": lambda w: at(),
    "POST /authorization/roles": lambda w: at(slug=slug("role"), name="Auditor"),
    "GET /authorization/roles/{slug}": lambda w: at(w.role()),
    "PATCH /authorization/roles/{slug}": lambda w: at(w.role(), name="Head auditor"),
    "POST /authorization/roles/{slug}/permissions": lambda w: at(w.role(), slug=w.permission()),
    "PUT /authorization/roles/{slug}/permissions": lambda w: at(w.role(), permissions=[w.permission()]),
    f"GET {ROLES}": lambda w: at(w.organization()["id"]),
    f"POST {ROLES}": lambda w: at(w.organization()["id"], slug=slug("org-role"), name="Editor"),
    f"GET {ROLES}/{{slug}}": lambda w: at(*w.role_of_organization()),
    f"PATCH {ROLES}/{{slug}}": lambda w: at(*w.role_of_organization(), name="Head editor"),
    f"DELETE {ROLES}/{{slug}}": lambda w: at(*w.role_of_organization()),
    f"POST {ROLES}/{{slug}}/permissions": lambda w: at(*w.role_of_organization(), slug=w.permission()),
    f"PUT {ROLES}/{{slug}}/permissions": lambda w: at(
        *w.role_of_organization(), permissions=[w.permission()]
    ),
    f"DELETE {ROLES}/{{slug}}/permissions/{{permissionSlug}}": lambda w: at(*w.granted_permission()),
    f"GET {GROUPS}": lambda w: at(w.organization()["id"]),
    f"POST {GROUPS}": lambda w: at(w.organization()["id"], name="Builders"),
    f"GET {GROUPS}/{{groupId}}": lambda w: at(*w.group()),
    f"PATCH {GROUPS}/{{groupId}}": lambda w: at(*w.group(), name="Makers"),
    f"DELETE {GROUPS}/{{groupId}}": lambda w: at(*w.group()),
    f"GET {GROUPS}/{{groupId}}/organization-memberships": lambda w: at(*w.group()),
    f"POST {GROUPS}/{{groupId}}/organization-memberships": lambda w: _addition(w),
    f"DELETE {GROUPS}/{{groupId}}/organization-memberships/{{omId}}": lambda w: at(*w.group_member()),
    f"GET {MEMBERSHIPS}/{{omId}}/groups": lambda w: at(w.membership()["id"]),
    "POST /organization_domains": lambda w: at(
        domain=f"{slug('acme')}.example.com", organization_id=w.organization()["id"]
    ),
    "GET /organization_domains/{id}": lambda w: at(w.domain()["id"]),
    "DELETE /organization_domains/{id}": lambda w: at(w.domain()["id"]),
    "POST /organization_domains/{id}/verify": lambda w: at(w.domain()["id"]),
    "GET /organizations/{id}/entitlements": lambda w: at(w.organization()["id"]),
    "PUT /organizations/{id}/entitlements": lambda w: at(w.organization()["id"], entitlements=["sso"]),
    "GET /organizations/{id}/domain_policy": lambda w: at(w.organization()["id"]),
    "PUT /organizations/{id}/domain_policy": lambda w: at(w.organization()["id"], auto_join=True),
    "GET /organizations/{id}/audit_log_configuration": lambda w: at(w.organization()["id"]),
    "GET /feature-flags": lambda w: at(),
    "POST /feature-flags": lambda w: at(slug=slug("beta"), name="Beta"),
    "GET /feature-flags/{slug}": lambda w: at(w.flag()),
    "PATCH /feature-flags/{slug}": lambda w: at(w.flag(), name="Gamma"),
    "DELETE /feature-flags/{slug}": lambda w: at(w.flag()),
    "PUT /feature-flags/{slug}/enable": lambda w: at(w.flag()),
    "PUT /feature-flags/{slug}/disable": lambda w: at(w.flag()),
    "POST /feature-flags/{slug}/targets/{resourceId}": lambda w: at(w.flag(), w.user()["id"]),
    "DELETE /feature-flags/{slug}/targets/{resourceId}": lambda w: at(*w.flag_target()),
    "GET /organizations/{organizationId}/feature-flags": lambda w: at(w.organization()["id"]),
    f"GET {USERS}/{{userId}}/feature-flags": lambda w: at(w.user()["id"]),
    "GET /sdk/feature-flags": lambda w: at(),
    "GET /connections": lambda w: at(),
    "GET /directories": lambda w: at(),
    "GET /directory_groups": lambda w: at(),
    "GET /directory_users": lambda w: at(),
    **{
        f"{method} /{kind}/{{id}}": lambda w: at(NOWHERE)
        for method, kind in (
            ("GET", "connections"),
            ("DELETE", "connections"),
            ("GET", "directories"),
            ("DELETE", "directories"),
            ("GET", "directory_groups"),
            ("GET", "directory_users"),
        )
    },
    f"GET {USERS}/{{id}}/passkeys": lambda w: at(w.user()["id"]),
    f"DELETE {USERS}/{{id}}/passkeys/{{passkey_id}}": lambda w: at(w.user()["id"], NOWHERE),
    "GET /webhook_endpoints": lambda w: at(),
    "POST /webhook_endpoints": lambda w: at(
        endpoint_url=f"https://{slug('hooks')}.example.com/vestibule", events=["organization.deleted"]
    ),
    "PATCH /webhook_endpoints/{id}": lambda w: at(w.webhook()["id"], status="disabled"),
    "DELETE /webhook_endpoints/{id}": lambda w: at(w.webhook()["id"]),
    "GET /webhook_endpoints/{id}/deliveries": lambda w: at(w.webhook()["id"]),
    "POST /webhook_endpoints/{id}/deliveries/{delivery_id}/replay": lambda w: at(*w.delivery()),
    "POST /webhook_endpoints/{id}/replay": lambda w: at(w.webhook()["id"], status="dead"),
}


def _confirmation(world: World) -> Sample:
    user = world.user()["id"]
    return at(user, code=world.verification(user)[1])


def _change(world: World) -> Sample:
    user, code = world.email_change()
    return at(user, code=code)


def _second_redirect_uri(world: World) -> Sample:
    world.redirect_uri()  # the first is the default, and stays
    return at(world.redirect_uri()["id"])


def _template(world: World) -> Sample:
    """One that says nothing, so that the tokens of other tests stay as they are."""
    world.api.put("/user_management/jwt_template", json={"content": "{}"}).raise_for_status()
    return at()


def _inactive(world: World) -> Sample:
    member = world.membership()["id"]
    world.api.put(f"{MEMBERSHIPS}/{member}/deactivate").raise_for_status()
    return at(member)


def _key_of_a_member(world: World) -> Sample:
    member = world.membership()
    return at(member["user_id"], name="Mine", organization_id=member["organization_id"])


def _proof(world: World) -> Sample:
    challenge, code = world.challenge()
    return at(challenge, code=code)


def _addition(world: World) -> Sample:
    home, group = world.group()
    return at(home, group, organization_membership_id=world.membership(home)["id"])


BY_SHAPE = {shape(name): make for name, make in SAMPLES.items()}
SAMPLED = [operation for operation in OPERATIONS if shape(name(operation)) in BY_SHAPE]

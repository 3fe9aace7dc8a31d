"""The same work through either SDK, so that one day can be lived through both."""

from dataclasses import dataclass
from typing import Any, Protocol

from workos import WorkOSClient
from workos._errors import BadRequestError, MfaChallengeError, MfaEnrollmentError
from workos.organization_membership._resource import RoleSingle

from tests.sdk.node import Node, NodeError
from tests.server.hosted import Pkce


@dataclass(frozen=True, slots=True)
class Tokens:
    user_id: str
    organization_id: str | None
    access: str
    refresh: str


class Step(Exception):
    """A sign-in that asks for something more."""

    def __init__(self, code: str, pending: str) -> None:
        super().__init__(code)
        self.code = code
        self.pending = pending


class Refused(Exception):
    """With its code."""


class Office(Protocol):
    """Whoever runs the app, at an SDK."""

    def create_organization(self, name: str) -> str: ...
    def create_role(self, organization: str, slug: str, permission: str) -> None: ...
    def invite(self, email: str, organization: str, role: str) -> str: ...
    def authorization_url(self, redirect_uri: str, **more: str) -> tuple[str, str]: ...
    def exchange(self, code: str, verifier: str) -> Tokens: ...
    def sign_in(self, email: str, password: str) -> Tokens: ...
    def enroll(self, user: str) -> tuple[str, str, str]: ...
    def challenge(self, factor: str) -> str: ...
    def prove(self, step: Step, challenge: str, code: str) -> Tokens: ...
    def membership_of(self, user: str, organization: str) -> str: ...
    def join(self, user: str, organization: str) -> None: ...
    def set_role(self, membership: str, role: str) -> None: ...
    def refresh(self, token: str, organization: str | None = None) -> Tokens: ...
    def revoke(self, session: str) -> None: ...
    def events(self, organization: str) -> list[str]: ...


class PythonOffice:
    def __init__(self, sdk: WorkOSClient) -> None:
        self.sdk = sdk

    def create_organization(self, name: str) -> str:
        return self.sdk.organizations.create_organization(name=name).id

    def create_role(self, organization: str, slug: str, permission: str) -> None:
        roles = self.sdk.authorization
        roles.create_permission(slug=permission, name=permission)
        roles.create_organization_role(organization, slug=slug, name="Editor")
        roles.set_organization_role_permissions(organization, slug, permissions=[permission])

    def invite(self, email: str, organization: str, role: str) -> str:
        invited = self.sdk.user_management.send_invitation(
            email=email, organization_id=organization, role_slug=role
        )
        return invited.id

    def authorization_url(self, redirect_uri: str, **more: str) -> tuple[str, str]:
        pkce = Pkce()
        url = self.sdk.user_management.get_authorization_url(
            redirect_uri=redirect_uri,
            provider="authkit",
            code_challenge=pkce.challenge,
            code_challenge_method="S256",
            **more,  # type: ignore[arg-type]
        )
        return url, pkce.verifier

    def exchange(self, code: str, verifier: str) -> Tokens:
        return self._tokens(
            self.sdk.user_management.authenticate_with_code(code=code, code_verifier=verifier)
        )

    def sign_in(self, email: str, password: str) -> Tokens:
        try:
            done = self.sdk.user_management.authenticate_with_password(email=email, password=password)
        except (MfaEnrollmentError, MfaChallengeError) as step:
            raise Step(str(step.code), str(step.pending_authentication_token)) from None
        return self._tokens(done)

    def enroll(self, user: str) -> tuple[str, str, str]:
        made = self.sdk.multi_factor_auth.create_user_auth_factor(user, type="totp")
        factor = made.authentication_factor
        return factor.id, factor.totp.secret, made.authentication_challenge.id

    def challenge(self, factor: str) -> str:
        return self.sdk.multi_factor_auth.challenge_factor(factor).id

    def prove(self, step: Step, challenge: str, code: str) -> Tokens:
        done = self.sdk.user_management.authenticate_with_totp(
            code=code, pending_authentication_token=step.pending, authentication_challenge_id=challenge
        )
        return self._tokens(done)

    def membership_of(self, user: str, organization: str) -> str:
        found = self.sdk.organization_membership.list_organization_memberships(
            user_id=user, organization_id=organization
        )
        return found.data[0].id

    def join(self, user: str, organization: str) -> None:
        self.sdk.organization_membership.create_organization_membership(
            user_id=user, organization_id=organization
        )

    def set_role(self, membership: str, role: str) -> None:
        self.sdk.organization_membership.update_organization_membership(membership, role=RoleSingle(role))

    def refresh(self, token: str, organization: str | None = None) -> Tokens:
        try:
            done = self.sdk.user_management.authenticate_with_refresh_token(
                refresh_token=token, organization_id=organization
            )
        except BadRequestError as error:
            raise Refused(error.error) from None
        return self._tokens(done)

    def revoke(self, session: str) -> None:
        self.sdk.user_management.revoke_session(session_id=session)

    def events(self, organization: str) -> list[str]:
        names = ["invitation.accepted", "organization_membership.updated"]
        page = self.sdk.events.list_events(events=names, organization_id=organization, order="asc")
        return [str(each.event) for each in page.data]

    def _tokens(self, done: Any) -> Tokens:
        return Tokens(done.user.id, done.organization_id, done.access_token, done.refresh_token)


class NodeOffice:
    def __init__(self, node: Node) -> None:
        self.node = node

    def create_organization(self, name: str) -> str:
        return str(self.node("organizations.createOrganization", {"name": name})["id"])

    def create_role(self, organization: str, slug: str, permission: str) -> None:
        self.node("authorization.createPermission", {"slug": permission, "name": permission})
        self.node("authorization.createOrganizationRole", organization, {"slug": slug, "name": "Editor"})
        chosen = {"permissions": [permission]}
        self.node("authorization.setOrganizationRolePermissions", organization, slug, chosen)

    def invite(self, email: str, organization: str, role: str) -> str:
        given = {"email": email, "organizationId": organization, "roleSlug": role}
        return str(self.node("userManagement.sendInvitation", given)["id"])

    def authorization_url(self, redirect_uri: str, **more: str) -> tuple[str, str]:
        asked = {"redirectUri": redirect_uri, "provider": "authkit"}
        asked |= {"invitationToken": more["invitation_token"]} if more else {}
        begun = self.node("userManagement.getAuthorizationUrlWithPKCE", asked)
        return begun["url"], begun["codeVerifier"]

    def exchange(self, code: str, verifier: str) -> Tokens:
        proof = {"code": code, "codeVerifier": verifier}
        return self._tokens(self.node("userManagement.authenticateWithCode", proof))

    def sign_in(self, email: str, password: str) -> Tokens:
        grant = {"email": email, "password": password}
        try:
            return self._tokens(self.node("userManagement.authenticateWithPassword", grant))
        except NodeError as step:
            raise Step(str(step.code), step.data["pending_authentication_token"]) from None

    def enroll(self, user: str) -> tuple[str, str, str]:
        made = self.node("multiFactorAuth.createUserAuthFactor", {"userId": user, "type": "totp"})
        factor = made["authenticationFactor"]
        return factor["id"], factor["totp"]["secret"], made["authenticationChallenge"]["id"]

    def challenge(self, factor: str) -> str:
        asked = {"authenticationFactorId": factor}
        return str(self.node("multiFactorAuth.challengeFactor", asked)["id"])

    def prove(self, step: Step, challenge: str, code: str) -> Tokens:
        grant = {
            "code": code,
            "pendingAuthenticationToken": step.pending,
            "authenticationChallengeId": challenge,
        }
        return self._tokens(self.node("userManagement.authenticateWithTotp", grant))

    def membership_of(self, user: str, organization: str) -> str:
        asked = {"userId": user, "organizationId": organization}
        return str(self.node("userManagement.listOrganizationMemberships", asked)["data"][0]["id"])

    def join(self, user: str, organization: str) -> None:
        given = {"userId": user, "organizationId": organization}
        self.node("userManagement.createOrganizationMembership", given)

    def set_role(self, membership: str, role: str) -> None:
        self.node("userManagement.updateOrganizationMembership", membership, {"roleSlug": role})

    def refresh(self, token: str, organization: str | None = None) -> Tokens:
        grant = {"refreshToken": token, **({"organizationId": organization} if organization else {})}
        try:
            return self._tokens(self.node("userManagement.authenticateWithRefreshToken", grant))
        except NodeError as error:
            raise Refused(error.code) from None

    def revoke(self, session: str) -> None:
        self.node("userManagement.revokeSession", {"sessionId": session})

    def events(self, organization: str) -> list[str]:
        names = ["invitation.accepted", "organization_membership.updated"]
        asked = {"events": names, "organizationId": organization, "order": "asc"}
        return [each["event"] for each in self.node("events.listEvents", asked)["data"]]

    def _tokens(self, done: dict[str, Any]) -> Tokens:
        user, organization = done["user"]["id"], done.get("organizationId")
        return Tokens(user, organization, done["accessToken"], done["refreshToken"])

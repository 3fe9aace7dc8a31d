"""Things of every kind, made through the API itself."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2

from tests.sdk.totp import totp
from tests.server.people import code_in, mails_to
from tests.servers import Running
from vestibule.server.identity.applications import get_application
from vestibule.server.identity.consents import grant_consent

PASSWORD = "correct-horse-9-battery"
numbers = count(1)


def email() -> str:
    return f"someone{next(numbers)}@example.com"


def slug(kind: str = "thing") -> str:
    return f"{kind}-{next(numbers)}"


@dataclass(frozen=True, slots=True)
class World:
    server: Running
    api: httpx2.Client

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.api.post(path, json=body)
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    def user(self, **more: Any) -> dict[str, Any]:
        return self.post("/user_management/users", email=email(), **more)

    def person(self) -> dict[str, Any]:
        """Who can sign in."""
        return self.user(password=PASSWORD, email_verified=True)

    def organization(self, **more: Any) -> dict[str, Any]:
        return self.post("/organizations", name=f"Acme {next(numbers)}", **more)

    def membership(self, organization_id: str | None = None, **more: Any) -> dict[str, Any]:
        home = organization_id or self.organization()["id"]
        path = "/user_management/organization_memberships"
        return self.post(path, user_id=self.user()["id"], organization_id=home, **more)

    def invitation(self, *, to: str | None = None) -> dict[str, Any]:
        home = self.organization()["id"]
        return self.post("/user_management/invitations", email=to or email(), organization_id=home)

    def grant(self, **members: str) -> dict[str, Any]:
        """The body of a token request."""
        return {"client_id": self.server.client_id, "client_secret": self.server.api_key, **members}

    def tokens(self, user: dict[str, Any]) -> dict[str, Any]:
        grant = self.grant(grant_type="password", email=user["email"], password=PASSWORD)
        return self.post("/user_management/authenticate", **grant)

    def session(self) -> str:
        user = self.person()
        self.tokens(user)
        listed = self.api.get(f"/user_management/users/{user['id']}/sessions").json()["data"]
        return str(listed[0]["id"])

    def verification(self, user_id: str) -> tuple[str, str]:
        """Its id and its code."""
        self.post(f"/user_management/users/{user_id}/email_verification/send")
        asked = {"events": "email_verification.created", "limit": 5, "order": "desc"}
        events = self.api.get("/events", params=asked).json()["data"]
        found = next(each["data"]["id"] for each in events if each["data"]["user_id"] == user_id)
        read = self.api.get(f"/user_management/email_verification/{found}").json()
        return str(found), str(read["code"])

    def reset(self) -> dict[str, Any]:
        return self.post("/user_management/password_reset", email=self.user()["email"])

    def email_change(self) -> tuple[str, str]:
        """A user and the code that was mailed to the new address."""
        user, new = self.user(), email()
        self.post(f"/user_management/users/{user['id']}/email_change/send", new_email=new)
        return str(user["id"]), code_in(mails_to(self.server.identity, new)[0])

    def redirect_uri(self) -> dict[str, Any]:
        uri = f"https://{slug('app')}.example.com/callback"
        return self.post("/user_management/redirect_uris", uri=uri)

    def sign_out_uri(self) -> dict[str, Any]:
        uri = f"https://{slug('app')}.example.com/bye"
        return self.post("/user_management/sign_out_uris", uri=uri)

    def cors_origin(self) -> dict[str, Any]:
        return self.post("/user_management/cors_origins", origin=f"https://{slug('spa')}.example.com")

    def factor(self, user_id: str | None = None) -> dict[str, Any]:
        more = {} if user_id is None else {"user_id": user_id}
        return self.post("/auth/factors/enroll", type="totp", totp_issuer="Acme", totp_user="ada", **more)

    def challenge(self) -> tuple[str, str]:
        """Its id and the code that answers it."""
        factor = self.factor()
        made = self.post(f"/auth/factors/{factor['id']}/challenge")
        return str(made["id"]), totp(factor["totp"]["secret"])

    def careful_person(self) -> str:
        """Whose second factor is confirmed."""
        user = str(self.user()["id"])
        made = self.post(f"/user_management/users/{user}/auth_factors", type="totp")
        code = totp(made["authentication_factor"]["totp"]["secret"])
        challenge = made["authentication_challenge"]["id"]
        assert self.post(f"/auth/challenges/{challenge}/verify", code=code)["valid"]
        return user

    def permission(self) -> str:
        return str(self.post("/authorization/permissions", slug=slug("perm"), name="P")["slug"])

    def role(self) -> str:
        return str(self.post("/authorization/roles", slug=slug("role"), name="R")["slug"])

    def role_of_organization(self) -> tuple[str, str]:
        home = str(self.organization()["id"])
        path = f"/authorization/organizations/{home}/roles"
        return home, str(self.post(path, slug=slug("org-role"), name="R")["slug"])

    def granted_permission(self) -> tuple[str, str, str]:
        """Of a role of an organization."""
        home, role = self.role_of_organization()
        permission = self.permission()
        self.post(f"/authorization/organizations/{home}/roles/{role}/permissions", slug=permission)
        return home, role, permission

    def key(self) -> dict[str, Any]:
        return self.post(f"/organizations/{self.organization()['id']}/api_keys", name="Importer")

    def group(self) -> tuple[str, str]:
        home = str(self.organization()["id"])
        return home, str(self.post(f"/organizations/{home}/groups", name="Builders")["id"])

    def group_member(self) -> tuple[str, str, str]:
        home, group = self.group()
        member = str(self.membership(home)["id"])
        path = f"/organizations/{home}/groups/{group}/organization-memberships"
        self.post(path, organization_membership_id=member)
        return home, group, member

    def flag(self) -> str:
        return str(self.post("/feature-flags", slug=slug("beta"), name="Beta", enabled=True)["slug"])

    def flag_target(self) -> tuple[str, str]:
        flag, user = self.flag(), str(self.user()["id"])
        self.api.post(f"/feature-flags/{flag}/targets/{user}").raise_for_status()
        return flag, user

    def domain(self) -> dict[str, Any]:
        given = {"domain": f"{slug('acme')}.example.com", "organization_id": self.organization()["id"]}
        return self.post("/organization_domains", **given)

    def webhook(self) -> dict[str, Any]:
        """Told of something that happens seldom."""
        url = f"https://{slug('hooks')}.example.com/vestibule"
        return self.post("/webhook_endpoints", endpoint_url=url, events=["organization.deleted"])

    def happen_for(self, endpoint: str) -> None:
        """One event more, put on its way at once."""
        self.api.delete(f"/organizations/{self.organization()['id']}").raise_for_status()
        span = {"range_start": "2026-01-01T00:00:00Z", "range_end": "2100-01-01T00:00:00Z"}
        self.post(f"/webhook_endpoints/{endpoint}/replay", **span)

    def delivery(self) -> tuple[str, str]:
        endpoint = str(self.webhook()["id"])
        self.happen_for(endpoint)
        listed = self.api.get(f"/webhook_endpoints/{endpoint}/deliveries").json()["data"]
        return endpoint, str(listed[0]["id"])

    def application(self, organization_id: str | None = None) -> dict[str, Any]:
        """Of somebody else, for people to allow."""
        given = {"name": "Reports", "application_type": "oauth", "is_first_party": False}
        home = organization_id or self.organization()["id"]
        return self.post("/connect/applications", **given, organization_id=home)

    def client_secret(self) -> tuple[str, str]:
        """The id of the application, and that of its secret."""
        made = self.application()["id"]
        return made, str(self.post(f"/connect/applications/{made}/client_secrets")["id"])

    def consent(self, user_id: str | None = None) -> tuple[str, str]:
        """Given on a page, which is the only way: whose it is, and the application."""
        user, identity = user_id or self.user()["id"], self.server.identity
        allowed = get_application(identity, self.application()["id"])
        grant_consent(identity, user, allowed, allowed.scopes)
        return user, allowed.id

"""An app of the environment, and somebody who signs in to it without pages."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from vestibule.crypto.pkce import Pkce, create_pair
from vestibule.crypto.signing import create_signing_key, dump_signing_key, key_id, public_jwk
from vestibule.server.identity import grants
from vestibule.server.identity.api_keys import create_api_key
from vestibule.server.identity.authorize import check_authorization
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.logins import begin_login, finish_login, update_login
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.models import Membership
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.people import User
from vestibule.server.identity.redirect_uris import ensure_redirect_uri
from vestibule.server.identity.secrets import seal_at_rest
from vestibule.server.identity.users import create_user

CALLBACK = "https://app.example.com/callback"
BROWSER = "the-binding-cookie-of-a-browser"
PASSWORD = "orbit-lantern-cascade"


@dataclass(frozen=True, slots=True)
class App:
    identity: Identity
    client_id: str
    secret: str

    def create_user(self, email: str = "ada@example.com", *, password: str | None = None) -> User:
        return create_user(self.identity, email=email, password=password, email_verified=True)

    def create_member(
        self, user: User, name: str = "Acme", *, status: str = "active", roles: list[str] | None = None
    ) -> Membership:
        """Of a new organization."""
        organization = create_organization(self.identity, name=name)
        return create_membership(
            self.identity, user_id=user.id, organization_id=organization.id, status=status, roles=roles
        )

    def ask(self, pair: Pkce | None = None, **more: str) -> dict[str, str]:
        """The parameters of an authorize request."""
        params = {"client_id": self.client_id, "redirect_uri": CALLBACK, "response_type": "code", **more}
        if pair is not None:
            params |= {"code_challenge": pair.challenge, "code_challenge_method": "S256"}
        return params

    def code(
        self, user: User, pair: Pkce | None = None, *, organization_id: str | None = None, **more: str
    ) -> str:
        """What a sign-in on the hosted pages brings back to the app."""
        request = check_authorization(self.identity, self.ask(pair, **more))
        login = begin_login(self.identity, request, BROWSER)
        login = update_login(self.identity, login, user_id=user.id, authentication_method="Password")
        finished = finish_login(self.identity, login, organization_id=organization_id)
        assert finished.redirect_to is not None
        return parse_qs(urlsplit(finished.redirect_to).query)["code"][0]

    def exchange(self, code: str, **proof: Any) -> Authentication:
        return grants.exchange_code(self.identity, code=code, client_id=self.client_id, **proof)

    def sign_in(
        self, user: User, *, organization_id: str | None = None, scope: str | None = None
    ) -> Authentication:
        pair = create_pair()
        more = {} if scope is None else {"scope": scope}
        code = self.code(user, pair, organization_id=organization_id, **more)
        return self.exchange(code, code_verifier=pair.verifier)

    def refresh(self, token: str, *, organization_id: str | None = None) -> Authentication:
        return grants.refresh(
            self.identity, refresh_token=token, client_id=self.client_id, organization_id=organization_id
        )


def create_app(identity: Identity) -> App:
    environment = ensure_environment(identity)
    _put_signing_key(identity)
    ensure_redirect_uri(identity, CALLBACK)
    _, secret = create_api_key(identity, "The app's server")
    return App(identity, environment.client_id, secret)


def _put_signing_key(identity: Identity) -> None:
    key, now = _key(), identity.now
    with identity.store.transaction() as tx:
        tx.signing_keys.create(
            kid=key_id(key),
            private_sealed=seal_at_rest(dump_signing_key(key), identity.settings.secret),
            public_jwk=public_jwk(key),
            signs_from=now,
            created_at=now,
        )


@cache
def _key() -> RSAPrivateKey:
    """One for all tests that are not about keys: making one takes a tenth of a second."""
    return create_signing_key()

"""What apps ask a provider behind the browser's back: tokens, who somebody is, keys, revocation."""

import json
import secrets
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote_plus

from vestibule.crypto.signing import public_jwk
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.testing.oauth.accounts import Account, claims_of, create_account, github_emails, github_user
from vestibule.testing.oauth.asking import ProviderRefusal
from vestibule.testing.oauth.dialects import Endpoint
from vestibule.testing.oauth.id_tokens import STRANGER, id_token
from vestibule.testing.oauth.ledger import ONE_HOUR, Grant

if TYPE_CHECKING:
    from vestibule.testing.oauth.provider import TestProvider

SOMEBODY_ELSE = create_account(email="eve@example.net", name="Eve")


class Endpoints:
    """One request's answer."""

    def __init__(self, provider: "TestProvider") -> None:
        self._provider = provider
        self._ledger = provider.ledger
        self._dialect = provider.dialect
        self._now = provider.clock()

    def answer(self, endpoint: Endpoint | None, request: HttpRequest) -> HttpResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            if endpoint == "discovery":
                return self._discovery()
            if endpoint == "keys":
                return _json({"keys": [public_jwk(self._provider.key)]})
            if endpoint in ("tokens", "revoke"):
                form = dict(parse_qsl(request.body.decode()))
                self._check_client(form, headers.get("authorization", ""))
                return self._revoke(form) if endpoint == "revoke" else self._tokens(form, headers)
            if endpoint in ("user", "emails"):
                return self._about(endpoint, headers)
        except ProviderRefusal as refusal:
            status, body = self._dialect.refusal(refusal.error, refusal.description, refusal.status)
            return _json(body, status)
        return _json({"error": "not_found", "error_description": "There is nothing here."}, 404)

    def _discovery(self) -> HttpResponse:
        document = self._dialect.discovery(self._provider.url)
        if self._provider.has("wrong_discovery"):
            document["issuer"] = STRANGER
        return _json(document)

    def _check_client(self, form: Mapping[str, str], authorization: str) -> None:
        """By the form or by Basic, never by both (RFC 6749 §2.3)."""
        given = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, credentials = authorization.partition(" ")
        if scheme.lower() == "basic":
            if "client_secret" in form:
                raise ProviderRefusal("invalid_request", "The secret came twice, in the form and by Basic.")
            name, _, secret = b64decode(credentials).decode().partition(":")
            given = unquote_plus(name), unquote_plus(secret)
        if given[0] != self._provider.client_id:
            raise ProviderRefusal("invalid_client", f"There is no app {given[0]!r} here.", status=401)
        if not secrets.compare_digest(given[1].encode(), self._provider.client_secret.encode()):
            raise ProviderRefusal("invalid_client", "That is not the secret of this app.", status=401)

    def _tokens(self, form: Mapping[str, str], headers: Mapping[str, str]) -> HttpResponse:
        # GitHub knows one kind of grant, and does not look at the word.
        kind = form.get("grant_type", "authorization_code" if not self._dialect.is_oidc else "")
        if kind == "authorization_code":
            body = self._exchange(form)
        elif kind == "refresh_token" and self._dialect.is_oidc:
            body = self._refresh(form)
        else:
            raise ProviderRefusal("unsupported_grant_type", f"grant_type {kind!r} is not known here.")
        encoded = self._dialect.encode(body, headers.get("accept", ""))
        if encoded is not None:
            return HttpResponse(200, encoded[1], {"content-type": encoded[0], "cache-control": "no-store"})
        return _json(body)

    def _exchange(self, form: Mapping[str, str]) -> dict[str, object]:
        grant = self._ledger.redeem(
            form.get("code", ""),
            verifier=None if self._provider.has("ignored_pkce") else form.get("code_verifier", ""),
            redirect_uri=form.get("redirect_uri", ""),
            now=self._now,
        )
        fresh = self._ledger.issue_refresh_token(grant) if grant.asked.offline else None
        return self._answer(grant, fresh)

    def _refresh(self, form: Mapping[str, str]) -> dict[str, object]:
        if self._provider.has("refresh_refused"):
            raise ProviderRefusal("invalid_grant", "The test refused it.")
        rotates = self._dialect.rotates
        scopes = tuple(form.get("scope", "").split())
        grant = self._ledger.refresh(form.get("refresh_token", ""), rotates=rotates, scopes=scopes)
        return self._answer(grant, self._ledger.issue_refresh_token(grant) if rotates else None)

    def _answer(self, grant: Grant, refresh_token: str | None) -> dict[str, object]:
        provider = self._provider
        access_token = self._ledger.issue_access_token(grant, now=self._now)
        if not self._dialect.is_oidc:
            scope = ",".join(grant.scopes)
            return {"access_token": access_token, "token_type": "bearer", "scope": scope}
        body: dict[str, object] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": ONE_HOUR,
            "scope": " ".join(grant.scopes),
            "id_token": id_token(
                grant,
                claims_of(self._shown(grant.account), grant.scopes),
                issuer=provider.url,
                client_id=provider.client_id,
                access_token=access_token,
                key=provider.key,
                now=self._now,
                faults=provider,
            ),
        }
        return body | ({"refresh_token": refresh_token} if refresh_token else {})

    def _about(self, endpoint: Endpoint, headers: Mapping[str, str]) -> HttpResponse:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        known = scheme.lower() in ("bearer", "token")
        grant = self._ledger.find(token, now=self._now) if known else None
        if grant is None:
            return _json({"message": "Bad credentials", "error": "invalid_token"}, 401)
        account = self._shown(SOMEBODY_ELSE if self._provider.has("swapped_subject") else grant.account)
        if self._dialect.is_oidc:
            return _json(claims_of(account, grant.scopes))
        shows_email = not self._provider.has("private_email")
        if "user-agent" not in headers:
            return _json({"message": "Request forbidden: a User-Agent header is needed"}, 403)
        if endpoint == "user":
            return _json(github_user(account, shows_email=shows_email))
        if not {"user", "user:email"} & set(grant.scopes):
            return _json({"message": "Not Found"}, 404)
        return _json(github_emails(account, shows_email=shows_email))

    def _shown(self, account: Account) -> Account:
        if self._provider.has("no_email"):
            return replace(account, email=None)
        return replace(account, email_verified=False) if self._provider.has("unverified_email") else account

    def _revoke(self, form: Mapping[str, str]) -> HttpResponse:
        if self._provider.has("revocation_refused"):
            raise ProviderRefusal("unsupported_token_type", "The test refused it.")
        self._ledger.revoke(form.get("token", ""))
        return HttpResponse(200)


def _json(body: object, status: int = 200) -> HttpResponse:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return HttpResponse(status, json.dumps(body).encode(), headers)

"""A provider's token endpoint: a code, or a refresh token, for tokens; and their revocation."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from urllib.parse import parse_qsl, quote_plus, urlencode

from vestibule.errors import ProviderError
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.oauth.answers import check, invalid, members_of
from vestibule.oauth.assertions import client_assertion
from vestibule.oauth.client import Client
from vestibule.oauth.discovery import Endpoints
from vestibule.oauth.provider import ClientAuth, Provider
from vestibule.wire import fields

AGENT = "vestibule"
DEADLINE = 10.0
REFRESH_DEADLINE = 5.0
MAX_BYTES = 262_144
MAX_LIFETIME = 315_360_000
VISIBLE = re.compile(r"[\x21-\x7e]+")
DIGITS = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`expires_at` is in seconds since 1970; None: the provider does not say. `extra`: what else it sent,
    such as `instance_url`."""

    access_token: str = field(repr=False)
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme
    refresh_token: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)
    expires_at: int | None = None
    scopes: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict, repr=False)


class TokenRequests:
    """The requests of one client, in the words of its provider."""

    def __init__(self, client: Client, provider: Provider) -> None:
        self._client = client
        self._provider = provider

    def exchange(
        self,
        endpoints: Endpoints,
        *,
        code: str,
        code_verifier: str,
        redirect_uri: str,
        callback: Mapping[str, str],
        now: float,
    ) -> HttpRequest:
        """Never tried twice: a code works once."""
        wanted = {name: callback[name] for name in self._provider.tokens.from_callback if name in callback}
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            **wanted,
        }
        if self._provider.pkce != "refused":
            form["code_verifier"] = code_verifier
        return self._request(endpoints, form, now=now, deadline=DEADLINE)

    def refresh(self, endpoints: Endpoints, *, refresh_token: str, now: float) -> HttpRequest:
        """Equal refreshes in flight are one: many providers take a refresh token once."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        share = sha256(f"{self._client.id}\0{refresh_token}".encode("utf-8", "surrogatepass")).hexdigest()
        url = self._provider.tokens.refresh_url
        return self._request(
            replace(endpoints, tokens=url) if url else endpoints,
            form,
            now=now,
            deadline=REFRESH_DEADLINE,
            share=share,
        )

    def revoke(self, endpoints: Endpoints, *, token: str, hint: str | None, now: float) -> HttpRequest:
        """RFC 7009."""
        form = {"token": token} | ({"token_type_hint": hint} if hint else {})
        form, headers = self._authenticated(form, self._provider.revoke_auth, endpoints, now=now)
        return _post(endpoints.revoke, form, headers, deadline=REFRESH_DEADLINE)

    def _request(
        self,
        endpoints: Endpoints,
        form: dict[str, str],
        *,
        now: float,
        deadline: float,
        share: str | None = None,
    ) -> HttpRequest:
        data = self._provider.tokens
        form, headers = self._authenticated(form, None, endpoints, now=now)
        headers |= data.headers
        if data.method == "GET":
            url = f"{endpoints.tokens}?{urlencode(form)}"
            return HttpRequest("GET", url, headers, share=share, deadline=deadline, max_bytes=MAX_BYTES)
        if data.encoding == "json":
            headers["Content-Type"] = "application/json"
            body = json.dumps(form, separators=(",", ":")).encode()
            return HttpRequest(
                "POST", endpoints.tokens, headers, body, share, deadline=deadline, max_bytes=MAX_BYTES
            )
        return _post(endpoints.tokens, form, headers, deadline=deadline, share=share)

    def _authenticated(
        self, form: dict[str, str], auth: ClientAuth | None, endpoints: Endpoints, *, now: float
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The form and the headers with what proves that it is the app that asks (RFC 6749 §2.3)."""
        client, data = self._client, self._provider.tokens
        method = client.auth if auth is None or client.key is not None else auth
        method = method or endpoints.auth
        headers = {"Accept": "application/json", "User-Agent": AGENT}
        if method == "basic":
            pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
            return form, headers
        form = {**form, data.id_param: client.client_id}
        if method == "post":
            form[data.key_param] = client.client_secret
        elif client.key is not None:
            form |= client_assertion(client, client.key, endpoints.tokens, now=now)
        return form, headers


def read_tokens(provider: Provider, response: HttpResponse, *, asked: tuple[str, ...], now: float) -> Tokens:
    """Raises ProviderError with the side that can mend it, or ProviderUnreachable."""
    body = _members(provider, response)
    errors = provider.tokens.errors
    check(provider, response, body, errors, what="the token endpoint", unauthorized="invalid_client")
    access_token = fields.text(body, "access_token")
    if not access_token or VISIBLE.fullmatch(access_token) is None:  # it will stand in a header
        raise invalid(provider, "the token endpoint sent no access token")
    token_type = fields.text(body, "token_type") or "Bearer"
    if token_type.lower() not in ("bearer", "user", "oauth"):
        raise invalid(provider, f"its tokens are of an unknown kind, {token_type[:20]!r}")
    known = {"access_token", "token_type", "refresh_token", "id_token", "expires_in", "scope"}
    return Tokens(
        access_token=access_token,
        refresh_token=fields.text(body, "refresh_token") or None,
        id_token=fields.text(body, "id_token") or None,
        expires_at=_expiry(body.get("expires_in"), now),
        scopes=_scopes(body.get("scope"), asked),
        extra={name: value for name, value in body.items() if name not in known},
    )


def check_revoked(provider: Provider, response: HttpResponse) -> None:
    """An unknown token is revoked too (RFC 7009 §2.2)."""
    if not 200 <= response.status < 300:
        check(
            provider, response, members_of(response), provider.tokens.errors, what="the revocation endpoint"
        )
        raise ProviderError(
            f"{provider.name} did not revoke the token.",
            provider=provider.id,
            side="provider",
            code="provider_revocation",
            hint="Forget the token here, and tell the person where to end the app's access there.",
        )


def _members(provider: Provider, response: HttpResponse) -> Mapping[str, object]:
    """JSON whatever it calls itself, or a form."""
    body = members_of(response)
    if body or "json" in response.headers.get("content-type", ""):
        return body
    text = response.body.decode("utf-8", "replace").strip()
    if "=" in text and "<" not in text and "\n" not in text:
        return dict(parse_qsl(text))
    return body


def _expiry(value: object, now: float) -> int | None:
    seconds = int(value) if isinstance(value, str) and DIGITS.fullmatch(value) else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return int(now + seconds) if 0 < seconds <= MAX_LIFETIME else None


def _scopes(value: object, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Without a word about scopes, those asked for were given (RFC 6749 §5.1)."""
    if isinstance(value, list):
        return tuple(each for each in value if isinstance(each, str))
    return tuple(re.split(r"[\s,]+", value.strip())) if isinstance(value, str) and value.strip() else asked


def _post(
    url: str, form: Mapping[str, str], headers: dict[str, str], *, deadline: float, share: str | None = None
) -> HttpRequest:
    headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    body = urlencode(form, errors="replace").encode()
    return HttpRequest("POST", url, headers, body, share, deadline=deadline, max_bytes=MAX_BYTES)

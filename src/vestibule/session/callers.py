"""API clients: who shows an access token or an API key in `Authorization`, and has no cookie."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock

from vestibule.crypto.jwt import END_OF_TIME
from vestibule.errors import TokenError, Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse
from vestibule.session.access_tokens import AccessTokens
from vestibule.session.config import Config
from vestibule.session.model import ApiKey, Session
from vestibule.session.payload import Payload
from vestibule.wire import fields
from vestibule.wire.claims import Claims
from vestibule.wire.models import Impersonator, User
from vestibule.wire.paths import VALIDATIONS

# The clocks of servers that call servers differ; a browser's session has no such leeway.
LEEWAY = 60
DEADLINE = 3.0
BEARER = re.compile(r"bearer(?: +(.*))?", re.ASCII | re.IGNORECASE)
KEYS = {
    "vestibule": re.compile(r"vsk_[0-9A-Za-z_-]{8,196}", re.ASCII),
    "workos": re.compile(r"sk_[0-9A-Za-z_-]{8,196}", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Credential:
    """What an `Authorization: Bearer` header holds; with one, it alone decides who asks."""

    value: str = field(repr=False)
    is_key: bool


class Callers:
    """Shared by all requests."""

    def __init__(self, config: Config, tokens: AccessTokens, *, clock: Callable[[], float]) -> None:
        self._config = config
        self._tokens = tokens
        self._clock = clock
        self._key = KEYS[config.profile or "vestibule"]
        self._asking: dict[str, int] = {}
        self._count = 0
        self._lock = Lock()

    def credential(self, headers: Mapping[str, str]) -> Credential | None:
        """None for a request without one, and for another scheme, which leaves the cookie in force."""
        header = headers.get("authorization")
        found = BEARER.fullmatch(header.strip()) if header else None
        if found is None:
            return None
        value = found[1] or ""
        return Credential(value, is_key=self._config.api_keys and self._key.fullmatch(value) is not None)

    def load(self, credential: Credential) -> Flow[Session]:
        """Raises TokenError when it is not valid, Unreachable when nobody can tell."""
        if credential.is_key:
            return (yield from self._of_key(credential.value))
        if not self._config.bearer:
            raise TokenError("no API key")
        claims = yield from self._tokens.verify(credential.value, leeway=LEEWAY)
        return Session(payload=_payload(credential.value, claims), claims=claims)

    def _of_key(self, value: str) -> Flow[Session]:
        digest = sha256(value.encode()).hexdigest()
        number = self._begin(digest)
        try:
            response = yield self._question(value, f"api key {digest} {number}")
        finally:
            self._end(digest, number)
        key = _read(response)
        if key is None:
            raise TokenError("no such API key", code="api_key_refused")
        return _session_of(key, now=int(self._clock()))

    def _question(self, value: str, share: str) -> HttpRequest:
        return HttpRequest(
            "POST",
            self._config.url + VALIDATIONS,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Authorization": f"Bearer {self._config.api_key}",
            },
            body=json.dumps({"value": value}).encode(),
            share=share,
            attempts=2,
            deadline=DEADLINE,
        )

    def _begin(self, digest: str) -> int:
        """Those who ask about a key while it is being asked about share that answer; nobody gets one that
        was there before, or a key would outlive its end."""
        with self._lock:
            if digest not in self._asking:
                self._count += 1
                self._asking[digest] = self._count
            return self._asking[digest]

    def _end(self, digest: str, number: int) -> None:
        with self._lock:
            if self._asking.get(digest) == number:
                del self._asking[digest]


def _read(response: HttpResponse) -> Mapping[str, object] | None:
    """Raises Unreachable for anything but a yes or a no: our own credentials may be what is wrong."""
    if response.status in (400, 422):
        return None
    if response.status != 200:
        raise Unreachable(f"The identity server answered {response.status} when asked about an API key.")
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or "api_key" not in body:
        raise Unreachable("The identity server's answer about an API key cannot be read.")
    return fields.members(body, "api_key")


def _session_of(key: Mapping[str, object], *, now: int) -> Session:
    """Of a member's key that member; of an organization's key the key itself, which is nobody."""
    owner = fields.members(key, "owner") or {}
    key_id, owner_id, kind = fields.text(key, "id"), fields.text(owner, "id"), fields.text(owner, "type")
    if not key_id or not owner_id:
        raise Unreachable("The identity server's answer about an API key cannot be read.")
    is_member = kind == "user"
    name = fields.text(key, "name") or ""
    ends_at = fields.time(key, "expires_at")
    claims: dict[str, object] = {
        "sub": owner_id if is_member else key_id,
        "sid": key_id,
        "iat": now,
        "exp": END_OF_TIME if ends_at is None else int(ends_at.timestamp()),
        "org_id": fields.text(owner, "organization_id") if is_member else owner_id,
        "permissions": list(fields.texts(key, "permissions")),
    }
    user = User(id=owner_id, email="") if is_member else User(id=key_id, email="", name=name)
    payload = Payload(access_token="", refresh_token="", user=user, authentication_method="APIKey")
    owned = ApiKey(id=key_id, name=name, owner="user" if is_member else "organization", owner_id=owner_id)
    return Session(payload=payload, claims=Claims.read(claims), api_key=owned)


def _payload(token: str, claims: Claims) -> Payload:
    """What the token says of its user: the id, and whatever a JWT template put in."""
    raw = claims.raw
    user = User(
        id=claims.sub,
        email=fields.text(raw, "email") or "",
        email_verified=raw.get("email_verified") is True,
        name=fields.text(raw, "name"),
        first_name=fields.text(raw, "first_name") or fields.text(raw, "given_name"),
        last_name=fields.text(raw, "last_name") or fields.text(raw, "family_name"),
    )
    return Payload(
        access_token=token,
        refresh_token="",
        user=user,
        impersonator=Impersonator(email=claims.actor) if claims.actor else None,
        authentication_method=fields.text(raw, "authentication_method") or "Bearer",
    )

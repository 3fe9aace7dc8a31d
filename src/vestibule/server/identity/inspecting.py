"""Tokens, as those who hold them ask about them: what they stand for now, and their end."""

import json
from collections.abc import Collection
from typing import Any, Final, cast

from vestibule.crypto.jwt import ANY_AUDIENCE, OF_SESSIONS, decode_unverified, verify
from vestibule.crypto.keys import KeySet, parse_key_set
from vestibule.errors import TokenError
from vestibule.server.identity import keys
from vestibule.server.identity.clients import Client
from vestibule.server.identity.context import Identity
from vestibule.server.identity.models import Session
from vestibule.server.identity.secrets import digest
from vestibule.server.identity.sessions import end_session
from vestibule.server.store.transaction import Transaction

MAX_TOKEN: Final = 16_384
ID_TOKEN: Final = ("jwt",)


def read_access_token(
    identity: Identity, token: str, *, needed: Collection[str] = OF_SESSIONS
) -> dict[str, Any]:
    """Its claims. Raises TokenError. Whoever it was made for: a template may have named another audience."""
    return verify(
        token,
        _key_set(identity),
        now=identity.now.timestamp(),
        issuers=[identity.settings.public_url],
        audience=ANY_AUDIENCE,
        needed=needed,
    )


def read_id_token_hint(identity: Identity, token: str, *, client_id: str) -> dict[str, Any] | None:
    """The claims of an ID token that we once made for this client, expired or not. None for any other."""
    try:
        issued_at = decode_unverified(token).get("iat")
        return verify(
            token,
            _key_set(identity),
            now=issued_at if isinstance(issued_at, int) else 0,
            issuers=[identity.settings.public_url],
            audience=client_id,
            types=ID_TOKEN,
        )
    except TokenError:
        return None


def introspect(identity: Identity, client: Client, token: str) -> dict[str, Any]:
    """RFC 7662 §2.2. What is unknown, over or another client's is `{"active": false}` and nothing else."""
    if len(token) > MAX_TOKEN:
        return {"active": False}
    try:
        claims = read_access_token(identity, token, needed=("sub",))
    except TokenError:
        return _introspect_refresh_token(identity, client, token)
    if "sid" not in claims:
        return _introspect_machine_token(identity, client, claims)
    with identity.store.read() as tx:
        session = tx.sessions.find(str(claims["sid"]))
    if not _is_live(identity, client, session) or session is None or session.user_id != claims["sub"]:
        return {"active": False}
    return claims | {"active": True, "token_type": "Bearer", "client_id": session.client_id}


def _introspect_machine_token(identity: Identity, client: Client, claims: dict[str, Any]) -> dict[str, Any]:
    """Good until it expires, as long as its client is there, to which it is shown only."""
    if client.application is None or claims.get("client_id") != client.client_id:
        return {"active": False}
    return claims | {"active": True, "token_type": "Bearer"}


def _introspect_refresh_token(identity: Identity, client: Client, token: str) -> dict[str, Any]:
    with identity.store.read() as tx:
        session = tx.sessions.find_by_token(digest(token))
        unused = session is not None and tx.refresh_tokens.is_unused(digest(token))
    if session is None or not unused or not _is_live(identity, client, session):
        return {"active": False}
    ends = min(end for end in (session.expires_at, session.idle_at) if end is not None)
    shown = {
        "active": True,
        "iss": identity.settings.public_url,
        "sub": session.user_id,
        "sid": session.id,
        "client_id": session.client_id,
        "exp": int(ends.timestamp()),
        "iat": int(session.updated_at.timestamp()),
        "auth_time": int(session.authenticated_at.timestamp()),
    }
    return shown if session.scope is None else shown | {"scope": session.scope}


def revoke_token(identity: Identity, client: Client, token: str) -> None:
    """Ends the session it belongs to (RFC 7009 §2.1), when that is the client's. Says nothing otherwise."""
    if len(token) > MAX_TOKEN:
        return
    with identity.store.transaction() as tx:
        session = _session_of(tx, identity, token)
        if session is not None and session.client_id == client.client_id:
            end_session(tx, identity, session.id)


def _session_of(tx: Transaction, identity: Identity, token: str) -> Session | None:
    try:
        claims = read_access_token(identity, token)
    except TokenError:
        return tx.sessions.find_by_token(digest(token))
    session = tx.sessions.find(str(claims["sid"])) if "sid" in claims else None
    return session if session is not None and session.user_id == claims["sub"] else None


def _is_live(identity: Identity, client: Client, session: Session | None) -> bool:
    if session is None or session.client_id != client.client_id:
        return False
    return session.status(identity.now) == "active"


def _key_set(identity: Identity) -> KeySet:
    def load() -> KeySet:
        return parse_key_set(json.dumps(keys.jwks(identity)).encode())

    return cast("KeySet", identity.keyring.remember("key_set", identity.now.timestamp(), load))

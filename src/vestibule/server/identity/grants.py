"""The grants of the token endpoint: what is brought, and the session given for it."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vestibule.crypto.pkce import challenge_of
from vestibule.server.identity import refreshing
from vestibule.server.identity.clients import (
    Client,
    authenticate_client,
    authenticate_confidential,
)
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, IdentityError, OAuthDenied, StepUp
from vestibule.server.identity.events import NOBODY, Caller, append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.models import Membership
from vestibule.server.identity.opening import (
    Authentication,
    Opened,
    SignIn,
    id_token_for,
    open_session,
    sign_opened,
)
from vestibule.server.identity.passwords import verify_password
from vestibule.server.identity.pending import consume_pending, create_pending, find_pending
from vestibule.server.identity.people import User, user_data
from vestibule.server.identity.secrets import digest
from vestibule.server.identity.sessions import end_session, session_data
from vestibule.server.identity.verification import send_verification, verify_pending
from vestibule.server.store.codes import AuthorizationCode
from vestibule.server.store.transaction import Transaction

MAX_CODE: Final = 512
MAX_VERIFIER: Final = 128  # RFC 7636 §4.1


def exchange_code(
    identity: Identity,
    *,
    code: str,
    client_id: str | None,
    client_secret: str | None = None,
    code_verifier: str | None = None,
    redirect_uri: str | None = None,
    caller: Caller = NOBODY,
) -> Authentication:
    """A code for a session, once. It needs the client's secret or the verifier, never neither; and the
    verifier whenever a challenge was sent. Raises OAuthDenied, Denied `code_challenge_not_found`.
    """
    client = authenticate_client(identity, client_id, client_secret)
    session_id = new_id("session", identity.now)
    with identity.store.transaction() as tx:
        found = tx.codes.find(digest(code)) if len(code) <= MAX_CODE else None
        if found is None or found.client_id != client.client_id:
            raise _invalid_code()
        _check_proof(found, client, code_verifier, redirect_uri)
        consumed = tx.codes.consume(
            digest(code), client_id=client.client_id, session_id=session_id, now=identity.now
        )
        if consumed is not None:
            opened = _open_for_code(tx, identity, consumed, session_id, caller)
        else:
            opened = None
            _undo_first_use(tx, identity, digest(code))
    if opened is None:
        raise _invalid_code()
    return sign_opened(identity, opened)


def _check_proof(
    code: AuthorizationCode, client: Client, verifier: str | None, redirect_uri: str | None
) -> None:
    if redirect_uri is not None and redirect_uri != code.redirect_uri:
        raise _invalid_code()
    if code.code_challenge is None:
        if verifier:  # RFC 9700 §4.8.2: somebody stripped the challenge on the way
            message = "A code_verifier was sent, but the sign-in began without a code_challenge."
            raise Denied(message, code="code_challenge_not_found")
        if not client.confidential:
            raise OAuthDenied("Send the client secret or a code_verifier.", code="invalid_client")
        return
    if not verifier or len(verifier) > MAX_VERIFIER or not verifier.isascii():
        raise _invalid_code()
    if not hmac.compare_digest(challenge_of(verifier), code.code_challenge):
        raise _invalid_code()


def _open_for_code(
    tx: Transaction, identity: Identity, code: AuthorizationCode, session_id: str, caller: Caller
) -> Opened:
    browser = code.browser_session_id
    if browser is not None and tx.browser_sessions.find_live_by_id(browser, now=identity.now) is None:
        raise _invalid_code()  # they signed out here in the meantime
    sign_in = SignIn(
        client_id=code.client_id,
        user_id=code.user_id,
        authentication_method=code.authentication_method,
        authenticated_at=code.authenticated_at,
        organization_id=code.organization_id,
        browser_session_id=browser,
        scope=code.scope,
        nonce=code.nonce,
    )
    return open_session(tx, identity, sign_in, caller=caller, session_id=session_id)


def _undo_first_use(tx: Transaction, identity: Identity, code_hash: bytes) -> None:
    """RFC 6749 §4.1.2: a code used twice was seen by somebody else. Only who holds the proof comes here."""
    code = tx.codes.find(code_hash)
    session = None if code is None or code.session_id is None else end_session(tx, identity, code.session_id)
    if session is not None:
        append(tx, identity, "session.code_reused", session_data(identity, session))


def refresh(
    identity: Identity,
    *,
    refresh_token: str,
    client_id: str | None,
    client_secret: str | None = None,
    organization_id: str | None = None,
) -> Authentication:
    """The secret is optional, but a wrong one is refused. Raises OAuthDenied."""
    client = authenticate_client(identity, client_id, client_secret)
    done = refreshing.refresh(identity, client, refresh_token, organization_id=organization_id or None)
    session = done.session
    return Authentication(
        user=done.user,
        session=session,
        organization_id=session.organization_id,
        authentication_method=session.authentication_method,
        impersonator=session.impersonator,
        access_token=done.access_token,
        refresh_token=done.refresh_token,
        id_token=id_token_for(identity, session, done.user, access_token=done.access_token),
    )


def password_grant(
    identity: Identity,
    *,
    email: str,
    password: str,
    client_id: str | None,
    client_secret: str | None,
    caller: Caller = NOBODY,
) -> Authentication:
    """For apps with sign-in pages of their own. Raises Denied, TooMany; StepUp when one more step is owed."""
    client = authenticate_confidential(identity, client_id, client_secret)
    user = verify_password(identity, email, password, caller=caller)
    state = {"client_id": client.client_id, "authentication_method": "Password"}
    if not user.email_verified:
        raise _verification_required(identity, user, state)
    return _complete(identity, user, state, caller)


def email_verification_grant(
    identity: Identity,
    *,
    code: str,
    pending_authentication_token: str,
    client_id: str | None,
    client_secret: str | None,
    caller: Caller = NOBODY,
) -> Authentication:
    authenticate_confidential(identity, client_id, client_secret)
    user, pending = verify_pending(identity, pending_authentication_token, code, caller=caller)
    return _complete(identity, user, pending.state, caller)


def organization_selection_grant(
    identity: Identity,
    *,
    pending_authentication_token: str,
    organization_id: str,
    client_id: str | None,
    client_secret: str | None,
    caller: Caller = NOBODY,
) -> Authentication:
    """A wrong organization leaves the token good for another choice. Raises Denied, OAuthDenied."""
    authenticate_confidential(identity, client_id, client_secret)
    pending = find_pending(identity, pending_authentication_token, reason="organization_selection")
    if organization_id not in {member.organization_id for member, _ in _active(identity, pending.user_id)}:
        raise Denied(
            "The user has no active membership in this organization.", code="invalid_organization_id"
        )
    pending = consume_pending(identity, pending_authentication_token, reason="organization_selection")
    return _open(identity, pending.user_id, pending.state, organization_id, caller)


def _complete(identity: Identity, user: User, state: Mapping[str, Any], caller: Caller) -> Authentication:
    """A member of one organization signs in to it; a member of several has to choose."""
    memberships = _active(identity, user.id)
    if len(memberships) > 1:
        raise _selection_required(identity, user, state, memberships)
    organization_id = memberships[0][0].organization_id if memberships else None
    return _open(identity, user.id, state, organization_id, caller)


def _open(
    identity: Identity,
    user_id: str,
    state: Mapping[str, Any],
    organization_id: str | None,
    caller: Caller,
) -> Authentication:
    sign_in = SignIn(
        client_id=state["client_id"],
        user_id=user_id,
        authentication_method=state["authentication_method"],
        authenticated_at=identity.now,
        organization_id=organization_id,
    )
    with identity.store.transaction() as tx:
        opened = open_session(tx, identity, sign_in, caller=caller)
    return sign_opened(identity, opened)


def _active(identity: Identity, user_id: str) -> Sequence[tuple[Membership, str]]:
    with identity.store.read() as tx:
        return tx.memberships.list_active(user_id)


def _verification_required(identity: Identity, user: User, state: dict[str, Any]) -> IdentityError:
    verification = send_verification(identity, user.id)
    token = create_pending(identity, user_id=user.id, reason="email_verification", state=state)
    return StepUp(
        "Email ownership must be verified before authentication.",
        code="email_verification_required",
        pending_authentication_token=token,
        email=user.email,
        email_verification_id=verification.id,
    )


def _selection_required(
    identity: Identity,
    user: User,
    state: Mapping[str, Any],
    memberships: Sequence[tuple[Membership, str]],
) -> IdentityError:
    token = create_pending(identity, user_id=user.id, reason="organization_selection", state=state)
    return StepUp(
        "The user must choose an organization to finish their authentication.",
        code="organization_selection_required",
        pending_authentication_token=token,
        user=user_data(user),
        organizations=[{"id": member.organization_id, "name": name} for member, name in memberships],
    )


def _invalid_code() -> OAuthDenied:
    # One text for every cause: the answer does not say whether a code ever existed.
    return OAuthDenied(
        "The code is unknown, used, expired, or was not issued for this request.", code="invalid_grant"
    )

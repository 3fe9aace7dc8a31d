"""The grants of the token endpoint: what is brought, and the session given for it."""

import hmac
from typing import Final

from vestibule.crypto.pkce import challenge_of
from vestibule.server.identity import refreshing
from vestibule.server.identity.clients import (
    Client,
    authenticate_client,
    check_for_people,
)
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, OAuthDenied
from vestibule.server.identity.events import NOBODY, Caller, append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.impersonation import impersonator_of
from vestibule.server.identity.joining import join
from vestibule.server.identity.opening import (
    Authentication,
    Opened,
    SignIn,
    id_token_for,
    open_session,
    sign_opened,
)
from vestibule.server.identity.refreshing import Awaited, always_awaited
from vestibule.server.identity.scopes import OFFLINE
from vestibule.server.identity.secrets import digest
from vestibule.server.identity.sessions import end_session, session_data
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
    invitation_token: str | None = None,
    caller: Caller = NOBODY,
    applications: bool = False,
) -> Authentication:
    """A code for a session, once. It needs the client's secret or the verifier, never neither; and the
    verifier whenever a challenge was sent. `applications`: whether those besides the environment's own may
    come. Raises OAuthDenied, Denied `code_challenge_not_found`.
    """
    client = authenticate_client(identity, client_id, client_secret, applications=applications)
    check_for_people(client)
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
            if invitation_token is not None:
                _accept_invitation(tx, identity, consumed, invitation_token)
            opened = _open_for_code(tx, identity, client, consumed, session_id, caller)
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
    tx: Transaction,
    identity: Identity,
    client: Client,
    code: AuthorizationCode,
    session_id: str,
    caller: Caller,
) -> Opened:
    browser = code.browser_session_id
    if browser is not None and tx.browser_sessions.find_live_by_id(browser, now=identity.now) is None:
        raise _invalid_code()  # they signed out here in the meantime
    impersonation = None if code.impersonation_id is None else tx.impersonations.get(code.impersonation_id)
    sign_in = SignIn(
        client_id=code.client_id,
        user_id=code.user_id,
        authentication_method=code.authentication_method,
        second_factor=code.second_factor,
        authenticated_at=code.authenticated_at,
        organization_id=code.organization_id,
        browser_session_id=None if _lasts(client, code.scope) else browser,
        scope=code.scope,
        nonce=code.nonce,
        impersonator=None if impersonation is None else impersonator_of(impersonation),
        ends_at=None if impersonation is None else impersonation.ends_at,
    )
    if impersonation is not None:
        tx.impersonations.note_session(impersonation.id, session_id)
    return open_session(tx, identity, sign_in, caller=caller, session_id=session_id)


def _lasts(client: Client, scope: str | None) -> bool:
    """Offline access goes on when its owner signs out of the browser (OpenID Connect Core §11)."""
    return client.application is not None and OFFLINE in (scope or "").split()


def _accept_invitation(tx: Transaction, identity: Identity, code: AuthorizationCode, token: str) -> None:
    """The session stays where the sign-in led: what the organization asks of its members is asked on the way
    in, by an authorize request with the invitation or a refresh with the organization."""
    user = tx.users.lock(code.user_id)
    if user is None:
        raise _invalid_code()
    join(tx, identity, token, user)


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
    awaited: Awaited = always_awaited,
    applications: bool = False,
) -> Authentication:
    """The secret is optional, but a wrong one is refused. Raises OAuthDenied, and what `refreshing` does."""
    client = authenticate_client(identity, client_id, client_secret, applications=applications)
    check_for_people(client)
    if organization_id and client.is_foreign:
        text = "The organization was chosen by the person who allowed this client: ask them again."
        raise OAuthDenied(text, code="invalid_request")
    done = refreshing.refresh(
        identity, client, refresh_token, organization_id=organization_id or None, awaited=awaited
    )
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


def _invalid_code() -> OAuthDenied:
    # One text for every cause: the answer does not say whether a code ever existed.
    return OAuthDenied(
        "The code is unknown, used, expired, or was not issued for this request.", code="invalid_grant"
    )

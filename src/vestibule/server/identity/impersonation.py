"""Signing in as somebody else: for a reason that is written down, for an hour at most, and never unseen.

A link is made for one operator. Opened in a browser it arms that browser, and the sign-in that its app begins
next brings a session marked with who is behind it. No session of the browser at this server comes of it, so
no hosted page where credentials are changed knows that browser as the user's.
"""

import datetime as dt
from typing import Any, Final

from vestibule.server.identity.authorize import AuthorizationRequest
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import EmailAddress, parse_email
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import Conflict, Forbidden, Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.operators import may
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.people import User
from vestibule.server.identity.profile import tidy_name
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.identity.suspending import check_not_suspended
from vestibule.server.identity.tokens import find_access
from vestibule.server.store.impersonations import Impersonation
from vestibule.server.store.transaction import Transaction

METHOD: Final = "Impersonation"
LONGEST_SECONDS: Final = 3_600
SHORTEST_SECONDS: Final = 60
LINK_LIVES: Final = dt.timedelta(minutes=5)
WAY_TAKES: Final = dt.timedelta(minutes=2)
MAX_TOKEN: Final = 200


def request_impersonation(
    identity: Identity,
    user_id: str,
    *,
    impersonator_email: str,
    reason: str,
    organization_id: str | None = None,
    seconds: int = LONGEST_SECONDS,
) -> tuple[Impersonation, str]:
    """A link that works once, in one browser, for five minutes. `seconds` count from now.

    Raises NotFound; Invalid; Forbidden `impersonation_not_allowed` for operators and by strangers, and
    `user_suspended`; Conflict `initiate_login_url_missing`.
    """
    operator, why = _operator(impersonator_email), _reason(reason)
    if not SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS:
        message = f"duration_seconds must be between {SHORTEST_SECONDS} and {LONGEST_SECONDS}."
        raise Invalid.field("duration_seconds", "invalid_duration", message)
    if get_environment(identity).initiate_login_url is None:
        message = "The sign-in begins at the app: set the environment's initiate_login_url first."
        raise Conflict(message, code="initiate_login_url_missing")
    now, token = identity.now, new_token()
    with identity.store.transaction() as tx:
        user = _existing(tx.users.find(user_id), user_id)
        check_not_suspended(user)
        _check_people(tx, identity, operator, user)
        made = tx.impersonations.create(
            id=new_id("impersonation", now),
            token_hash=digest(token),
            user_id=user_id,
            organization_id=_organization(tx, user_id, organization_id),
            impersonator_email=operator.address,
            impersonator_key=operator.key,
            reason=why,
            ends_at=now + dt.timedelta(seconds=seconds),
            expires_at=min(now + LINK_LIVES, now + dt.timedelta(seconds=seconds)),
            created_at=now,
        )
        append(tx, identity, "impersonation.created", _data(made), organization_id=made.organization_id)
    return made, f"{identity.settings.public_url}/impersonate?token={token}"


def find_link(identity: Identity, token: str) -> tuple[Impersonation, User] | None:
    """Who is behind a link that still works; looking at it uses nothing up."""
    if not 0 < len(token) <= MAX_TOKEN:
        return None
    with identity.store.read() as tx:
        found = tx.impersonations.find_unused(digest(token), now=identity.now)
        user = None if found is None else tx.users.find(found.user_id)
    return None if found is None or user is None else (found, user)


def confirm_impersonation(identity: Identity, token: str, browser_token: str) -> Impersonation | None:
    """The link is used up, and the next sign-in that an app begins in this browser is that of the user."""
    if not 0 < len(token) <= MAX_TOKEN:
        return None
    now = identity.now
    with identity.store.transaction() as tx:
        return tx.impersonations.confirm(
            digest(token), browser_hash=digest(browser_token), expires_at=now + WAY_TAKES, now=now
        )


def finish_impersonation(identity: Identity, request: AuthorizationRequest, browser_token: str) -> str | None:
    """The address, with a code, that the browser goes to next. None: an ordinary sign-in."""
    hashed, now = digest(browser_token), identity.now
    with identity.store.read() as tx:  # nearly always there is none, and then nobody waits for the writer
        if tx.impersonations.find_confirmed(hashed, now=now) is None:
            return None
    with identity.store.transaction() as tx:
        found = tx.impersonations.find_confirmed(hashed, now=now)
        if found is None or tx.users.find(found.user_id) is None:
            return None
        if not tx.impersonations.note_code(found.id, now=now):
            return None
        code = _issue_code(tx, identity, request, found)
    return request.way_back.address(identity, {"code": code})


def impersonator_of(impersonation: Impersonation) -> dict[str, str | None]:
    """As sessions carry it."""
    return {"email": impersonation.impersonator_email, "reason": impersonation.reason}


def list_impersonations(
    identity: Identity, page: Page, *, user_id: str | None = None
) -> Slice[Impersonation]:
    """The trail: rows outlive sessions and users."""
    with identity.store.read() as tx:
        return tx.impersonations.list(page, user_id=user_id)


def _issue_code(
    tx: Transaction, identity: Identity, request: AuthorizationRequest, impersonation: Impersonation
) -> str:
    code, now = new_token(), identity.now
    lives = dt.timedelta(seconds=identity.settings.code_seconds)
    tx.codes.create(
        code_hash=digest(code),
        client_id=request.client_id,
        user_id=impersonation.user_id,
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        organization_id=impersonation.organization_id,
        authentication_method=METHOD,
        authenticated_at=now,
        browser_session_id=None,
        scope=request.scope,
        nonce=request.nonce,
        impersonation_id=impersonation.id,
        expires_at=min(now + lives, impersonation.ends_at),
        created_at=now,
    )
    return code


def _check_people(tx: Transaction, identity: Identity, operator: EmailAddress, user: User) -> None:
    target = parse_email(user.email)
    operators = {parse_email(each).key for each in identity.settings.operators}
    if operators and operator.key not in operators and not _may_at_the_dashboard(tx, operator.key):
        raise Forbidden("This address is not an operator's.", code="impersonation_not_allowed")
    # Whoever may be anybody must not be reached through somebody who may be a few.
    if (
        target.key == operator.key
        or target.key in operators
        or tx.operators.find_of(user.id, target.key) is not None
        or tx.impersonations.has_impersonated(target.key)
    ):
        message = "Operators, and people who have impersonated others, cannot be impersonated."
        raise Forbidden(message, code="impersonation_not_allowed")


def _may_at_the_dashboard(tx: Transaction, key: str) -> bool:
    user = tx.users.find_by_email_key(key)
    found = tx.operators.find_by_email_key(key) if user is None else tx.operators.find_of(user.id, key)
    return found is not None and may(found, "support")


def _organization(tx: Transaction, user_id: str, wanted: str | None) -> str | None:
    if wanted is not None:
        if find_access(tx, user_id, wanted) is None:
            message = "The user has no active membership in this organization."
            raise Invalid.field("organization_id", "organization_membership_not_found", message)
        return wanted
    active = tx.memberships.list_active(user_id)
    if len(active) > 1:
        message = "The user belongs to several organizations: say which."
        raise Invalid.field("organization_id", "organization_id_required", message)
    return active[0][0].organization_id if active else None


def _operator(given: str) -> EmailAddress:
    try:
        return parse_email(given)
    except ValueError as error:
        raise Invalid.field("impersonator_email", "invalid_email", str(error)) from None


def _reason(given: str) -> str:
    reason = tidy_name("reason", given)
    if reason is None:
        raise Invalid.field("reason", "reason_required", "Say why: the reason stays with the session.")
    return reason


def _data(made: Impersonation) -> dict[str, Any]:
    return {
        "object": "impersonation",
        "id": made.id,
        "user_id": made.user_id,
        "organization_id": made.organization_id,
        "impersonator": impersonator_of(made),
        "ends_at": made.ends_at,
        "created_at": made.created_at,
    }


def _existing(found: User | None, user_id: str) -> User:
    if found is None:
        raise NotFound.of("User", user_id)
    return found

"""E-mail verification: proving that an address is read by the one who gave it."""

from typing import Final

from vestibule.server.identity import events, limits
from vestibule.server.identity.codes import VERIFICATION, Outcome, issue_code, minutes, try_code
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Denied, NotFound
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.letters import queue
from vestibule.server.identity.pending import Pending, find_pending, no_such_pending
from vestibule.server.identity.people import EmailVerification, User, user_data
from vestibule.server.identity.secrets import digest, open_at_rest
from vestibule.server.identity.sessions import revoke_all
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.verifications import StoredVerification

REFUSALS: Final = {
    Outcome.WRONG: ("email_verification_code_incorrect", "The code is not the one that was sent last."),
    Outcome.USED: ("email_verification_code_previously_used", "The code was used already."),
    Outcome.EXPIRED: ("email_verification_code_expired", "The code has expired: ask for a new one."),
    Outcome.SPENT: ("email_verification_code_incorrect", "Too many wrong codes: ask for a new one."),
}
SIGN_IN_REFUSALS: Final = {
    Outcome.WRONG: "invalid_one_time_code",
    Outcome.USED: "one_time_code_previously_used",
    Outcome.EXPIRED: "one_time_code_expired",
    Outcome.SPENT: "one_time_code_too_many_attempts",
}


def send_verification(identity: Identity, user_id: str) -> EmailVerification:
    """Raises NotFound, Denied `email_already_verified`, TooMany."""
    user = _get_user(identity, user_id)
    if user.email_verified:
        raise Denied("This e-mail address is verified already.", code="email_already_verified")
    admit_send(identity, user.email)
    with identity.store.transaction() as tx:
        locked = tx.users.lock(user_id)
        if locked is None:
            raise NotFound.of("User", user_id)
        return mail_code(tx, identity, locked)


def admit_send(identity: Identity, email: str) -> None:
    key = lookup_key(email) or email
    limits.hit_all(
        identity,
        (f"verification:{key}", limits.SENDS),
        (f"verification:day:{key}", limits.SENDS_A_DAY),
    )


def mail_code(tx: Transaction, identity: Identity, user: User) -> EmailVerification:
    stored, code = issue_code(tx, identity, user)
    events.append(tx, identity, "email_verification.created", _data(stored))
    queue(
        tx,
        identity,
        kind="verify_email",
        recipient=user.email,
        locale=user.locale,
        code=code,
        minutes=minutes(identity, VERIFICATION),
        link=f"{identity.settings.public_url}/verify-email",
    )
    return _shown(stored, code)


def get_verification(identity: Identity, verification_id: str) -> EmailVerification:
    with identity.store.read() as tx:
        stored = tx.verifications.find(verification_id)
    if stored is None:
        raise NotFound.of("Email verification", verification_id)
    return _shown(stored, open_at_rest(stored.code_sealed, identity.settings.secret))


def confirm_verification(identity: Identity, user_id: str, code: str, *, caller: Caller = NOBODY) -> User:
    """Raises NotFound; Denied `email_previously_verified`, `email_verification_code_incorrect`, `_expired` or
    `_previously_used`."""
    user = _get_user(identity, user_id)
    if user.email_verified:
        raise Denied("This e-mail address is verified already.", code="email_previously_verified")
    with identity.store.transaction() as tx:
        outcome, user = check_code(tx, identity, user, code, caller)
    if outcome is not Outcome.RIGHT:
        code, message = REFUSALS[outcome]
        raise Denied(message, code=code)
    return user


def verify_pending(
    identity: Identity, pending_token: str, code: str, *, caller: Caller = NOBODY
) -> tuple[User, Pending]:
    """The step after a sign-in that asked for verification: uses up code and token together.

    Raises Denied `invalid_pending_authentication_token`, `invalid_one_time_code`, `one_time_code_expired`,
    `one_time_code_previously_used`, `one_time_code_too_many_attempts`; the token outlives a wrong code.
    """
    pending = find_pending(identity, pending_token, reason="email_verification")
    user = _get_user(identity, pending.user_id)
    with identity.store.transaction() as tx:
        outcome, user = check_code(tx, identity, user, code, caller)
        if outcome is Outcome.RIGHT and tx.pending.consume(digest(pending_token), now=identity.now) is None:
            raise no_such_pending()
    if outcome is not Outcome.RIGHT:
        raise Denied(REFUSALS[outcome][1], code=SIGN_IN_REFUSALS[outcome])
    return user, pending


def check_code(
    tx: Transaction, identity: Identity, user: User, code: str, caller: Caller
) -> tuple[Outcome, User]:
    """The outcome, and the user as they are after it. The caller's transaction must stand, right or wrong."""
    outcome = try_code(tx, identity, user, code)
    error = None
    if outcome is Outcome.RIGHT:
        user = mark_verified(tx, identity, user)
    else:
        error = (SIGN_IN_REFUSALS[outcome], REFUSALS[outcome][1])
    events.append_authentication(
        tx, identity, "email_verification", caller=caller, user_id=user.id, email=user.email, error=error
    )
    return outcome, user


def prove_address(tx: Transaction, identity: Identity, user: User) -> User:
    """What was mailed came back from somebody who needed no password. Until now anybody could have typed this
    address: what they set, and whatever they are signed in to, does not outlive the proof."""
    if user.email_verified:
        return user
    tx.passwords.delete(user.id)
    revoke_all(tx, identity, user.id)
    return mark_verified(tx, identity, user)


def mark_verified(tx: Transaction, identity: Identity, user: User) -> User:
    """By somebody who also knows how to sign in to the account."""
    verified = tx.users.verify_email(user.id, email=user.email, now=identity.now)
    if verified is None:
        raise NotFound.of("User", user.id)
    context = {"previous_attributes": {"email_verified": user.email_verified}}
    events.append(tx, identity, "user.updated", user_data(verified), context=context)
    return verified


def _get_user(identity: Identity, user_id: str) -> User:
    with identity.store.read() as tx:
        user = tx.users.find(user_id)
    if user is None:
        raise NotFound.of("User", user_id)
    return user


def _shown(stored: StoredVerification, code: str) -> EmailVerification:
    return EmailVerification(
        id=stored.id,
        user_id=stored.user_id,
        email=stored.email,
        expires_at=stored.expires_at,
        created_at=stored.created_at,
        updated_at=stored.updated_at,
        code=code,
    )


def _data(stored: StoredVerification) -> dict[str, object]:
    return {
        "object": "email_verification",
        "id": stored.id,
        "user_id": stored.user_id,
        "email": stored.email,
        "expires_at": stored.expires_at,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
    }

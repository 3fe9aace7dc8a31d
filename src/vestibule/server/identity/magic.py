"""Magic auth: signing in with a code that was mailed, instead of a password."""

from collections.abc import Mapping
from typing import Any, Final

from vestibule.server.identity import codes, events, limits
from vestibule.server.identity.codes import MAGIC, Outcome
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import EmailAddress, lookup_key, parse_email
from vestibule.server.identity.errors import Denied, Invalid, NotFound, OAuthDenied
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.joining import check_invitation
from vestibule.server.identity.letters import MAGIC_REQUEST, queue, queue_request
from vestibule.server.identity.people import MagicAuth, User
from vestibule.server.identity.policies import find_policy
from vestibule.server.identity.secrets import open_at_rest
from vestibule.server.identity.users import add_user
from vestibule.server.identity.verification import SIGN_IN_REFUSALS, prove_address
from vestibule.server.store.mailed_codes import StoredCode
from vestibule.server.store.transaction import Transaction
from vestibule.server.store.users import Taken

REFUSALS: Final = {
    Outcome.WRONG: "The code is not the one that was sent last to this address.",
    Outcome.USED: "The code was used already.",
    Outcome.EXPIRED: "The code has expired: ask for a new one.",
    Outcome.SPENT: "Too many wrong codes: ask for a new one.",
}


def create_magic_auth(identity: Identity, email: str, *, invitation_token: str | None = None) -> MagicAuth:
    """The API's way: the code is mailed and told. Makes an account where there is none, if sign-up is open or
    the address invited.

    Raises Invalid, TooMany, and OAuthDenied `authentication_method_not_allowed`, `sign_up_not_allowed`,
    `invitation_invalid`, `invitation_cannot_be_used_for_email`.
    """
    if not find_policy(identity).allows("MagicAuth"):
        message = "Signing in with a mailed code is turned off."
        raise OAuthDenied(message, code="authentication_method_not_allowed")
    address = _address(email)
    if invitation_token is not None:
        check_invitation(identity, invitation_token, email=address.address)
    _admit_send(identity, address)
    invited = invitation_token is not None
    try:
        return _create(identity, address, invited=invited)
    except Taken:  # the account was made at the same moment
        return _create(identity, address, invited=invited)


def get_magic_auth(identity: Identity, magic_auth_id: str) -> MagicAuth:
    with identity.store.read() as tx:
        stored = tx.magic_codes.find(magic_auth_id)
    if stored is None:
        raise NotFound.of("Magic auth", magic_auth_id)
    return _shown(stored, open_at_rest(stored.code_sealed, identity.settings.secret))


def request_code(
    identity: Identity, email: str, *, bound_to: bytes, invited: bool = False, caller: Caller = NOBODY
) -> str:
    """The hosted page's way, the same for every address (EN-2): who has it is found out later, away from who
    asks. `bound_to` names the sign-in that alone may use the code. Returns the address as mail is sent to it;
    raises Invalid, TooMany."""
    address = _address(email)
    _admit_send(identity, address, caller)
    request = {"email": address.address, "bound_to": bound_to.hex(), "invited": invited}
    with identity.store.transaction() as tx:
        queue_request(tx, identity, kind=MAGIC_REQUEST, request=request)
    return address.address


def answer_request(tx: Transaction, identity: Identity, request: Mapping[str, Any]) -> None:
    """What `request_code` put off. Raises Taken when an account was made at the same moment: ask again."""
    address = parse_email(request["email"])
    user = _find_or_add(tx, identity, address, invited=request["invited"])
    if user is not None:
        _mail_code(tx, identity, user, bound_to=bytes.fromhex(request["bound_to"]))


def verify_code(
    identity: Identity, email: str, code: str, *, bound_to: bytes | None = None, caller: Caller = NOBODY
) -> User:
    """Raises Denied `invalid_one_time_code`, `one_time_code_expired`, `one_time_code_previously_used`,
    `one_time_code_too_many_attempts`; TooMany."""
    key = lookup_key(email)
    _admit_try(identity, key or email.casefold()[:320], bound_to, caller)
    with identity.store.transaction() as tx:
        user = None if key is None else tx.users.find_by_email_key(key)
        outcome = Outcome.WRONG if user is None else _try(tx, identity, user, code, bound_to)
        if user is not None and outcome is Outcome.RIGHT:
            user = prove_address(tx, identity, user)
        error = None if outcome is Outcome.RIGHT else (SIGN_IN_REFUSALS[outcome], REFUSALS[outcome])
        events.append_authentication(
            tx,
            identity,
            "magic_auth",
            caller=caller,
            user_id=None if user is None else user.id,
            email=email if user is None else user.email,
            error=error,
        )
    if user is None or error is not None:
        raise Denied(REFUSALS[outcome], code=SIGN_IN_REFUSALS[outcome])
    return user


def _try(tx: Transaction, identity: Identity, user: User, code: str, bound_to: bytes | None) -> Outcome:
    """A sign-in that did not ask for the code cannot even use up its tries (EV-1)."""
    newest = tx.magic_codes.find_newest(user.id)
    if newest is None or tx.magic_codes.bound_to(newest.id) != bound_to:
        return Outcome.WRONG
    return codes.try_code(tx, identity, user, code, purpose=MAGIC)


def _create(identity: Identity, address: EmailAddress, *, invited: bool) -> MagicAuth:
    with identity.store.transaction() as tx:
        user = _find_or_add(tx, identity, address, invited=invited)
        if user is None:
            raise OAuthDenied("Nobody may sign up here without an invitation.", code="sign_up_not_allowed")
        return _mail_code(tx, identity, user, bound_to=None)


def _find_or_add(tx: Transaction, identity: Identity, address: EmailAddress, *, invited: bool) -> User | None:
    user = tx.users.find_by_email_key(address.key)
    if user is None and (identity.settings.sign_up or invited):
        user = add_user(tx, identity, address=address)
    return user


def _mail_code(tx: Transaction, identity: Identity, user: User, *, bound_to: bytes | None) -> MagicAuth:
    stored, code = codes.issue_code(tx, identity, user, purpose=MAGIC, bound_to=bound_to)
    events.append(tx, identity, "magic_auth.created", _data(stored))
    queue(
        tx,
        identity,
        kind="magic_code",
        recipient=user.email,
        locale=user.locale,
        email=user.email,
        code=code,
        minutes=codes.minutes(identity, MAGIC),
    )
    return _shown(stored, code)


def _admit_send(identity: Identity, address: EmailAddress, caller: Caller = NOBODY) -> None:
    keys = [(f"magic:{address.key}", limits.SENDS), (f"magic:day:{address.key}", limits.SENDS_A_DAY)]
    if caller.ip_address is not None:
        keys.append((f"magic:address:{limits.place_of(caller.ip_address)}", limits.TRIES_PER_ADDRESS))
    limits.hit_all(identity, *keys)


def _admit_try(identity: Identity, email: str, bound_to: bytes | None, caller: Caller) -> None:
    """A sign-in on the hosted pages is counted by itself: nobody else's tries can lock it out."""
    account = f"magic:try:{email if bound_to is None else bound_to.hex()}"
    keys = [(account, limits.SIGN_INS_PER_ACCOUNT)]
    if caller.ip_address is not None:
        keys.append((f"magic:tries:{limits.place_of(caller.ip_address)}", limits.TRIES_PER_ADDRESS))
    limits.hit_all(identity, *keys)


def _address(email: str) -> EmailAddress:
    try:
        return parse_email(email)
    except ValueError as error:
        raise Invalid.field("email", "invalid_email", str(error)) from None


def _shown(stored: StoredCode, code: str) -> MagicAuth:
    return MagicAuth(**_kept(stored), code=code)


def _data(stored: StoredCode) -> dict[str, Any]:
    return {"object": "magic_auth", **_kept(stored)}


def _kept(stored: StoredCode) -> dict[str, Any]:
    names = ("id", "user_id", "email", "expires_at", "created_at", "updated_at")
    return {name: getattr(stored, name) for name in names}

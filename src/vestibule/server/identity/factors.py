"""Second factors of users: enrolling one, and using up the codes it makes."""

from dataclasses import dataclass, field
from typing import Any, Final

from vestibule.server.identity import totp
from vestibule.server.identity.codes import Outcome
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.notices import FACTOR_ADDED, FACTOR_REMOVED, tell
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.people import User
from vestibule.server.identity.secrets import open_at_rest, seal_at_rest
from vestibule.server.store.factors import Factor
from vestibule.server.store.transaction import Transaction

MAX_FACTORS: Final = 20
MAX_NAME: Final = 256
PRODUCT: Final = "Vestibule"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new factor, with the secret that is shown this once."""

    factor: Factor
    secret: str = field(repr=False)
    uri: str = field(repr=False)


def enroll_totp(
    identity: Identity,
    *,
    user_id: str | None = None,
    issuer: str | None = None,
    account: str | None = None,
    secret: str | None = None,
    factor_id: str | None = None,
) -> Enrolled:
    """It counts for nothing until a code of it was right. Without `user_id` no sign-in ever asks for it.

    `secret` is one that a person's app knows already, in base32. Raises NotFound, Invalid.
    """
    with identity.store.transaction() as tx:
        return add_totp(
            tx,
            identity,
            user_id=user_id,
            issuer=issuer,
            account=account,
            secret=secret,
            factor_id=factor_id,
        )


def add_totp(
    tx: Transaction,
    identity: Identity,
    *,
    user_id: str | None = None,
    issuer: str | None = None,
    account: str | None = None,
    secret: str | None = None,
    factor_id: str | None = None,
) -> Enrolled:
    user = None if user_id is None else _owner(tx, user_id)
    issuer = _name("totp_issuer", issuer) or default_issuer(tx)
    account = _name("totp_user", account) or (user.email if user else "")
    if not account:
        raise Invalid.field("totp_user", "totp_user_required", "totp_user is required.")
    secret = totp.new_secret() if secret is None else _secret(secret)
    now = identity.now
    factor = tx.factors.create(
        id=factor_id or new_id("auth_factor", now),
        user_id=user_id,
        type="totp",
        issuer=issuer,
        account=account,
        secret_sealed=seal_at_rest(secret, identity.settings.secret),
        created_at=now,
        updated_at=now,
    )
    append(tx, identity, "authentication_factor.created", _data(factor))
    return Enrolled(factor, secret, totp.uri_of(secret, issuer=issuer, account=account))


def default_issuer(tx: Transaction) -> str:
    place = tx.environment.find()
    return place.name if place else PRODUCT


def get_factor(identity: Identity, factor_id: str) -> Factor:
    with identity.store.read() as tx:
        return existing_factor(tx, factor_id)


def existing_factor(tx: Transaction, factor_id: str) -> Factor:
    factor = tx.factors.find(factor_id)
    if factor is None:
        raise NotFound.of("Authentication factor", factor_id)
    return factor


def list_factors(identity: Identity, user_id: str, page: Page) -> Slice[Factor]:
    """Unconfirmed ones too. Raises NotFound for an unknown user."""
    with identity.store.read() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        return tx.factors.list(page, user_id=user_id)


def delete_factor(identity: Identity, factor_id: str) -> None:
    """With the last confirmed one of a user go their recovery codes."""
    with identity.store.transaction() as tx:
        factor = tx.factors.delete(factor_id)
        if factor is None:
            raise NotFound.of("Authentication factor", factor_id)
        if factor.user_id is not None and not tx.factors.list_verified(factor.user_id):
            tx.recovery_codes.delete_all(factor.user_id)
        if factor.user_id is not None and factor.verified_at is not None:
            tell(tx, identity, factor.user_id, FACTOR_REMOVED)
        append(tx, identity, "authentication_factor.deleted", _data(factor))


def use_code(tx: Transaction, identity: Identity, factor: Factor, typed: str) -> Outcome:
    """The one place where a code counts, and it counts once. The first one confirms its factor."""
    secret = open_at_rest(factor.secret_sealed, identity.settings.secret)
    step = totp.find_step(secret, typed, now=identity.now)
    if step is None:
        return Outcome.WRONG
    if not tx.factors.use_step(factor.id, step=step, now=identity.now):
        return Outcome.USED
    if factor.verified_at is None:
        append(tx, identity, "authentication_factor.verified", _data(factor))
        if factor.user_id is not None:
            tell(tx, identity, factor.user_id, FACTOR_ADDED)
    return Outcome.RIGHT


def _owner(tx: Transaction, user_id: str) -> User:
    user = tx.users.lock(user_id)
    if user is None:
        raise NotFound.of("User", user_id)
    if tx.factors.count(user_id) >= MAX_FACTORS:
        message = f"A user may have {MAX_FACTORS} authentication factors at most: delete one first."
        raise Invalid(message, code="too_many_authentication_factors")
    return user


def _name(field_name: str, given: str | None) -> str | None:
    text = (given or "").strip()
    if len(text) > MAX_NAME:
        raise Invalid.field(field_name, "too_long", f"{field_name} may have {MAX_NAME} characters at most.")
    return text or None


def _secret(given: str) -> str:
    try:
        return totp.parse_secret(given)
    except ValueError:
        message = "totp_secret must be base32 text of 80 bits at least."
        raise Invalid.field("totp_secret", "totp_secret_invalid", message) from None


def _data(factor: Factor) -> dict[str, Any]:
    return {
        "object": "authentication_factor",
        "id": factor.id,
        "type": factor.type,
        "user_id": factor.user_id,
        "totp": {"issuer": factor.issuer, "user": factor.account},
        "created_at": factor.created_at,
        "updated_at": factor.updated_at,
    }

"""Enrolling a second factor on the hosted pages: it is kept once its first code was right."""

from dataclasses import dataclass, field

from vestibule.server.identity import second_factors, totp
from vestibule.server.identity.codes import Outcome
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, NotFound
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.factors import add_totp, default_issuer, use_code
from vestibule.server.identity.people import User
from vestibule.server.identity.recovery_codes import replace_codes
from vestibule.server.identity.secrets import open_at_rest, seal_at_rest
from vestibule.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Offer:
    """`sealed` is what the sign-in keeps until the code comes."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    sealed: str = field(repr=False)


def offer_totp(identity: Identity, user: User, sealed: str | None = None) -> Offer:
    """A new secret, or the one that was offered before: a reload must not void what a phone has scanned."""
    kept = identity.settings.secret
    secret = totp.new_secret() if sealed is None else str(open_at_rest(sealed, kept))
    with identity.store.read() as tx:
        issuer = default_issuer(tx)
    uri = totp.uri_of(secret, issuer=issuer, account=user.email)
    return Offer(secret, uri, sealed or seal_at_rest(secret, kept))


def accept_totp(
    identity: Identity, user_id: str, offer: Offer, typed: str, *, caller: Caller = NOBODY
) -> list[str]:
    """The recovery codes that come with a first factor. Raises TooMany; Denied for a wrong code, and
    `second_factor_exists` when one was confirmed elsewhere meanwhile: then that one is to be shown.
    """
    second_factors.admit(identity, user_id)
    step = totp.find_step(offer.secret, typed, now=identity.now)
    outcome = Outcome.WRONG if step is None else Outcome.RIGHT
    codes: list[str] = []
    with identity.store.transaction() as tx:
        user = tx.users.lock(user_id)
        if user is None:
            raise NotFound.of("User", user_id)
        if tx.factors.list_verified(user_id):
            raise Denied("This account has a second factor by now.", code="second_factor_exists")
        if outcome is Outcome.RIGHT:
            codes = _keep(tx, identity, user, offer, typed)
        second_factors.note(tx, identity, outcome, user=user, caller=caller)
    if outcome is not Outcome.RIGHT:
        raise second_factors.refusal(outcome)
    return codes


def _keep(tx: Transaction, identity: Identity, user: User, offer: Offer, typed: str) -> list[str]:
    enrolled = add_totp(tx, identity, user_id=user.id, secret=offer.secret)
    use_code(tx, identity, enrolled.factor, typed)
    return replace_codes(tx, identity, user.id)

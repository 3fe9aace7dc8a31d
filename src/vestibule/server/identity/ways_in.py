"""How somebody can sign in, as those who help them see it: what is set, since when, and taking it away."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.factors import delete_factor
from vestibule.server.identity.passkeys import delete_passkey
from vestibule.server.identity.people import ProviderIdentity
from vestibule.server.store.factors import Factor
from vestibule.server.store.passkeys import Passkey


@dataclass(frozen=True, slots=True)
class WaysIn:
    """`password_set_at` is None without a password."""

    password_set_at: dt.datetime | None
    passkeys: Sequence[Passkey]
    factors: Sequence[Factor]
    recovery_codes: int
    identities: Sequence[ProviderIdentity]


def ways_in(identity: Identity, user_id: str) -> WaysIn:
    with identity.store.read() as tx:
        return WaysIn(
            tx.passwords.find_set_at(user_id),
            tx.passkeys.list_all(user_id),
            tx.factors.list_verified(user_id),
            tx.recovery_codes.count_unused(user_id),
            tx.identities.list(user_id),
        )


def remove_passkey(identity: Identity, user_id: str, passkey_id: str) -> None:
    """Raises NotFound, for another user's as for none."""
    delete_passkey(identity, user_id, passkey_id)


def remove_factor(identity: Identity, user_id: str, factor_id: str) -> None:
    """Raises NotFound, for another user's as for none."""
    with identity.store.read() as tx:
        found = {factor.id for factor in tx.factors.list_verified(user_id)}
    if factor_id not in found:
        raise NotFound.of("Authentication factor", factor_id)
    delete_factor(identity, factor_id)


def remove_identity(identity: Identity, user_id: str, *, provider: str, idp_id: str) -> None:
    """The account at the provider no longer signs in as this user. Raises NotFound."""
    with identity.store.transaction() as tx:
        if not tx.identities.delete_of(user_id, provider=provider, idp_id=idp_id):
            raise NotFound.of("Identity", idp_id)
        data = {"object": "identity", "user_id": user_id, "provider": provider, "idp_id": idp_id}
        append(tx, identity, "identity.deleted", data)

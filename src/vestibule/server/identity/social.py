"""Signing in at another provider: what is offered, and whose account it is here.

An account is known by the provider and the subject there, never by an e-mail address. By an address somebody
is joined to an account only where both sides have verified it, and the provider proves what it says.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

from vestibule.crypto.sealer import IronSealer
from vestibule.errors import LoginError, Unreachable
from vestibule.flow import Send, run
from vestibule.oauth import (
    Beginning,
    Client,
    Linking,
    Profile,
    ProviderError,
    ProviderSignIn,
    Transaction,
    Upstream,
    linking,
)
from vestibule.send import Sender
from vestibule.server.identity.context import Identity
from vestibule.server.identity.emails import parse_email
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.events import Caller, append, append_authentication
from vestibule.server.identity.people import User, user_data
from vestibule.server.identity.policies import METHODS
from vestibule.server.identity.provider_names import name_of
from vestibule.server.identity.users import add_user
from vestibule.server.store.transaction import Transaction as Tx
from vestibule.server.store.users import Taken

DENIED: Final = "access_denied"
FAILED: Final = "failed"
EMAIL_MISSING: Final = "email_missing"
ACCOUNT_EXISTS: Final = "account_exists"
NO_SIGN_UP: Final = "no_sign_up"
LONGEST_NAME: Final = 200


def offered(identity: Identity, methods: Collection[str]) -> Sequence[Client]:
    """Those that the policy allows. One that no policy has a word for is nobody's to forbid."""
    clients = identity.settings.providers
    return [each for each in clients if METHODS.get(name_of(each), "") in ("", *methods)]


def named(identity: Identity, name: str) -> Client | None:
    """By its id in addresses, or as the authorize request names it."""
    return next((each for each in identity.settings.providers if name in (each.id, name_of(each))), None)


def begin(identity: Identity, client: Client, *, login_token: str, hint: str = "") -> Beginning:
    """Where to send the browser, and what to remember. Raises ProviderError and Unreachable."""
    flow = _upstream(identity, client).begin(
        redirect_uri=f"{identity.settings.public_url}/callback/{client.id}",
        note=login_token,
        params={"login_hint": hint} if hint else {},
    )
    return run(flow, _send(identity))


def finish(
    identity: Identity, client: Client, params: Mapping[str, str], transaction: Transaction, caller: Caller
) -> User:
    """Whose account it is, made if it has to be. Raises Denied with one of the codes above."""
    try:
        signed_in = run(_upstream(identity, client).finish(params, transaction), _send(identity))
    except (LoginError, Unreachable) as error:
        denied = isinstance(error, ProviderError) and error.code == DENIED
        _tell(identity, caller, None, None, error=(error.code, error.message))
        raise Denied(error.message, code=DENIED if denied else FAILED) from error
    try:
        user = _find_or_make(identity, client, signed_in)
    except Denied as error:
        _tell(identity, caller, None, signed_in.profile.email, error=(error.code, error.message))
        raise
    _tell(identity, caller, user.id, user.email)
    return user


def sealer(identity: Identity) -> IronSealer:
    """For the cookie that binds a sign-in there to the browser."""
    return IronSealer((sha256(f"vestibule.social\0{identity.settings.secret}".encode()).hexdigest(),))


def _find_or_make(identity: Identity, client: Client, signed_in: ProviderSignIn) -> User:
    profile = signed_in.profile
    key = {"provider": name_of(client), "idp_id": profile.subject}
    with identity.store.transaction() as tx:
        known = tx.identities.find(**key)
        owner = tx.users.find(known.user_id) if known is not None else None
        if owner is not None:
            return owner
        if not profile.email or not profile.email_verified:
            raise Denied("The provider gives no verified e-mail address.", code=EMAIL_MISSING)
        user = _by_address(tx, identity, client, profile)
        tx.identities.create(**key, user_id=user.id, now=identity.now)
        return user


def _by_address(tx: Tx, identity: Identity, client: Client, profile: Profile) -> User:
    try:
        address = parse_email(profile.email or "")
    except ValueError:
        raise Denied("The provider's e-mail address cannot be used.", code=EMAIL_MISSING) from None
    user = tx.users.find_by_email_key(address.key)
    if user is not None:
        verdict = linking(
            profile, client.provider, local_email=user.email, local_email_verified=user.email_verified
        )
        if verdict is Linking.ALLOWED:
            return user
        if verdict is not Linking.UNVERIFIED_HERE or not _is_nobodys(tx, user):
            raise Denied(
                "An account with this address exists, and is not known to be theirs.", code=ACCOUNT_EXISTS
            )
        # Somebody typed this address in and never proved it: nothing of that may be in the owner's account.
        tx.users.delete(user.id)
        append(tx, identity, "user.deleted", user_data(user))
    if not identity.settings.sign_up:
        raise Denied("New accounts are not made here.", code=NO_SIGN_UP)
    names = {"first_name": profile.given_name, "last_name": profile.family_name, "name": profile.name}
    kept = {name: value[:LONGEST_NAME] for name, value in names.items() if value}
    try:
        return add_user(tx, identity, address=address, email_verified=True, **kept)
    except Taken:
        raise Denied("Somebody else was quicker with this address.", code=FAILED) from None


def _is_nobodys(tx: Tx, user: User) -> bool:
    """Whether a form made it and nothing came of it. One that the application made is the application's."""
    untouched = user.last_sign_in_at is None and user.external_id is None and not user.metadata
    return untouched and not user.email_verified and not tx.memberships.list_active(user.id)


def _tell(
    identity: Identity,
    caller: Caller,
    user_id: str | None,
    email: str | None,
    *,
    error: tuple[str, str] | None = None,
) -> None:
    with identity.store.transaction() as tx:
        append_authentication(tx, identity, "oauth", caller=caller, user_id=user_id, email=email, error=error)


def _upstream(identity: Identity, client: Client) -> Upstream:
    """Kept: it remembers the discovery document and the keys."""
    made: Upstream = identity.keyring.keep(
        f"provider {client.id}", lambda: Upstream(client, clock=lambda: identity.now.timestamp())
    )
    return made


def _send(identity: Identity) -> Send:
    return identity.ask_provider or _sender().send


@lru_cache(maxsize=1)
def _sender() -> Sender:
    return Sender()

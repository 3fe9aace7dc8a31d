"""`auth.direct`: what the code of the app can do in direct mode, awaited or not as the framework has it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, Unpack

from vestibule.direct import provider_tokens
from vestibule.direct.beginning import go
from vestibule.direct.kept import DirectSession
from vestibule.direct.sessions import direct_of, kept_of
from vestibule.direct.signing_in import Grants, user_of
from vestibule.direct.signing_out import after_end
from vestibule.direct.way import DirectWay, unknown
from vestibule.errors import ConfigError, Refused
from vestibule.flow import Flow
from vestibule.oauth.tokens import Tokens
from vestibule.session.answers import our_path
from vestibule.session.model import Session, SignedOut
from vestibule.session.visit import Visit

if TYPE_CHECKING:
    from vestibule.direct.aura.jose import Jose

__all__ = ["AsyncDirect", "BlockingDirect", "SessionResult", "SignInResult", "SignOutResult"]

T = TypeVar("T")
CHANGEABLE = frozenset(
    {
        "email", "email_verified", "first_name", "last_name", "locale", "metadata", "name",
        "profile_picture_url",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResult:
    """`success` and `authenticated` are the same: guides of this field use the one or the other."""

    session: DirectSession | None
    reason: SignedOut | None = None

    @property
    def authenticated(self) -> bool:
        return self.session is not None

    success = authenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInResult:
    """Send the browser to `sign_in_url`."""

    sign_in_url: str
    provider: str
    success: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutResult:
    """The cookie goes with this response; the browser may go to `redirect_url`."""

    redirect_url: str
    success: bool = True


class AsyncRunner(Protocol):
    """An AsyncEntry."""

    visit: Visit

    async def run(self, flow: Flow[T]) -> T: ...


class BlockingRunner(Protocol):
    """A BlockingEntry."""

    visit: Visit

    def run(self, flow: Flow[T]) -> T: ...


class _Direct:
    def __init__(self, way: DirectWay) -> None:
        self._way = way

    @property
    def jose(self) -> "Jose":
        """Tokens under the keys of the sessions, with `aura=True`. Raises ConfigError."""
        return self._way.jose

    def is_connected(self, session: Session, provider: str) -> bool:
        """Whether the session has an account of this provider."""
        return provider in kept_of(session).accounts

    def revoke(self, session_id: str) -> None:
        """Ends a session wherever its cookie is. Blocks. Raises ConfigError without `revocations=`."""
        self._revocations().revoke(session_id)

    def revoke_user(self, user_id: str) -> None:
        """Ends every session that this user has begun so far. Blocks. Raises as `revoke`."""
        self._revocations().revoke_user(user_id, now=self._way.source.clock())

    def _revocations(self) -> Any:
        revocations = self._way.revocations
        if revocations is None:
            raise ConfigError(
                "A sealed cookie cannot be recalled: give `Auth.direct` a revocations=, such as a "
                "SqlDataStore of vestibule.datastores."
            )
        return revocations


class AsyncDirect(_Direct):
    """`request` is the framework's request, or what else `auth.session` takes."""

    def __init__(self, way: DirectWay, entry_of: Callable[[Any], AsyncRunner]) -> None:
        super().__init__(way)
        self._entry_of = entry_of

    async def get_session(self, request: Any) -> SessionResult:
        """Raises Unreachable when the list of revoked sessions does not answer."""
        entry = self._entry_of(request)
        return await entry.run(get_session(entry.visit))

    async def sign_in(
        self, request: Any, provider: str, *, return_to: str | None = None, redirect: bool = True
    ) -> SignInResult:
        """Where to send the browser. `redirect`: straight to the provider, and the cookie of this sign-in
        leaves with the response; else to our own route, which does that when it is opened.
        Raises LoginError `provider_unknown`, ProviderError, Unreachable."""
        entry = self._entry_of(request)
        return await entry.run(sign_in(self._way, entry.visit, provider, return_to, redirect))

    async def sign_out(self, request: Any, *, return_to: str | None = None) -> SignOutResult:
        """Ends the session; the cookie goes with this response."""
        entry = self._entry_of(request)
        return await entry.run(end(self._way, entry.visit, return_to))

    async def update_session(
        self, request: Any, user: Mapping[str, object] | None = None, **grants: Unpack[Grants]
    ) -> DirectSession:
        """Changes what the session says; `user` has the fields of User. Never hand it what a browser sent.
        Raises Refused when signed out, ConfigError, SessionTooLarge."""
        entry = self._entry_of(request)
        return await entry.run(update_session(entry.visit, user, grants))

    async def provider_tokens(self, request: Any, provider: str) -> Tokens:
        """Those of the signed-in person, refreshed when they end soon. Raises Refused when signed out,
        ProviderError `provider_tokens_missing`, `provider_grant`, and Unreachable."""
        entry = self._entry_of(request)
        return await entry.run(tokens_of(self._way, entry.visit, provider))

    async def revoke_provider_tokens(self, request: Any, provider: str) -> bool:
        """Ends them at the provider too; False where it has no way to. Raises as `provider_tokens`."""
        entry = self._entry_of(request)
        return await entry.run(revoke_tokens(self._way, entry.visit, provider))

    async def refresh_user(self, request: Any, provider: str | None = None) -> DirectSession:
        """The profile as the provider has it now. Raises as `provider_tokens`."""
        entry = self._entry_of(request)
        return await entry.run(refresh_user(self._way, entry.visit, provider))


class BlockingDirect(_Direct):
    """As AsyncDirect, for frameworks that wait."""

    def __init__(self, way: DirectWay, entry_of: Callable[[Any], BlockingRunner]) -> None:
        super().__init__(way)
        self._entry_of = entry_of

    def get_session(self, request: Any) -> SessionResult:
        """As in AsyncDirect."""
        entry = self._entry_of(request)
        return entry.run(get_session(entry.visit))

    def sign_in(
        self, request: Any, provider: str, *, return_to: str | None = None, redirect: bool = True
    ) -> SignInResult:
        """As in AsyncDirect."""
        entry = self._entry_of(request)
        return entry.run(sign_in(self._way, entry.visit, provider, return_to, redirect))

    def sign_out(self, request: Any, *, return_to: str | None = None) -> SignOutResult:
        """As in AsyncDirect."""
        entry = self._entry_of(request)
        return entry.run(end(self._way, entry.visit, return_to))

    def update_session(
        self, request: Any, user: Mapping[str, object] | None = None, **grants: Unpack[Grants]
    ) -> DirectSession:
        """As in AsyncDirect."""
        entry = self._entry_of(request)
        return entry.run(update_session(entry.visit, user, grants))

    def provider_tokens(self, request: Any, provider: str) -> Tokens:
        """As in AsyncDirect."""
        entry = self._entry_of(request)
        return entry.run(tokens_of(self._way, entry.visit, provider))

    def revoke_provider_tokens(self, request: Any, provider: str) -> bool:
        """As in AsyncDirect."""
        entry = self._entry_of(request)
        return entry.run(revoke_tokens(self._way, entry.visit, provider))

    def refresh_user(self, request: Any, provider: str | None = None) -> DirectSession:
        """As in AsyncDirect."""
        entry = self._entry_of(request)
        return entry.run(refresh_user(self._way, entry.visit, provider))


def get_session(visit: Visit) -> Flow[SessionResult]:
    session = yield from visit.load()
    return SessionResult(session=direct_of(session) if session else None, reason=visit.reason)


def sign_in(
    way: DirectWay, visit: Visit, provider: str, return_to: str | None, redirect: bool
) -> Flow[SignInResult]:
    if provider not in way.clients:
        raise unknown(provider, way.clients)
    if redirect:
        url = yield from go(way, visit, provider, return_to=return_to)
    else:
        # Our own address: a cookie set while data is fetched for a page often gets lost, one of a navigation
        # does not.
        url = our_path(visit, f"sign-in/{provider}", return_to=return_to)
    return SignInResult(sign_in_url=url, provider=provider)


def end(way: DirectWay, visit: Visit, return_to: str | None) -> Flow[SignOutResult]:
    url = visit.end(return_to=return_to)
    yield from after_end(way, visit)
    return SignOutResult(redirect_url=url)


def update_session(
    visit: Visit, user: Mapping[str, object] | None, grants: Mapping[str, object]
) -> Flow[DirectSession]:
    session = yield from _signed_in(visit)
    changes: dict[str, Any] = dict(user or {})
    unknown_fields = sorted(changes.keys() - CHANGEABLE)
    if unknown_fields:
        raise ConfigError(f"{unknown_fields[0]!r} cannot be changed: use {', '.join(sorted(CHANGEABLE))}.")
    kept = session.kept.granted(grants)
    changed = replace(kept, user=replace(kept.user, **changes)).session()
    visit.replace(changed)
    return changed


def tokens_of(way: DirectWay, visit: Visit, provider: str) -> Flow[Tokens]:
    session = yield from _signed_in(visit)
    return (yield from provider_tokens.current(way, visit, session, provider))


def revoke_tokens(way: DirectWay, visit: Visit, provider: str) -> Flow[bool]:
    session = yield from _signed_in(visit)
    return (yield from provider_tokens.revoke(way, visit, session, provider))


def refresh_user(way: DirectWay, visit: Visit, provider: str | None) -> Flow[DirectSession]:
    session = yield from _signed_in(visit)
    name = provider or session.provider or ""
    tokens = yield from provider_tokens.current(way, visit, session, name)
    upstream = way.upstream(name)
    profile = yield from upstream.profile(tokens, subject=session.accounts.get(name, ""))
    known = session.user
    user = replace(user_of(profile, upstream.client), id=known.id, metadata=known.metadata)
    changed = replace(session.kept, user=user).session()
    visit.replace(changed)
    return changed


def _signed_in(visit: Visit) -> Flow[DirectSession]:
    session = yield from visit.load()
    if session is None:
        raise Refused("Nobody is signed in.", error="signed_out", status=401)
    return direct_of(session)

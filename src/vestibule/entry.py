"""One request's way in: what guards, handlers and templates ask of it, blocking or awaited.

Both kinds run the same flows; what needs no network is here once.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack, cast

from vestibule.errors import ConfigError, Forbidden, Unreachable, VestibuleError
from vestibule.flow import Flow, run, run_async
from vestibule.installation import Installation
from vestibule.send import Transport
from vestibule.session.core import Core
from vestibule.session.data import Data
from vestibule.session.guards import Recent, Requirement
from vestibule.session.model import Session, SignIn
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.session.way import AppCall, kind_of
from vestibule.wire.tokens import TokenAnswer

T = TypeVar("T")

__all__ = ["AsyncEntry", "BlockingEntry", "Entry", "RecentAuth", "SignInOptions"]


class SignInOptions(TypedDict, total=False):
    """What a sign-in may be asked to do. `max_age` is in seconds, 0 asks for a fresh sign-in; `state` comes
    back in `SignIn.state`, at most 2,048 bytes; `redirect_uri` replaces the one of the settings."""

    screen_hint: str | None
    organization_id: str | None
    login_hint: str | None
    domain_hint: str | None
    connection_id: str | None
    invitation_token: str | None
    prompt: str | None
    max_age: int | None
    redirect_uri: str | None
    state: str | None


@dataclass(frozen=True, slots=True)
class RecentAuth:
    """When the person proved who they are (None: not known), and whether that is too long ago."""

    authenticated_at: datetime | None
    is_stale: bool


class Entry:
    """What needs no network."""

    __slots__ = ("_user", "installation", "visit")

    def __init__(self, installation: Installation, visit: Visit) -> None:
        self.installation = installation
        self.visit = visit
        self._user: tuple[object, Any] | None = None

    @property
    def core(self) -> Core:
        return self.installation.core

    @property
    def transport(self) -> Transport:
        return self.installation.transport

    def authorization_url(self, *, return_to: str | None = None, **options: Unpack[SignInOptions]) -> str:
        """Where sign-in begins at the identity server. Only for an answer that sends the browser there at
        once: each call leaves a verifier cookie behind. Links go to `Auth.sign_in_url` instead."""
        return self.visit.begin(return_path=return_to, **options)

    def sign_out(self, *, return_to: str | None = None) -> str:
        """Ends the session with this response. The browser must go to the address it returns."""
        return self.visit.end(return_to=return_to)

    def clear(self) -> None:
        """Forgets the session in this browser only; at the identity server it goes on."""
        self.visit.clear()

    def forget_sign_ins(self) -> None:
        """No sign-in that this browser has begun can be finished any more."""
        self.visit.forget_sign_ins()

    def failed(self, error: VestibuleError) -> Reply:
        """The answer to an error a handler let through."""
        return self.core.failed(self.visit, error)

    def _route(self) -> str | None:
        incoming = self.visit.incoming
        return None if incoming.scheme in ("ws", "wss") else self.core.route(incoming)

    def _preloads(self) -> bool:
        incoming = self.visit.incoming
        if incoming.is_navigation:
            return True
        return self.installation.preloads and (incoming.wants_page or incoming.is_htmx)

    def _guarding(self, requirement: Requirement | None) -> Flow[Reply | None]:
        try:
            return (yield from self.core.guard(self.visit, requirement))
        except Unreachable as error:
            return self.core.unreachable(self.visit, error)

    def _protecting(self) -> Flow[Reply | None]:
        try:
            return (yield from self.core.protect(self.visit))
        except Unreachable as error:
            return self.core.unreachable(self.visit, error)

    def _counted(self, requirement: Requirement) -> Callable[[], Reply | None]:
        """Counts that somebody was let in, and turns away who was too often. May block."""
        core, visit, rates = self.core, self.visit, self.installation.rates

        def count() -> Reply | None:
            session = cast(Session, visit.peek())  # a guard has just let it in
            exceeded = rates.hit(requirement.rates, session.user.id, visit.journal)
            if exceeded is None:
                return None
            return core.too_many(visit, session, rate=exceeded.rate.name, seconds=exceeded.seconds)

        return count

    def _known(self, user: Any) -> Any:
        if user is None:
            message = "You are signed in, but this app does not know you."
            raise Forbidden(message, missing={}, code="unknown_user")
        return user

    def _loader(self) -> Callable[[Session], Any]:
        load_user = self.installation.load_user
        if load_user is None:
            raise ConfigError("This app has no own users. Give `Auth` a load_user=, which finds yours.")
        return load_user

    def _recent(self, session: Session | None, max_age: int) -> RecentAuth:
        if session is None:
            return RecentAuth(None, is_stale=True)
        stale = Recent(max_age).missing(session, self.visit.now) is not None
        return RecentAuth(session.authenticated_at, is_stale=stale)


class AsyncEntry(Entry):
    """For ASGI: what needs the network is awaited."""

    __slots__ = ()

    async def load(self) -> Session | None:
        """The session, or None. Raises Unreachable."""
        return await self.run(self.visit.load())

    async def refresh(self, *, organization_id: str | None = None) -> Session:
        """A new access token, in another organization if one is given. Raises Refused, Unreachable."""
        return await self.run(self.visit.refresh(organization_id=organization_id))

    async def switch_organization(self, organization_id: str, *, return_to: str | None = None) -> Session:
        """Raises SignInNeeded when the organization wants another way of signing in: let it through, and the
        browser is sent there and comes back to `return_to`. Raises Refused, Unreachable."""
        return await self.run(self.visit.switch(organization_id, return_to=return_to))

    async def save(self, answer: TokenAnswer | Mapping[str, object]) -> Session:
        """Signs in with what an SDK or the token endpoint answered (its JSON), after verifying the token.
        Never hand it what a browser sent. Raises LoginError, SessionTooLarge, Unreachable."""
        return await self.run(self.visit.save(answer))

    async def recent(self, max_age: int) -> RecentAuth:
        """Whether the person proved who they are at most `max_age` seconds ago. Never redirects."""
        return self._recent(await self.load(), max_age)

    async def user(self) -> Any:
        """The app's own user, from `load_user`, asked once a request; None when signed out. Raises Forbidden
        `unknown_user` for somebody the app does not know, Unreachable, ConfigError."""
        import asyncio

        load_user, session = self._loader(), await self.load()
        if session is None:
            return None
        if self._user is None or self._user[0] != _where(session):
            # A task of its own: it is asked once, also by two at the same time, and for who waits on.
            self._user = (_where(session), asyncio.ensure_future(self.call(load_user, session)))
        return self._known(await asyncio.shield(self._user[1]))

    async def data(self) -> Data[Any]:
        """What the app keeps for this browser, signed in or not: `value`, `update`, `clear`."""
        data = self.visit.data
        if data.needs_store and not data.is_loaded:
            await in_thread(data.load)
        data.load()
        return data

    async def guard(self, requirement: Requirement | None = None) -> Reply | None:
        """None: go on. Else what the visitor gets instead."""
        reply = await self.run(self._guarding(requirement))
        if reply is not None or requirement is None or not requirement.rates:
            return reply
        count = self._counted(requirement)
        return await in_thread(count) if self.installation.rates.blocks else count()

    async def protect(self) -> Reply | None:
        """Whole-app protection, as `guard`."""
        return await self.run(self._protecting())

    def guard_blocking(self, requirement: Requirement | None = None) -> Reply | None:
        """`guard` for code that runs in a worker thread."""
        reply = run(self._guarding(requirement), self.transport.send)
        if reply is not None or requirement is None or not requirement.rates:
            return reply
        return self._counted(requirement)()

    async def intercept(self) -> Any:
        """What this request is answered with in the app's place: a Reply, or what the app's
        `on_sign_in_error` gave. None: it is the app's turn. Adapters ask this first of all."""
        refused = self.core.refuse_cross_site(self.visit)
        if refused is not None:
            return refused
        route = self._route()
        if route is not None:
            return await self._own(route)
        if self._preloads():
            await self.run(self.visit.preload())
        return await self.protect() if self.visit.config.protect else None

    async def _own(self, route: str) -> Any:
        try:
            answer = await self.run(self.core.answer(self.visit, route))
            while isinstance(answer, AppCall):
                answer = await self.run(answer.then(await self.call(answer.hook, answer.argument)))
            if isinstance(answer, SignIn):
                await self.admit(answer)
                answer = self.core.complete(self.visit, answer)
        except VestibuleError as error:
            if kind_of(route) == "callback":
                custom = await self.call(self.installation.on_sign_in_error, error)
                if custom is not None:
                    return custom
            return self.failed(error)
        return answer

    async def admit(self, sign_in: SignIn) -> None:
        """Before anybody is signed in: when it raises, nobody is."""
        await self.call(self.installation.on_sign_in, sign_in)

    async def call(self, hook: Callable[..., Any] | None, argument: object) -> Any:
        return await call_hook(hook, argument)

    async def run(self, flow: Flow[T]) -> T:
        return await run_async(flow, self.transport.send_async)


class BlockingEntry(Entry):
    """For WSGI and scripts: waits for the network."""

    __slots__ = ()

    def load(self) -> Session | None:
        """The session, or None. Raises Unreachable."""
        return self.run(self.visit.load())

    def refresh(self, *, organization_id: str | None = None) -> Session:
        """A new access token, in another organization if one is given. Raises Refused, Unreachable."""
        return self.run(self.visit.refresh(organization_id=organization_id))

    def switch_organization(self, organization_id: str, *, return_to: str | None = None) -> Session:
        """As in `AsyncEntry`."""
        return self.run(self.visit.switch(organization_id, return_to=return_to))

    def save(self, answer: TokenAnswer | Mapping[str, object]) -> Session:
        """As in `AsyncEntry`."""
        return self.run(self.visit.save(answer))

    def recent(self, max_age: int) -> RecentAuth:
        """Whether the person proved who they are at most `max_age` seconds ago. Never redirects."""
        return self._recent(self.load(), max_age)

    def user(self) -> Any:
        """As in `AsyncEntry`."""
        load_user, session = self._loader(), self.load()
        if session is None:
            return None
        if self._user is None or self._user[0] != _where(session):
            self._user = (_where(session), call_hook_blocking(load_user, session))
        return self._known(self._user[1])

    def data(self) -> Data[Any]:
        """As in `AsyncEntry`."""
        data = self.visit.data
        data.load()
        return data

    def guard(self, requirement: Requirement | None = None) -> Reply | None:
        """None: go on. Else what the visitor gets instead."""
        reply = self.run(self._guarding(requirement))
        if reply is not None or requirement is None or not requirement.rates:
            return reply
        return self._counted(requirement)()

    def protect(self) -> Reply | None:
        """Whole-app protection, as `guard`."""
        return self.run(self._protecting())

    def intercept(self) -> Any:
        """As in `AsyncEntry`."""
        refused = self.core.refuse_cross_site(self.visit)
        if refused is not None:
            return refused
        route = self._route()
        if route is not None:
            return self._own(route)
        if self._preloads():
            self.run(self.visit.preload())
        return self.protect() if self.visit.config.protect else None

    def _own(self, route: str) -> Any:
        try:
            answer = self.run(self.core.answer(self.visit, route))
            while isinstance(answer, AppCall):
                answer = self.run(answer.then(call_hook_blocking(answer.hook, answer.argument)))
            if isinstance(answer, SignIn):
                self.admit(answer)
                answer = self.core.complete(self.visit, answer)
        except VestibuleError as error:
            if kind_of(route) == "callback":
                custom = call_hook_blocking(self.installation.on_sign_in_error, error)
                if custom is not None:
                    return custom
            return self.failed(error)
        return answer

    def admit(self, sign_in: SignIn) -> None:
        """As in `AsyncEntry`."""
        call_hook_blocking(self.installation.on_sign_in, sign_in)

    def run(self, flow: Flow[T]) -> T:
        return run(flow, self.transport.send)


def _where(session: Session) -> object:
    """An app may know somebody by the organization they are in, and a request may switch it."""
    return session.user.id, session.organization_id


async def in_thread(work: Callable[[], T]) -> T:
    """For what waits for a database."""
    import asyncio

    return await asyncio.to_thread(work)


async def call_hook(hook: Callable[..., Any] | None, argument: object) -> Any:
    """A blocking hook runs in a thread, so that it can use a database without stopping the loop."""
    if hook is None:
        return None
    # Here, as in `send`: with ssl and subprocess it takes longer to import than all the rest of the toolkit.
    import asyncio

    is_async = inspect.iscoroutinefunction(hook) or inspect.iscoroutinefunction(type(hook).__call__)
    result = hook(argument) if is_async else await asyncio.to_thread(hook, argument)
    return await result if inspect.isawaitable(result) else result


def call_hook_blocking(hook: Callable[..., Any] | None, argument: object) -> Any:
    """An async hook gets a loop of its own."""
    result = None if hook is None else hook(argument)
    if not inspect.iscoroutine(result):
        return result
    import asyncio

    return asyncio.run(result)

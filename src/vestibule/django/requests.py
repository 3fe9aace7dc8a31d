"""`request.auth`: what views ask of the session, waiting for it or awaiting it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.asyncio import async_unsafe

from vestibule.django import bridge
from vestibule.django.installation import KEY, Auth, get_auth
from vestibule.entry import AsyncEntry, BlockingEntry, Entry, RecentAuth
from vestibule.errors import NotInstalled, Unreachable
from vestibule.flow import Flow, run
from vestibule.flow import HttpRequest as Asked
from vestibule.flow import HttpResponse as Answered
from vestibule.session.core import MAX_BODY, Core
from vestibule.session.data import Data
from vestibule.session.guards import Requirement
from vestibule.session.incoming import Incoming
from vestibule.session.model import Session, SignIn
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.wire.tokens import TokenAnswer

MIDDLEWARE = "vestibule.django.AuthMiddleware"
LINE = f'MIDDLEWARE += ["{MIDDLEWARE}"]'
PUBLIC = "vestibule_public"
UNRESERVED = "/!$&'()*+,;=:@~-._"
WAITS = "This has to wait, which an async view cannot: `await request.auth.aload()` (arefresh, …) instead."

T = TypeVar("T")


class _InDjango(Entry):
    """What both ways of asking know of Django."""

    __slots__ = ("opened", "request")

    def __init__(self, auth: Auth, visit: Visit, request: HttpRequest) -> None:
        super().__init__(auth, visit)
        self.request = request
        self.opened = False  # for a view that is `@public`, of an app that is protected as a whole

    def _protecting(self) -> Flow[Reply | None]:
        if self.core.config.protect and is_public(_view_of(self.request)):
            self.opened = True
            return None
        return (yield from self.protecting())

    def protecting(self) -> Flow[Reply | None]:
        """Without a look at the view."""
        return (yield from super()._protecting())


class AwaitedAuth(_InDjango, AsyncEntry):
    """What the middleware awaits. Hooks that block run in the thread where Django's database is."""

    __slots__ = ()

    def _preloads(self) -> bool:
        # Templates cannot wait, and views render them without awaiting anything.
        incoming = self.visit.incoming
        return incoming.wants_page or incoming.is_htmx

    async def call(self, hook: Callable[..., Any] | None, argument: object) -> Any:
        if hook is None:
            return None
        result = hook(argument) if iscoroutinefunction(hook) else await sync_to_async(hook)(argument)
        return await result if hasattr(result, "__await__") else result

    async def admit(self, sign_in: SignIn) -> None:
        await super().admit(sign_in)
        if bridge.backend() is not None:
            await sync_to_async(bridge.signed_in)(self.request, sign_in.session)


class RequestAuth(_InDjango, BlockingEntry):
    """`request.auth`. Each name that has to wait has a twin to await: `refresh` and `arefresh`."""

    __slots__ = ("_awaited", "outage", "person", "told")

    def __init__(self, auth: Auth, visit: Visit, request: HttpRequest) -> None:
        super().__init__(auth, visit, request)
        self.outage: Unreachable | None = None  # met while somebody looked at `request.user`
        self.told = False  # whether Django knows that the session has ended
        self.person: bridge.Person | None = None
        self._awaited: AwaitedAuth | None = None

    @property
    def session(self) -> Session | None:
        """The session, or None; loaded when it is first asked for. Raises Unreachable."""
        return self.load()

    @property
    def awaited(self) -> AwaitedAuth:
        """The same visit, for code that awaits."""
        if self._awaited is None:
            self._awaited = AwaitedAuth(cast(Auth, self.installation), self.visit, self.request)
        return self._awaited

    async def aload(self) -> Session | None:
        return await self.awaited.load()

    async def arefresh(self, *, organization_id: str | None = None) -> Session:
        return await self.awaited.refresh(organization_id=organization_id)

    async def aswitch_organization(self, organization_id: str, *, return_to: str | None = None) -> Session:
        return await self.awaited.switch_organization(organization_id, return_to=return_to)

    async def asave(self, answer: TokenAnswer | Mapping[str, object]) -> Session:
        session = await self.awaited.save(answer)
        if bridge.backend() is not None and not self.visit.has_ended:
            await sync_to_async(bridge.signed_in)(self.request, session)
        self._present()
        return session

    async def arecent(self, max_age: int) -> RecentAuth:
        return await self.awaited.recent(max_age)

    async def auser(self) -> Any:
        return await self.awaited.user()

    async def adata(self) -> Data[Any]:
        return await self.awaited.data()

    async def aguard(self, requirement: Requirement | None = None) -> Reply | None:
        return await self.awaited.guard(requirement)

    def save(self, answer: TokenAnswer | Mapping[str, object]) -> Session:
        session = super().save(answer)
        if not self.visit.has_ended:
            bridge.signed_in(self.request, session)
        self._present()
        return session

    def sign_out(self, *, return_to: str | None = None) -> str:
        url = super().sign_out(return_to=return_to)
        self._present()
        return url

    def clear(self) -> None:
        super().clear()
        self._present()

    def admit(self, sign_in: SignIn) -> None:
        super().admit(sign_in)
        bridge.signed_in(self.request, sign_in.session)

    def _present(self) -> None:
        """`request.user` is somebody else from here on."""
        if self.person is not None:
            self.person.present()

    def run(self, flow: Flow[T]) -> T:
        return run(flow, self._send)

    @async_unsafe(WAITS)
    def _send(self, request: Asked) -> Answered:
        return self.transport.send(request)


class Request(HttpRequest):
    """For annotations: a request that has come through the middleware."""

    auth: RequestAuth


def enter(request: HttpRequest, auth: Auth) -> RequestAuth:
    """Gives the request its `auth`. Raises ConfigError."""
    auth.find_prefix()
    incoming = _with_next(read_incoming(request), auth.core)
    if auth.core.reads_body(incoming):
        incoming = replace(incoming, body=_body(request))
    entry = RequestAuth(auth, auth.core.visit(incoming), request)
    setattr(request, KEY, entry)
    cast(Request, request).auth = entry
    return entry


def _with_next(incoming: Incoming, core: Core) -> Incoming:
    """`login_required` and its like say `next` for where to come back to."""
    wanted = incoming.params.get("next")
    if wanted is None or "return_to" in incoming.params or core.route(incoming) not in ("sign_in", "sign_up"):
        return incoming
    return replace(incoming, query=f"{incoming.query}&{urlencode({'return_to': wanted})}")


def entry_of(request: object) -> RequestAuth:
    """Raises NotInstalled, naming the line that is missing."""
    inner = getattr(request, "_request", request)  # Django REST framework has one of its own around it
    entry = getattr(inner, KEY, None)
    if entry is None and isinstance(inner, HttpRequest) and MIDDLEWARE in settings.MIDDLEWARE:
        # A RequestFactory's, or a middleware's before ours: what a refresh brought would be lost.
        entry = enter(inner, get_auth())
        entry.visit.started()
    if entry is None:
        raise NotInstalled(f"This request did not come through our middleware. Add the line `{LINE}`.")
    return cast(RequestAuth, entry)


def is_public(view: object) -> bool:
    return bool(getattr(view, PUBLIC, False))


def read_incoming(request: HttpRequest) -> Incoming:
    """The path is the one Django finds the view by."""
    meta = request.META
    return Incoming(
        method=request.method or "GET",
        path=quote(request.path_info, safe=UNRESERVED),
        query=meta.get("QUERY_STRING", ""),
        headers=_headers(request),
        scheme=request.scheme or "http",
        host=_host(meta),
        root_path=quote(meta.get("SCRIPT_NAME", "").rstrip("/"), safe=UNRESERVED),
    )


def _headers(request: HttpRequest) -> dict[str, str]:
    meta = request.META
    headers = {
        name[5:].replace("_", "-").lower(): value for name, value in meta.items() if name.startswith("HTTP_")
    }
    if meta.get("CONTENT_TYPE"):
        headers["content-type"] = meta["CONTENT_TYPE"]
    scope = getattr(request, "scope", None)
    if scope is not None and "cookie" in headers:
        # Over HTTP/2 they come in several lines, which Django joins with a comma.
        lines = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"cookie"]
        headers["cookie"] = "; ".join(lines)
    return headers


def _host(meta: Mapping[str, Any]) -> str:
    forwarded = meta.get("HTTP_X_FORWARDED_HOST") if settings.USE_X_FORWARDED_HOST else None
    return str(forwarded or meta.get("HTTP_HOST") or meta.get("SERVER_NAME", ""))


def _body(request: HttpRequest) -> bytes:
    """At most what the core reads: its own forms are short."""
    try:
        return request.read(MAX_BODY)
    except OSError:  # broken off: the same as nothing
        return b""


def _view_of(request: HttpRequest) -> object:
    try:
        return resolve(request.path_info, getattr(request, "urlconf", None)).func
    except Resolver404:
        return None

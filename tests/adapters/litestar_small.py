"""Small apps in Litestar, for what the contract does not ask."""

from typing import Annotated, Any, TypeVar

from litestar import (
    Litestar,
    get,
)
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from tests.adapters.rigs import ORIGIN, Rig
from tests.adapters.starlette_app import rig
from vestibule.litestar import (
    Auth,
    CurrentSession,
)
from vestibule.testing import Clock, TestIssuer
from vestibule.testing.issuer import create_config

try:
    from litestar.params import JSONBody
except ImportError:  # Litestar before 2.23
    from litestar.params import Body

    JSONBody = Annotated[TypeVar("T"), Body()]


def install(*handlers: Any, settings: dict[str, Any] | None = None, hooks: Any = None, **app: Any) -> Rig:
    clock = Clock()
    config = create_config(**{"redirect_uri": f"{ORIGIN}/auth/callback", **(settings or {})})
    issuer = TestIssuer(config, clock=clock)
    auth = Auth(config, send=issuer, clock=clock, **(hooks or {}))
    made = Litestar(list(handlers), plugins=[auth], logging_config=None, **app)
    return rig("litestar", made, auth, issuer, clock)


@get("/x")
async def fine() -> str:
    return "fine"


@get("/me")
async def me(session: CurrentSession) -> str:
    return session.user.email


def passing(app: ASGIApp) -> ASGIApp:
    """A middleware, with which Litestar answers exceptions further inside."""

    async def through(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return through


class Order(Struct):
    amount: int

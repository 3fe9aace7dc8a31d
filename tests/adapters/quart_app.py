"""The contract's app in Quart, on an adapter that is not part of the package."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from quart import Blueprint, Quart, Response, abort, redirect, render_template, request, websocket
from quart.helpers import stream_with_context
from werkzeug.wrappers import Response as AnyResponse

from tests.adapters.acts import act
from tests.adapters.quart_adapter import Auth, current_auth, requires
from tests.adapters.rigs import Rig
from tests.adapters.starlette_app import EITHER, rig
from vestibule.templating import GuardExtension, template_names
from vestibule.testing import Clock, TestIssuer

pages = Blueprint("pages", __name__)
group = Blueprint("group", __name__, url_prefix="/group")


@group.before_request
@requires(role="admin")
async def only_admins() -> None:
    """Goes on."""


@pages.get("/")
async def home() -> dict[str, str | None]:
    session = await current_auth().load()
    return {"email": session.user.email if session else None}


@pages.get("/public")
@pages.get("/shop/x")
async def public() -> Response:
    return Response("public", headers={"Cache-Control": "public, max-age=60", "Vary": "Accept"})


@pages.get("/me")
@requires()
async def me() -> dict[str, str | None]:
    session = await current_auth().load()
    assert session is not None
    return {"email": session.user.email, "organization_id": session.organization_id}


@pages.get("/invoices")
@requires(permission="invoices:read")
async def invoices() -> str:
    return "invoices"


@pages.get("/both")
@requires(permission="invoices:read", role=["admin", "owner"])
def both() -> str:
    return "both"


@pages.get("/either")
@requires(EITHER)
async def either() -> str:
    return "either"


@pages.get("/recent")
@requires(recent=600)
async def recent() -> str:
    return "recent"


@pages.post("/note")
async def note() -> str:
    return (await request.get_data(as_text=True)) or "noted"


@pages.get("/boom")
async def boom() -> str:
    await current_auth().load()
    raise RuntimeError("boom")


@pages.get("/teapot")
async def teapot() -> str:
    await current_auth().load()
    abort(418)


@pages.get("/away")
async def away() -> AnyResponse:
    await current_auth().load()
    return redirect("/elsewhere", 302)


@pages.get("/stream")
async def stream() -> Response:
    @stream_with_context
    async def lines() -> AsyncIterator[bytes]:
        yield b"started "
        session = await current_auth().load()
        yield session.user.email.encode() if session else b"nobody"

    return Response(lines())


@pages.post("/switch")
async def switch() -> dict[str, str | None]:
    session = await current_auth().refresh(organization_id=request.args["to"])
    return {"organization_id": session.organization_id}


@pages.post("/leave")
async def leave() -> AnyResponse:
    await current_auth().load()
    return redirect(current_auth().sign_out(return_to="/bye"), 303)


@pages.post("/leave-then-refresh")
async def leave_then_refresh() -> dict[str, bool]:
    before = await current_auth().load()
    current_auth().sign_out()
    return {"before": bool(before), "after": bool(await current_auth().load())}


@pages.route("/act", methods=["GET", "POST"])
async def acting() -> dict[str, object]:
    return await act(current_auth(), request.args)


@pages.get("/greeting")
async def greeting() -> str:
    return await render_template("greeting.html", **template_names(current_auth(), current_auth().visit.peek))


@pages.websocket("/ws")
async def socket() -> None:
    session = await current_auth().load()
    await websocket.send_json({"email": session.user.email if session else None})


@pages.websocket("/private-ws")
@requires()
async def private_socket() -> None:
    session = await current_auth().load()
    assert session is not None
    await websocket.send_json({"email": session.user.email})


@group.get("/x")
async def grouped() -> str:
    return "public"


def create_app() -> Quart:
    app = Quart(__name__, template_folder=str(Path(__file__).with_name("templates")), static_folder=None)
    app.jinja_env.add_extension(GuardExtension)
    app.logger.disabled = True
    app.register_blueprint(pages)
    app.register_blueprint(group)
    return app


def build(issuer: TestIssuer, clock: Clock, hooks: dict[str, Any]) -> Rig:
    app = create_app()
    auth = Auth(app, issuer.config, **{"send": issuer, "clock": clock, **hooks})
    auth.preloads = True
    return rig("quart", app, auth, issuer, clock)

"""The contract's app in Flask."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
)
from werkzeug.wrappers import Response as AnyResponse

from tests.adapters.acts import act_blocking
from tests.adapters.rigs import ORIGIN, Answer, Rig
from tests.adapters.starlette_app import EITHER
from vestibule.flask import Auth, current_auth, current_session, requires
from vestibule.testing import Clock, TestIssuer

pages = Blueprint("pages", __name__)
group = Blueprint("group", __name__, url_prefix="/group")
group.before_request(requires(role="admin"))


def auth() -> Auth:
    found = current_app.extensions["vestibule"]
    assert isinstance(found, Auth)
    return found


@pages.get("/")
def home() -> Response:
    return jsonify(email=current_session.user.email if current_session else None)


@pages.get("/public")
def public() -> Response:
    return Response("public", headers={"Cache-Control": "public, max-age=60", "Vary": "Accept"})


@pages.get("/me")
@requires()
def me() -> Response:
    return jsonify(email=current_session.user.email, organization_id=current_session.organization_id)


@pages.get("/invoices")
@requires(permission="invoices:read")
def invoices() -> str:
    return "invoices"


@pages.get("/both")
@requires(permission="invoices:read", role=["admin", "owner"])
def both() -> str:
    return "both"


@pages.get("/either")
@requires(EITHER)
def either() -> str:
    return "either"


@pages.get("/recent")
@requires(recent=600)
def recent() -> str:
    return "recent"


@pages.post("/note")
def note() -> str:
    return request.get_data(as_text=True) or "noted"


@pages.get("/boom")
def boom() -> str:
    auth().session()
    raise RuntimeError("boom")


@pages.get("/teapot")
def teapot() -> str:
    auth().session()
    abort(418)


@pages.get("/away")
def away() -> AnyResponse:
    auth().session()
    return redirect("/elsewhere", 302)


@pages.get("/stream")
def stream() -> Response:
    @stream_with_context
    def lines() -> Iterator[str]:
        yield "started "
        yield current_session.user.email if current_session else "nobody"

    return Response(lines())


@pages.post("/switch")
def switch() -> Response:
    auth().session()
    session = auth().refresh(organization_id=request.args["to"])
    return jsonify(organization_id=session.organization_id)


@pages.post("/leave")
def leave() -> AnyResponse:
    auth().session()
    return redirect(auth().sign_out(return_to="/bye"), 303)


@pages.post("/leave-then-refresh")
def leave_then_refresh() -> Response:
    before = bool(current_session)
    auth().sign_out()
    return jsonify(before=before, after=bool(current_session))


@pages.route("/act", methods=["GET", "POST"])
def acting() -> Response:
    return jsonify(act_blocking(current_auth, request.args))


@pages.get("/greeting")
def greeting() -> str:
    return render_template("greeting.html")


@pages.get("/shop/x")
def shop() -> str:
    return "public"


@group.get("/x")
def grouped() -> str:
    return "public"


def create_app() -> Flask:
    app = Flask(__name__)
    app.logger.disabled = True
    app.register_blueprint(pages)
    app.register_blueprint(group)
    return app


def build(issuer: TestIssuer, clock: Clock, hooks: dict[str, Any]) -> Rig:
    app = create_app()
    installed = Auth(app, issuer.config, **{"send": issuer, "clock": clock, **hooks})
    return rig(app, installed, issuer, clock)


def rig(app: Flask, installed: Auth, issuer: TestIssuer, clock: Clock) -> Rig:
    client = app.test_client()
    bare = app.test_client(use_cookies=False)  # the other one would drop a Cookie header for its own jar

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        response = (bare if "Cookie" in headers else client).open(
            path, method=method, headers=dict(headers), data=body, base_url=ORIGIN
        )
        with response:
            return Answer(response.status_code, tuple(response.headers.items()), response.get_data())

    return Rig("flask", client, installed, issuer, clock, send)

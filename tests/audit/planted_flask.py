"""Seven mistakes in Flask."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Flask
from flask.views import MethodView
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.audit import unattached_flask
from tests.audit.planted import Planted
from vestibule.flask import Auth, requires
from vestibule.testing.issuer import create_config


def report() -> str:
    return "report"


@requires(permission="invoices:read")
def invoices() -> str:
    return "invoices"


def salaries() -> str:
    return "salaries"


guarded_salaries = requires(role="admin")(salaries)


def opaque(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"anything"]


def app_of(*, installed: bool = True, **settings: Any) -> Flask:
    app = Flask("tests.audit.planted_flask")
    if installed:
        Auth(app, create_config(**settings))
    app.get("/invoices")(invoices)
    return app


def reports(name: str = "reports", **options: Any) -> Blueprint:
    blueprint = Blueprint(name, __name__, **options)
    blueprint.get("/report")(report)
    return blueprint


def unguarded() -> list[Planted]:
    app = app_of()
    app.get("/report")(report)
    wrapped = app_of()
    wrapped.get("/report")(report)
    wrapped.wsgi_app = ProxyFix(wrapped.wsgi_app)  # type: ignore[method-assign]
    return [Planted(each, {("unguarded", "GET /report")}) for each in (app, wrapped, wrapped.wsgi_app)]


def above_the_route() -> list[Planted]:
    app = app_of()

    @requires(role="admin")
    @app.get("/above")
    def above() -> str:
        return "above"

    @app.get("/below")
    @requires(role="admin")
    def below() -> str:
        return "below"

    return [Planted(app, {("guard_not_applied", "GET /above")})]


def sub_app() -> list[Planted]:
    inner, outer, beside = app_of(), app_of(), app_of()
    inner.get("/report")(report)
    outer.wsgi_app = DispatcherMiddleware(outer.wsgi_app, {"/admin": inner})  # type: ignore[method-assign]
    alone = DispatcherMiddleware(app_of(), {"/admin": inner})
    beside.wsgi_app = DispatcherMiddleware(beside.wsgi_app, {"/plain": opaque})  # type: ignore[method-assign]
    return [
        Planted(outer, {("unguarded", "GET /admin/report")}),
        Planted(alone, {("unguarded", "GET /admin/report")}),
        Planted(beside, {("cannot_see", "* /plain/{path}")}),
    ]


def websocket() -> list[Planted]:
    """WSGI has none. The nearest is a WebSocket's WSGI app beside the app: nobody can see inside of it."""
    app = app_of()
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/live": opaque})  # type: ignore[method-assign]
    return [Planted(app, {("cannot_see", "* /live/{path}")})]


def router_level() -> list[Planted]:
    direct, nested, whole = app_of(), app_of(), app_of()
    blueprint = reports(url_prefix="/group")
    blueprint.before_request(requires(role="admin"))
    direct.register_blueprint(blueprint)
    outer = Blueprint("outer", __name__, url_prefix="/outer")
    outer.before_request(requires())
    outer.register_blueprint(reports(url_prefix="/inner"))
    nested.register_blueprint(outer)
    whole.before_request(requires())
    whole.get("/report")(report)
    whole.register_blueprint(reports(url_prefix="/free"))
    return [Planted(app, set()) for app in (direct, nested, whole)]


class Orders(MethodView):
    @requires(permission="orders:read")
    def get(self) -> str:
        return "orders"

    def post(self) -> str:
        return "ordered"


class AllOrders(Orders):
    decorators = [requires()]  # noqa: RUF012 - as Flask has it


def other_methods() -> list[Planted]:
    one, all_of_them, explicit = app_of(), app_of(), app_of()
    one.add_url_rule("/orders", view_func=Orders.as_view("orders"))
    all_of_them.add_url_rule("/orders", view_func=AllOrders.as_view("orders"))
    explicit.get("/report", provide_automatic_options=False)(requires()(report))
    explicit.add_url_rule("/report", "asked", report, methods=["OPTIONS"])
    return [
        Planted(one, {("method_unguarded", "POST /orders")}),
        Planted(all_of_them, set()),
        Planted(explicit, {("method_unguarded", "OPTIONS /report")}),
    ]


def not_holding() -> list[Planted]:
    again = app_of()
    again.get("/salaries")(guarded_salaries)
    again.add_url_rule("/raw", "raw", salaries)
    shadowed = app_of()
    shadowed.add_url_rule("/users", "open", lambda: "users")
    shadowed.add_url_rule("/users", "closed", requires(role="admin")(lambda: "users"))
    sorted_by_flask = app_of()
    sorted_by_flask.add_url_rule("/users/<name>", "named", requires()(lambda name: name))
    sorted_by_flask.add_url_rule("/users/admin", "admin", requires(role="admin")(lambda: "admin"))
    protected = app_of(protect=True, public_paths=("/api/:path*", "/about"))
    for path in ("/api/report", "/about", "/home"):
        protected.add_url_rule(path, path.strip("/").replace("/", "_"), lambda: "open")
    unattached = f"guard {unattached_flask.__name__}.for_admins"
    return [
        Planted(again, {("guard_not_applied", "GET /raw")}),
        Planted(unattached_flask.app, {("guard_unused", unattached)}),
        Planted(shadowed, {("unguarded", "GET /users"), ("shadowed", "GET /users")}),
        Planted(sorted_by_flask, set()),
        Planted(protected, {("opened_by_pattern", "GET /api/report")}),
        Planted(app_of(installed=False), {("not_installed", "GET /invoices")}),
    ]

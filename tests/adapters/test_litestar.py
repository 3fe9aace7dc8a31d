"""What only Litestar has: guards in layers, dependencies by name, a plugin, a document."""

from pathlib import Path
from typing import Any

import pytest
from litestar import (
    Controller,
    Litestar,
    Router,
    get,
    post,
)
from litestar.di import Provide
from litestar.exceptions import ImproperlyConfiguredException

from tests.adapters.litestar_app import AnyRequest, create_app
from tests.adapters.litestar_small import JSONBody, Order, install, me
from tests.adapters.rigs import FETCH, NAVIGATE, Rig
from tests.adapters.starlette_app import rig
from vestibule.errors import ConfigError
from vestibule.litestar import (
    AppData,
    Auth,
    CurrentAuth,
    CurrentSession,
    CurrentUser,
    OptionalSession,
    requires,
)
from vestibule.litestar.asking import NamedDependency
from vestibule.testing import Clock, TestIssuer, sign_in
from vestibule.testing.issuer import create_config

GUARD = requires(permission="reports:read")


# --- guards ---


def guarded_at(level: str) -> Rig:
    guard = [GUARD]

    class Reports(Controller):
        guards = guard if level == "controller" else None

        @get("/x", guards=guard if level == "handler" else None)
        async def x(self) -> str:
            return "fine"

    router = Router("/", route_handlers=[Reports], guards=guard if level == "router" else None)
    return install(router, guards=guard if level == "app" else None)


@pytest.mark.parametrize("level", ["app", "router", "controller", "handler"])
def test_a_guard_works_at_every_level(level: str) -> None:
    guarded = guarded_at(level)
    assert guarded.get("/x").status == 401
    assert guarded.open("/x").location == "/auth/sign-in?return_to=%2Fx"
    sign_in(guarded.client)
    assert guarded.get("/x").json["error"]["missing"] == {"permission": ["reports:read"]}
    sign_in(guarded.client, permissions=["reports:read"])
    assert guarded.get("/x").text == "fine"


def test_a_guard_on_the_app_leaves_our_own_routes_open() -> None:
    assert guarded_at("app").open("/auth/sign-in").status == 303


def test_every_guard_of_every_layer_must_let_in() -> None:
    @get("/x", guards=[requires(role="admin")])
    async def x() -> str:
        return "fine"

    guarded = install(x, guards=[GUARD])
    sign_in(guarded.client, permissions=["reports:read"])
    assert guarded.get("/x").json["error"]["missing"] == {"role": ["admin"]}
    sign_in(guarded.client, role="admin")
    assert guarded.get("/x").json["error"]["missing"] == {"permission": ["reports:read"]}
    sign_in(guarded.client, role="admin", permissions=["reports:read"])
    assert guarded.get("/x").status == 200


def test_a_guard_runs_before_the_body_is_judged() -> None:
    @post("/orders", guards=[requires()])
    async def order(data: JSONBody[Order]) -> Order:
        return data

    guarded = install(order)
    json = {**FETCH, "Content-Type": "application/json"}
    assert guarded.send("POST", "/orders", json, b"nonsense").status == 401
    sign_in(guarded.client)
    assert guarded.send("POST", "/orders", json, b"nonsense").status == 400
    assert guarded.send("POST", "/orders", json, b'{"amount": 3}').json == {"amount": 3}


def test_guards_carry_what_they_ask_for() -> None:
    guarded = install(me)
    assert GUARD.__vestibule_requirement__ is not None  # type: ignore[attr-defined]
    (found,) = [each for each in guarded.client.app.routes if each.path == "/me"]
    handler = next(each for each in found.route_handlers if "GET" in each.http_methods)
    metadata = handler.parsed_fn_signature.parameters["session"].metadata
    assert any(hasattr(each, "__vestibule_requirement__") for each in metadata)


# --- dependencies ---


def test_several_guards_and_sessions_load_once() -> None:
    async def organization(session: CurrentSession) -> str | None:
        return session.organization_id

    @get("/x", guards=[requires(), requires(role="admin")], dependencies={"of": Provide(organization)})
    async def x(
        session: OptionalSession, of: NamedDependency[str | None], auth: CurrentAuth, request: AnyRequest
    ) -> dict[str, Any]:
        again = await request.app.state.vestibule.session(request)
        return {"same": session == await auth.load() == again, "organization": of}

    guarded = install(x)
    sign_in(guarded.client, role="admin", organization_id="org_1", expires_in=-1)
    assert guarded.get("/x").json == {"same": True, "organization": "org_1"}
    assert len(guarded.issuer.requests_to("authenticate")) == 1


def test_a_dependency_that_needs_a_session_closes_its_handler() -> None:
    async def organization(session: CurrentSession) -> str | None:
        return session.organization_id

    async def tenant(organization: NamedDependency[str | None]) -> str:
        return f"tenant {organization}"

    @get("/x", dependencies={"tenant": Provide(tenant), "organization": Provide(organization)})
    async def x(session: OptionalSession, tenant: NamedDependency[str]) -> str:
        return tenant

    guarded = install(x)
    assert guarded.get("/x").status == 401
    sign_in(guarded.client, organization_id="org_1")
    assert guarded.get("/x").text == "tenant org_1"


def test_a_user_of_the_apps_own_needs_a_session() -> None:
    @get("/x")
    async def x(user: CurrentUser[dict[str, str]]) -> dict[str, str]:
        return user

    guarded = install(x, hooks={"load_user": lambda session: {"name": session.user.email}})
    assert guarded.get("/x").status == 401
    assert guarded.open("/x").status == 303
    sign_in(guarded.client, email="ada@example.com")
    assert guarded.get("/x").json == {"name": "ada@example.com"}


def test_what_the_app_keeps_for_a_browser_is_a_parameter_too() -> None:
    @post("/visits")
    async def visit(app_data: AppData[dict[str, int]]) -> dict[str, int]:
        app_data.update(visits=(app_data.value or {}).get("visits", 0) + 1)
        return dict(app_data.value)

    made = install(visit)
    assert made.post("/visits").json == {"visits": 1}
    assert made.post("/visits").json == {"visits": 2}


def test_a_parameter_of_another_name_is_found_at_the_start() -> None:
    @get("/x")
    async def x(visitor: OptionalSession) -> str:
        return "open" if visitor is None else "closed"

    with pytest.raises(ConfigError, match=r"call the parameter `visitor` of .* `session`"):
        install(x)


def test_a_dependency_of_the_apps_own_is_kept_unless_a_session_is_asked_for_there() -> None:
    async def database() -> str:
        return "database"

    @get("/x")
    async def x(session: NamedDependency[str]) -> str:
        return session

    guarded = install(x, dependencies={"session": Provide(database)})
    assert guarded.get("/x").text == "database"
    with pytest.raises(ConfigError, match="the app has its own"):
        install(me, dependencies={"session": Provide(database)})


def test_CA_1_what_is_cached_for_all_cannot_ask_for_one_visitors_session() -> None:
    @get("/x", cache=60)
    async def x(session: CurrentSession) -> str:
        return session.user.email

    with pytest.raises(ConfigError, match="`cache`"):
        install(x)


def test_CA_1_a_cached_answer_stays_behind_its_guard_and_holds_nobodys_cookie() -> None:
    @get("/x", cache=60, guards=[requires()])
    async def x() -> str:
        return "for everybody who is signed in"

    guarded = install(x)
    sign_in(guarded.client, expires_in=-1)
    first = guarded.get("/x")
    assert (first.status, len(first.session_cookies())) == (200, 1)
    guarded.client.cookies.clear()
    assert guarded.get("/x").status == 401
    sign_in(guarded.client)
    again = guarded.get("/x")
    assert (again.text, again.set_cookies) == (first.text, [])


def test_CA_1_a_page_cached_for_all_holds_nobodys_cookie() -> None:
    @get("/x", cache=60)
    async def x() -> str:
        return "for everybody"

    made = install(x)
    sign_in(made.client, expires_in=-1)
    assert len(made.open("/x").session_cookies()) == 1
    made.client.cookies.clear()
    again = made.open("/x")
    assert (again.text, again.set_cookies) == ("for everybody", [])


# --- the plugin ---


def test_without_the_plugin_nobody_gets_in() -> None:
    with pytest.raises(ImproperlyConfiguredException):
        Litestar([me])

    @get("/x", guards=[requires()])
    async def x() -> str:
        return "never"

    issuer = TestIssuer(create_config())
    bare = rig("litestar", Litestar([x], logging_config=None, debug=True), None, issuer, Clock())
    answer = bare.get("/x", NAVIGATE)
    assert answer.status == 500
    assert "plugins=[Auth()]" in answer.text


def test_an_app_has_one_auth() -> None:
    with pytest.raises(ConfigError, match="already"):
        Litestar([me], plugins=[Auth(), Auth()])


def test_routes_that_come_later_are_guarded_too() -> None:
    guarded = install(openapi_config=None)
    assert guarded.open("/auth/sign-in").status in (303, 404)
    guarded.client.app.register(me)
    assert guarded.open("/auth/sign-in").status == 303
    assert guarded.get("/me").status == 401
    sign_in(guarded.client, email="ada@example.com")
    assert guarded.get("/me").text == "ada@example.com"


def test_the_apps_settings_are_checked_at_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        pytest.RaisesGroup(ConfigError, allow_unwrapped=True, flatten_subgroups=True),
        rig("litestar", Litestar([me], plugins=[Auth()]), None, TestIssuer(create_config()), Clock()).client,
    ):
        pass


def test_the_sender_is_closed_with_the_app() -> None:
    closed: list[bool] = []

    class Sender(TestIssuer):
        def close(self) -> None:
            closed.append(True)

    config = create_config()
    app = Litestar([me], plugins=[Auth(config, send=Sender(config))], logging_config=None)
    with rig("litestar", app, None, TestIssuer(config), Clock()).client:
        assert closed == []
    assert closed == [True]


def test_the_document_shows_what_is_guarded() -> None:
    app = create_app()
    document = app.openapi_schema.to_schema()
    scheme = document["components"]["securitySchemes"]["session"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "cookie", "wos-session")
    guarded = {
        path for path, methods in document["paths"].items() for each in methods.values() if "security" in each
    }
    assert {"/me", "/invoices", "/both", "/either", "/recent", "/group/x"} <= guarded
    assert not {"/", "/public", "/note"} & guarded
    assert "session" not in [each["name"] for each in document["paths"]["/me"]["get"].get("parameters", [])]

"""What only FastAPI has: dependencies at every level, and a document that shows them."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient

from tests.adapters.fastapi_app import create_app
from tests.adapters.rigs import NAVIGATE, ORIGIN, Rig
from tests.adapters.starlette_app import rig
from vestibule.errors import NotInstalled
from vestibule.fastapi import Auth, CurrentSession, OptionalSession, requires
from vestibule.testing import Clock, TestIssuer, sign_in
from vestibule.testing.issuer import create_config


def install(app: FastAPI) -> Rig:
    clock = Clock()
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/auth/callback"), clock=clock)
    return rig("fastapi", app, Auth(app, issuer.config, send=issuer, clock=clock), issuer, clock)


async def fine() -> str:
    return "fine"


def guarded_at(level: str) -> FastAPI:
    guard = [requires(permission="reports:read")]
    app = FastAPI(dependencies=guard if level == "app" else [])
    router = APIRouter(dependencies=guard if level == "router" else [])
    router.add_api_route("/x", fine, dependencies=guard if level == "route" else [])
    app.include_router(router, dependencies=guard if level == "include" else [])
    return app


@pytest.mark.parametrize("level", ["app", "router", "include", "route"])
def test_a_guard_works_at_every_level(level: str) -> None:
    guarded = install(guarded_at(level))
    assert guarded.get("/x").status == 401
    assert guarded.open("/x").location == "/auth/sign-in?return_to=%2Fx"
    sign_in(guarded.client)
    assert guarded.get("/x").json["error"]["missing"] == {"permission": ["reports:read"]}
    sign_in(guarded.client, permissions=["reports:read"])
    assert guarded.get("/x").json == "fine"


def test_a_guard_on_the_app_leaves_our_own_routes_open() -> None:
    assert install(guarded_at("app")).open("/auth/sign-in").status == 303


def test_several_guards_and_sessions_load_once() -> None:
    app = FastAPI()

    def org(session: CurrentSession) -> str | None:
        return session.organization_id

    @app.get("/x", dependencies=[requires(), requires(role="admin")])
    def x(
        session: CurrentSession, maybe: OptionalSession, of: Annotated[str, Depends(org)]
    ) -> dict[str, Any]:
        return {"same": session == maybe, "organization": of}

    guarded = install(app)
    sign_in(guarded.client, role="admin", organization_id="org_1", expires_in=-1)
    assert guarded.get("/x").json == {"same": True, "organization": "org_1"}
    assert len(guarded.issuer.requests_to("authenticate")) == 1


def test_a_guard_runs_before_the_body_is_judged() -> None:
    app = FastAPI()

    @app.post("/x", dependencies=[requires()])
    def x(body: dict[str, int]) -> str:
        return "never"

    assert install(app).post("/x", "nonsense").status == 401


def test_the_document_shows_what_is_guarded() -> None:
    app = create_app()
    install(app)
    document = app.openapi()
    scheme = document["components"]["securitySchemes"]["session"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "cookie", "wos-session")
    guarded = {
        path for path, methods in document["paths"].items() for each in methods.values() if "security" in each
    }
    assert {"/me", "/invoices", "/both", "/either", "/recent", "/group/x"} <= guarded
    assert not {"/", "/public", "/note"} & guarded
    assert "session" not in [each["name"] for each in document["paths"]["/me"]["get"].get("parameters", [])]


def test_without_auth_a_guard_names_the_line_to_add() -> None:
    app = FastAPI()

    @app.get("/x")
    def x(session: CurrentSession) -> str:
        return "never"

    with pytest.raises(NotInstalled, match=r"Auth\(app\)"):
        TestClient(app).get("/x")


def test_a_mounted_app_is_guarded_by_the_outer_auth() -> None:
    outer, inner = FastAPI(), FastAPI()

    @inner.get("/x")
    def x(session: CurrentSession) -> str:
        return session.user.email

    outer.mount("/inner", inner)
    guarded = install(outer)
    assert guarded.get("/inner/x", NAVIGATE).location == "/auth/sign-in?return_to=%2Finner%2Fx"
    sign_in(guarded.client, email="ada@example.com")
    assert guarded.get("/inner/x").json == "ada@example.com"
    sign_in(guarded.client, expires_in=-1)
    guarded.issuer.drop()
    assert guarded.get("/inner/x").status == 503

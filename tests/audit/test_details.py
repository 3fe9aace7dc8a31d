"""What the report says of guards, who gets in, and where it must not be wrong."""

from pathlib import Path
from typing import Any

import flask
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

import vestibule.fastapi
import vestibule.flask
from tests.audit.planted import found_by
from vestibule.audit import Report, access, audit
from vestibule.audit.allowing import checked, read_allow_list
from vestibule.audit.as_html import as_html
from vestibule.audit.as_text import as_text
from vestibule.audit.words import in_words, rights_for
from vestibule.errors import ConfigError
from vestibule.session.guards import Missing, Requirement, mark, requirement
from vestibule.session.model import Session
from vestibule.starlette import Auth, requires
from vestibule.testing.issuer import create_config


def app_of(*routes: Any, **settings: Any) -> Starlette:
    app = Starlette(routes=list(routes))
    Auth(app, create_config(**settings))
    return app


async def page(request: Request) -> Response:
    return PlainTextResponse("page")


@requires(role="admin")
@requires(permission="users:delete")
async def guarded_twice(request: Request) -> Response:
    return PlainTextResponse("deleted")


def endpoint(report: Report, path: str) -> Any:
    return next(each for each in report.endpoints if each.path == path)


def test_guards_one_above_the_other_are_both_there() -> None:
    report = audit(app_of(Route("/users", guarded_twice)))
    assert report.ok
    assert endpoint(report, "/users").words == "permission users:delete and role admin"


def test_guards_one_above_the_other_are_both_there_in_flask() -> None:
    app = flask.Flask(__name__)
    vestibule.flask.Auth(app, create_config())

    @app.get("/users")
    @vestibule.flask.requires(role="admin")
    @vestibule.flask.requires(permission="users:delete")
    def users() -> str:
        return "deleted"

    report = audit(app)
    assert report.ok
    assert endpoint(report, "/users").words == "permission users:delete and role admin"


def test_a_guard_of_the_apps_own_counts_by_its_mark() -> None:
    async def own(request: Request) -> Response:
        return PlainTextResponse("staff")

    assert audit(app_of(Route("/staff", mark(own, requirement(role="staff"))))).ok


def test_an_override_that_is_a_guard_guards() -> None:
    app = FastAPI(openapi_url=None)
    vestibule.fastapi.Auth(app, create_config())
    weak, strong = vestibule.fastapi.requires(), vestibule.fastapi.requires(role="admin")

    @app.get("/users", dependencies=[weak])
    def users() -> str:
        return "users"

    app.dependency_overrides[weak.dependency] = strong.dependency
    report = audit(app)
    assert found_by(report) == {("guard_overridden", "GET /users")}
    assert endpoint(report, "/users").words == "role admin"


def test_whole_app_protection_of_an_app_below_counts_below() -> None:
    inner = app_of(Route("/page", page), Route("/open", page), protect=True, public_paths=("/open",))
    report = audit(Starlette(routes=[Mount("/inner", app=inner), Route("/page", page)]))
    assert found_by(report) == {("unguarded", "GET /page")}
    assert endpoint(report, "/inner/page").page.why == "whole app"
    assert endpoint(report, "/inner/open").page.why == "public path /open"
    assert endpoint(report, "/inner/auth/sign-in").kind == "ours"


def test_flask_apps_beside_each_other_have_their_own_protection() -> None:
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    def made(name: str, **settings: Any) -> flask.Flask:
        app = flask.Flask(name)
        vestibule.flask.Auth(app, create_config(**settings))
        app.add_url_rule("/page", "page", lambda: "page")
        return app

    outer = made("outer", protect=True)
    app = DispatcherMiddleware(outer, {"/inner": made("inner")})
    assert found_by(audit(app)) == {("unguarded", "GET /inner/page")}


def test_settings_that_are_missing_here_are_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = Starlette(routes=[Route("/page", page)])
    Auth(app, protect=True)
    report = audit(app)
    assert (report.ok, report.protect, report.warnings) == (True, True, ())


def test_settings_that_are_wrong_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = Starlette(routes=[Route("/page", page)])
    Auth(app, protect=True, public_paths=("/(",))
    report = audit(app)
    assert found_by(report) == {("unguarded", "GET /page")}
    assert report.warnings[0].startswith(
        "The settings cannot be read here, so whole-app protection is left out"
    )


def test_the_server_inside_an_app_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sqlalchemy")
    monkeypatch.chdir(tmp_path)
    app = FastAPI(openapi_url=None)
    vestibule.fastapi.Auth.embedded(app, database="sqlite:///auth.db")
    report = audit(app)
    assert list(tmp_path.iterdir()) == []
    assert endpoint(report, "/id/{path}").kind == "ours"


class Sunny(Requirement):
    def missing(self, session: Session, now: float) -> Missing | None:
        raise RuntimeError("asks the weather service")


@pytest.mark.parametrize(
    ("wanted", "words", "rights"),
    [
        (requirement(), "signed in", {}),
        (requirement(role="admin"), "role admin", {"roles": ["admin"]}),
        (
            requirement(permission=["a", "b"], flag="beta"),
            "permission a, b and flag beta",
            {"permissions": ["a", "b"], "feature_flags": ["beta"]},
        ),
        (requirement(organization=True), "an organization", {"organization": "org_audit"}),
        (requirement(organization="org_1"), "organization org_1", {"organization": "org_1"}),
        (requirement(recent=600), "a sign-in at most 600 seconds old", {"authenticated_ago": 0}),
        (
            requirement(role="admin") | requirement(entitlement="sso"),
            "role admin or entitlement sso",
            {"roles": ["admin"]},
        ),
        (requirement(rate="10/minute"), "signed in, at most 10/minute", {}),
        (Sunny(), "Sunny", None),
        (requirement(Sunny(), role="admin"), "Sunny and role admin", None),
    ],
)
def test_a_requirement_has_words_and_rights(wanted: Requirement, words: str, rights: Any) -> None:
    assert in_words(wanted) == words
    assert rights_for(wanted) == rights


def test_the_matrix_says_who_gets_in() -> None:
    either = requirement(role="owner") | requirement(permission="reports:read")
    report = audit(
        app_of(
            Route("/open", page),
            Route("/users", guarded_twice),
            Route("/reports", requires(either)(page)),
            Route("/recent", requires(recent=600)(page)),
        )
    )

    def row(path: str) -> list[str]:
        found = endpoint(report, path)
        cells = [access.signed_out(found), access.signed_in(found)]
        cells += [access.signed_in(found, role) for role in ("admin", "owner")]
        return [cell.needs or cell.way.value for cell in cells]

    assert row("/open") == ["open", "open", "open", "open"]
    both = "permission users:delete and role admin"
    assert row("/users") == ["closed", both, "permission users:delete", both]
    reports = "role owner or permission reports:read"
    assert row("/reports") == ["closed", reports, reports, "open"]
    assert row("/recent") == ["closed", "open", "open", "open"]


def test_the_page_shows_text_as_text() -> None:
    report = audit(app_of(Route("/<script>", requires(role="<b>")(page))), name="<i>app</i>")
    shown = as_html(report)
    assert "&lt;script&gt;" in shown
    assert [each for each in ("<script>", "<b>&", "<i>", "role <b>") if each in shown] == []


def test_the_page_names_any_method_alike_in_findings_and_routes() -> None:
    async def anything(scope: Any, receive: Any, send: Any) -> None: ...

    shown = as_html(audit(app_of(Mount("/plain", app=anything))))
    assert shown.count('<span class="method">ANY</span>') == 2
    assert '<span class="method">*</span>' not in shown


def test_an_allowance_for_get_is_one_for_head() -> None:
    report = audit(app_of(Route("/page", page)), allow=["GET /page"])
    assert report.ok
    assert "allowed" in as_text(report)


def test_an_allowance_for_one_method_leaves_the_others() -> None:
    app = app_of(Route("/page", page, methods=["GET", "POST"]))
    assert found_by(audit(app, allow=["GET /page"])) == {("unguarded", "POST /page")}
    assert audit(app, allow=["/page"]).ok
    assert audit(app, allow=["* /p*"]).ok


@pytest.mark.parametrize("entry", ["", "GET", "GET page", "page"])
def test_an_allowance_is_a_method_and_a_path(entry: str) -> None:
    with pytest.raises(ConfigError, match="no method and path"):
        checked([entry])


def test_the_nearest_pyproject_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.vestibule.audit]\nallow = ["/"]\n')
    (tmp_path / "deep" / "er").mkdir(parents=True)
    assert read_allow_list(tmp_path / "deep" / "er") == ("/",)
    (tmp_path / "deep" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert read_allow_list(tmp_path / "deep" / "er") == ()
    (tmp_path / "deep" / "pyproject.toml").write_text("[tool.vestibule.audit]\nallowed = ['/']\n")
    with pytest.raises(ConfigError, match="has `allow` only, and no `allowed`"):
        read_allow_list(tmp_path / "deep")
    (tmp_path / "deep" / "pyproject.toml").write_text("[tool")
    with pytest.raises(ConfigError, match=r"pyproject\.toml cannot be read"):
        read_allow_list(tmp_path / "deep")

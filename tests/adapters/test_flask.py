"""What only Flask has: proxies, factories, decorators in the wrong order."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView

from tests.adapters.flask_app import rig
from tests.adapters.rigs import ORIGIN, Rig
from vestibule.errors import ConfigError, NotInstalled
from vestibule.flask import Auth, current_session, requires
from vestibule.testing import Clock, TestIssuer, sign_in
from vestibule.testing.issuer import create_config


def install(app: Flask, **hooks: Any) -> Rig:
    clock = Clock()
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/auth/callback"), clock=clock)
    return rig(app, Auth(app, issuer.config, **{"send": issuer, "clock": clock, **hooks}), issuer, clock)


def test_a_guard_above_the_route_decorator_is_found_at_once() -> None:
    app = Flask(__name__)

    @requires(role="admin")
    @app.get("/secret")
    def secret() -> str:
        return "secret"

    @app.get("/fine")
    @requires(role="admin")
    def fine() -> str:
        return "fine"

    guarded = install(app)
    with pytest.raises(ConfigError, match="'secret'") as caught:
        guarded.get("/fine")
    assert len(caught.value.problems) == 1
    with pytest.raises(ConfigError, match="below"):
        guarded.get("/secret")
    with pytest.raises(ConfigError):
        guarded.auth.check_guards(app)


def test_a_guard_above_the_route_decorator_is_found_behind_other_decorators() -> None:
    app = Flask(__name__)

    @requires()
    @requires(role="admin")
    @app.get("/secret")
    def secret() -> str:
        return "secret"

    with pytest.raises(ConfigError, match="'secret'"):
        install(app).get("/secret")


def test_guards_in_the_right_place_are_not_complained_about() -> None:
    app = Flask(__name__)

    @app.get("/x")
    @requires()
    @requires(role="admin")
    def x() -> str:
        return "x"

    class Things(MethodView):
        decorators = [requires(role="admin")]  # noqa: RUF012 - Flask's own spelling

        def get(self) -> str:
            return "things"

    app.add_url_rule("/things", view_func=Things.as_view("things"))
    guarded = install(app)
    assert [guarded.get(path).status for path in ("/x", "/things")] == [401, 401]
    sign_in(guarded.client, role="admin")
    assert [guarded.get(path).text for path in ("/x", "/things")] == ["x", "things"]


def test_an_application_factory() -> None:
    clock, config = Clock(), create_config(redirect_uri=f"{ORIGIN}/auth/callback")
    issuer = TestIssuer(config, clock=clock)
    auth = Auth(config=config, send=issuer, clock=clock)
    app = Flask(__name__)
    app.add_url_rule("/me", view_func=requires()(lambda: current_session.user.email), endpoint="me")
    auth.init_app(app)
    guarded = rig(app, auth, issuer, clock)
    sign_in(guarded.client, email="ada@example.com")
    assert guarded.get("/me").text == "ada@example.com"


def test_a_second_auth_is_refused() -> None:
    app = Flask(__name__)
    Auth(app)
    with pytest.raises(ConfigError, match="already"):
        Auth(app)


def test_without_auth_a_guard_names_the_line_to_add() -> None:
    app = Flask(__name__)
    app.testing = True
    app.add_url_rule("/x", view_func=requires()(lambda: "x"), endpoint="x")
    app.add_url_rule("/y", view_func=lambda: current_session.id, endpoint="y")
    for path in ("/x", "/y"):
        with pytest.raises(NotInstalled, match=r"Auth\(app\)"):
            app.test_client().get(path)


def test_outside_of_a_request_there_is_no_session() -> None:
    with pytest.raises(RuntimeError, match="outside of"):
        _ = current_session.user


def test_a_request_context_of_a_test_or_shell_has_a_session_too() -> None:
    app = Flask(__name__)
    issuer = install(app).issuer
    cookie = "; ".join(f"{name}={value}" for name, value in issuer.cookies(email="ada@example.com").items())
    with app.test_request_context(headers={"Cookie": cookie}):
        assert current_session.user.email == "ada@example.com"


def test_settings_are_read_with_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VESTIBULE_CLIENT_ID", "WORKOS_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    app = Flask(__name__)
    Auth(app)
    with pytest.raises(ConfigError, match="VESTIBULE_CLIENT_ID"):
        app.test_client().get("/")


def test_a_config_error_of_a_handler_is_not_shown_to_visitors() -> None:
    app = Flask(__name__)
    app.logger.disabled = True

    @app.get("/x")
    def x() -> str:
        raise ConfigError("the secret setting is wrong")

    answer = install(app).get("/x")
    assert answer.status == 500
    assert "secret" not in answer.text


def test_the_apps_own_error_page_keeps_the_cookie() -> None:
    app = Flask(__name__)
    app.logger.disabled = True

    @app.get("/x")
    def x() -> str:
        bool(current_session)
        raise RuntimeError

    app.register_error_handler(500, lambda error: ("sorry", 500))
    guarded = install(app)
    sign_in(guarded.client, expires_in=-1)
    answer = guarded.get("/x")
    assert answer.text == "sorry"
    assert len(answer.session_cookies()) == 1


def test_a_hook_may_use_what_flask_offers_in_a_request() -> None:
    from flask import request, session

    app = Flask(__name__)
    app.secret_key = "only for this test"

    def remember(sign_in: Any) -> None:
        session["seen"] = sign_in.session.user.email + request.path

    app.add_url_rule("/seen", view_func=lambda: session["seen"], endpoint="seen")
    guarded = install(app, on_sign_in=remember)
    guarded.follow_sign_in(email="ada@example.com")
    assert guarded.get("/seen").text == "ada@example.com/auth/callback"


def test_reg_CVE_2026_0976_static_files_open_no_view_among_them(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("open")
    app = Flask(__name__, static_url_path="/files", static_folder=tmp_path)
    app.get("/files/secret", endpoint="secret")(lambda: "secret")
    app.post("/files/<name>", endpoint="upload")(lambda name: name)
    clock = Clock()
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/auth/callback", protect=True), clock=clock)
    made = rig(app, Auth(app, issuer.config, send=issuer, clock=clock), issuer, clock)
    assert made.get("/files/x.css").text == "open"
    for path in ("/files/secret", "/files/%73ecret"):
        assert made.get(path).status == 401
    assert made.post("/files/x.css").status == 401
    assert made.auth.is_open("/files/<path:filename>")  # as the guard report asks
    assert not made.auth.is_open("/files/secret")
    assert not made.auth.is_open("/nowhere")


def test_auth_knows_the_apps_own_user_and_data() -> None:
    issuer = TestIssuer(create_config(redirect_uri=f"{ORIGIN}/auth/callback"))
    app = Flask(__name__)
    auth = Auth(app, issuer.config, send=issuer, load_user=lambda session: session.user.email)
    early = Auth()
    assert not early.is_open("/static/x.css")

    @app.get("/")
    def home() -> dict[str, object]:
        auth.data().update(seen=True)
        return {"user": auth.user(), "data": auth.data().value}

    client = app.test_client()
    sign_in(client, email="ada@example.com")
    assert client.get("/").json == {"user": "ada@example.com", "data": {"seen": True}}

"""What hooks and functions take and give: grants, changes, and what there is no use for without a server."""

from typing import Any

import flask as flask_itself
import pytest

from tests.direct.conftest import Make
from tests.direct.world import SESSION, World, code_of, nobody_there
from vestibule import flask
from vestibule.direct import DirectSession, DirectSignIn, SessionResult
from vestibule.errors import ConfigError
from vestibule.flow import run
from vestibule.oauth import github
from vestibule.session.events import Journal
from vestibule.session.model import Session
from vestibule.session.payload import Payload
from vestibule.testing.people import create_grant, create_user
from vestibule.wire.claims import Claims


def session_of(world: World) -> DirectSession:
    """Of somebody who has just signed in, as the app sees it."""
    browser = world.sign_in()
    with world.site.app.test_request_context(headers={"Cookie": f"{SESSION}={browser.cookies[SESSION]}"}):
        found: SessionResult = world.auth.direct.get_session(flask_itself.request)
    assert found.session is not None
    return found.session


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"colour": "red"}, "nothing to grant called 'colour'"),
        ({"role": 7}, "role is a text"),
        ({"roles": "admin"}, "roles is a list"),
        ({"permissions": 7}, "permissions is a list"),
    ],
)
def test_a_grant_that_is_none_is_the_apps_mistake(given: dict[str, Any], said: str) -> None:
    raised: list[ConfigError] = []

    def on_sign_in(sign_in: DirectSignIn) -> None:
        try:
            sign_in.grant(**given)
        except ConfigError as error:
            raised.append(error)
            raise

    browser = World("flask", "github", on_sign_in=on_sign_in).browser()
    assert browser.sign_in().status == 500
    assert browser.cookies == {}
    assert said in raised[0].message


def test_every_word_of_a_guard_can_be_granted_and_taken_back() -> None:
    words: dict[str, Any] = {
        "organization_id": "org_1",
        "role": "admin",
        "roles": {"admin", "owner"},
        "permissions": ("b", "a"),
        "entitlements": ["sso"],
        "feature_flags": ["new"],
    }
    world = World("flask", "github", on_sign_in=lambda sign_in: sign_in.grant(**words))
    session = session_of(world)
    assert (session.organization_id, session.role) == ("org_1", "admin")
    assert (session.roles, session.permissions) == (frozenset({"admin", "owner"}), frozenset("ab"))
    assert (session.entitlements, session.feature_flags) == (frozenset({"sso"}), frozenset({"new"}))
    taken = session.kept.granted(dict.fromkeys(words)).session()
    assert (taken.organization_id, taken.role, taken.permissions) == (None, None, frozenset())
    assert taken.id == session.id


def test_only_what_is_said_of_somebody_can_be_changed() -> None:
    world = World("flask", "github")
    browser = world.sign_in()
    direct = world.auth.direct
    with world.site.app.test_request_context(headers={"Cookie": f"{SESSION}={browser.cookies[SESSION]}"}):
        for user in ({"id": "admin"}, {"created_at": None}):
            with pytest.raises(ConfigError, match=r"cannot be changed: use email, email_verified"):
                direct.update_session(flask_itself.request, user)
        changed = direct.update_session(flask_itself.request, {"metadata": {"team": "a"}}, role="admin")
        assert (changed.user.metadata, changed.role) == ({"team": "a"}, "admin")
        assert direct.get_session(flask_itself.request).session == changed


def test_a_session_of_another_mode_is_none_of_ours() -> None:
    grant = create_grant(create_user("ada@example.com", now=0), now=0)
    payload = Payload(access_token="a", refresh_token="r", user=grant.user)
    other = Session(payload=payload, claims=Claims.read({**grant.claims(), "iat": 0, "exp": 1}))
    direct = World("flask", "github").auth.direct
    with pytest.raises(ConfigError, match=r"not made by `Auth\.direct`"):
        direct.is_connected(other, "github")


def test_without_a_server_there_is_nothing_to_exchange(either: Make) -> None:
    source: Any = either("github").auth.core.sessions
    for flow in (source.exchange("code", None), source.load_caller(None, None, Journal()), source.admit({})):
        with pytest.raises(ConfigError, match="no identity server") as caught:
            run(flow, nobody_there)
        assert caught.value.code == "direct_mode"


def test_pages_of_trusted_origins_may_ask(either: Make) -> None:
    browser = either("github", trusted_origins=["https://front.example"]).sign_in()
    asked = {"Origin": "https://front.example", "Access-Control-Request-Method": "POST"}
    for path in ("link/github", "session", "refresh"):
        answer = browser.send("OPTIONS", f"/auth/{path}", page=False, **asked)
        assert answer.status == 204, path
        assert answer["Access-Control-Allow-Origin"] == "https://front.example"
    assert browser.get("/auth/client.js")["Content-Type"].startswith("text/javascript")
    assert code_of(browser.get("/auth/organization")) == "no_organizations"


def test_tokens_of_the_apps_own_are_for_auras_wire() -> None:
    ours = flask.Auth.direct(flask_itself.Flask(__name__), github(client_id="a", client_secret="b"))
    with pytest.raises(ConfigError, match="aura=True"):
        _ = ours.direct.jose

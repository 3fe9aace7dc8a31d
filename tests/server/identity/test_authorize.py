from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from tests.server.apps import BROWSER, CALLBACK, App
from vestibule.crypto.pkce import create_pair
from vestibule.server.identity.authorize import (
    AuthorizationError,
    AuthorizationRequest,
    check_authorization,
    refusal,
)
from vestibule.server.identity.browser import begin_browser_session
from vestibule.server.identity.logins import begin_login, finish_login, update_login
from vestibule.server.identity.redirect_uris import create_redirect_uri
from vestibule.server.identity.responding import WayBack

PAIR = create_pair()


def refused(app: App, **changes: str | None) -> AuthorizationError:
    params = {**app.ask(PAIR, state="s"), **changes}
    with pytest.raises(AuthorizationError) as caught:
        check_authorization(
            app.identity, {name: value for name, value in params.items() if value is not None}
        )
    return caught.value


def told(error: AuthorizationError) -> dict[str, list[str]]:
    assert error.redirect_to is not None
    assert error.redirect_to.startswith(CALLBACK + "?")
    return parse_qs(urlsplit(error.redirect_to).query)


def test_a_request_is_read_whole(app: App) -> None:
    asked = app.ask(
        PAIR,
        state="Fe26.2*1*a~2",
        provider="authkit",
        screen_hint="sign-up",
        login_hint="ada@example.com",
        organization_id="org_1",
        prompt="login consent",
        max_age="0",
        acr_values="urn:vestibule:2fa phr urn:vestibule:1fa urn:vestibule:2fa",
        scope="openid",
        nonce="n",
        unknown="is ignored",
    )
    request = check_authorization(app.identity, asked)
    assert request == AuthorizationRequest(
        client_id=app.client_id,
        redirect_uri=CALLBACK,
        state="Fe26.2*1*a~2",
        code_challenge=PAIR.challenge,
        screen_hint="sign-up",
        login_hint="ada@example.com",
        organization_id="org_1",
        prompt=("login", "consent"),
        max_age=0,
        acr_values=("urn:vestibule:2fa", "urn:vestibule:1fa"),
        scope="openid",
        nonce="n",
    )
    assert AuthorizationRequest.from_dict(request.as_dict()) == request


def test_a_plain_request_is_enough(app: App) -> None:
    request = check_authorization(app.identity, app.ask())
    assert request.code_challenge is None
    assert AuthorizationRequest.from_dict(request.as_dict()) == request


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "client_other"}, "invalid_client"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/callback"}, "invalid_redirect_uri"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_redirect_uri"),
    ],
)
def test_OR_2_before_the_address_is_known_nobody_is_sent_anywhere(
    app: App, changes: dict[str, str | None], code: str
) -> None:
    error = refused(app, **changes)
    assert error.code == code
    assert error.redirect_to is None


@pytest.mark.parametrize("name", ["redirect_uri", "client_id", "state", "code_challenge"])
def test_a_parameter_sent_twice_is_refused(app: App, name: str) -> None:
    params = app.ask(PAIR, state="s")
    with pytest.raises(AuthorizationError) as caught:
        check_authorization(app.identity, [*params.items(), (name, params[name])])
    assert caught.value.code == "invalid_request"
    assert (caught.value.redirect_to is None) == (name == "redirect_uri")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge_method": "s256"},
        {"code_challenge": None},
        {"code_challenge": "x" * 42},
        {"code_challenge": "x" * 44},
        {"code_challenge": "x" * 129},
        {"code_challenge": "+" * 43},
        {"code_challenge": "é" * 43},
        {"code_challenge": "x" * 43 + "\n"},
    ],
)
def test_AS_2_only_a_whole_S256_challenge_is_taken(app: App, changes: dict[str, str | None]) -> None:
    answer = told(refused(app, **changes))
    assert answer["error"] == ["invalid_request"]
    assert answer["state"] == ["s"]
    assert "code_challenge" in answer["error_description"][0]


@pytest.mark.parametrize("kind", ["token", "id_token token", "code token", "none"])
def test_AS_3_only_codes_are_given(app: App, kind: str) -> None:
    assert told(refused(app, response_type=kind))["error"] == ["unsupported_response_type"]


@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": None},
        {"response_mode": "web_message"},
        {"provider": "GoogleOAuth"},
        {"connection_id": "conn_1"},
        {"prompt": "none login"},
        {"prompt": "maybe"},
        {"max_age": "-1"},
        {"max_age": "1e3"},
        {"max_age": "\u0661"},
        {"max_age": "9" * 10},
        {"login_hint": "x" * 3_000},
        {"state": "x" * 9_000},
        {"nonce": "a\x00"},
    ],
)
def test_the_app_learns_what_is_wrong(app: App, changes: dict[str, str | None]) -> None:
    answer = told(refused(app, **changes))
    assert answer["error"] == ["invalid_request"]
    assert answer["error_description"]


def test_an_error_keeps_the_query_of_the_registered_address(app: App) -> None:
    way_back = WayBack(CALLBACK + "?tenant=1", "a b")
    error = refusal(app.identity, way_back, code="login_required", message="Sign in.")
    assert error.redirect_to is not None
    query = urlsplit(error.redirect_to).query
    assert parse_qsl(query) == [
        ("tenant", "1"),
        ("error", "login_required"),
        ("error_description", "Sign in."),
        ("state", "a b"),
    ]


@pytest.mark.parametrize(
    "state", ["Fe26.2*1*a_b-c*~2", "a b+c/d%20?&=#é😀", '{"a":"\\u0000"}', "x" * 8_192, "a\x00\r\n", None]
)
def test_the_state_comes_back_as_it_was(app: App, state: str | None) -> None:
    more = {} if state is None else {"state": state}
    request = check_authorization(app.identity, app.ask(PAIR, **more))
    login = begin_login(app.identity, request, BROWSER)
    user = app.create_user()
    login = update_login(app.identity, login, user_id=user.id, authentication_method="Password")
    target = finish_login(app.identity, login).redirect_to or ""
    answer = dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))
    assert answer.pop("code")
    assert answer == more


def test_a_code_goes_to_the_address_that_was_asked_for(app: App) -> None:
    create_redirect_uri(app.identity, "http://localhost:3000/callback?tenant=1")
    asked = app.ask(PAIR) | {"redirect_uri": "http://localhost:51234/callback?tenant=1"}
    request = check_authorization(app.identity, asked)
    user = app.create_user()
    present, _ = begin_browser_session(app.identity, user_id=user.id, authentication_method="Password")
    login = update_login(app.identity, begin_login(app.identity, request, BROWSER), user_id=user.id)
    target = finish_login(app.identity, login, present=present).redirect_to or ""
    assert target.startswith("http://localhost:51234/callback?tenant=1&code=")


def test_secrets_of_a_request_are_not_in_its_repr(app: App) -> None:
    request = check_authorization(
        app.identity,
        app.ask(PAIR, state="canary-state", nonce="canary-nonce", login_hint="canary@example.com"),
    )
    assert "canary" not in repr(request)
    assert PAIR.challenge not in repr(request)

"""npm's openid-client, unmodified, signs somebody in: the strictest reader of the standards there is."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.clocks import Clock
from tests.interop.peers import JS, node
from tests.server.hosted import Form, follow, submit
from tests.server.oidc.conftest import ADA, CALLBACK, PASSWORD
from tests.servers import Running
from vestibule.server.identity.context import utc_now
from vestibule.server.identity.redirect_uris import ensure_redirect_uri

pytestmark = pytest.mark.js


class OpenIdClient:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def __call__(self, operation: str, **parameters: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"operation": operation, **parameters}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer["result"]


class RefusedError(Exception):
    pass


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    started = subprocess.Popen(
        [node(), "openid.mjs"], cwd=JS, stdin=pipe, stdout=pipe, text=True, encoding="utf-8"
    )
    yield started
    started.communicate(timeout=20)


@pytest.fixture(params=["public", "confidential"])
def openid(
    request: pytest.FixtureRequest, process: subprocess.Popen[str], server: Running, clock: Clock
) -> OpenIdClient:
    clock.now = max(clock.now, utc_now())  # Node's does not stand still meanwhile
    client = OpenIdClient(process)
    secret = {"clientSecret": server.api_key} if request.param == "confidential" else {}
    client("discover", server=server.url, clientId=server.client_id, **secret)
    return client


def sign_in(openid: OpenIdClient, browser: httpx2.Client, **asked: str) -> httpx2.Response:
    url = openid("begin", redirect_uri=CALLBACK, scope="openid profile email", **asked)
    page = follow(browser, browser.get(url))
    return submit(browser, page, email=ADA, password=PASSWORD)


def finish(openid: OpenIdClient, answer: httpx2.Response, **more: Any) -> dict[str, Any]:
    return dict(openid("finish", url=answer.headers["location"], **more))


def test_it_signs_in_asks_who_it_is_refreshes_and_signs_out(
    server: Running, openid: OpenIdClient, browser: httpx2.Client
) -> None:
    tokens = finish(openid, sign_in(openid, browser))
    claims = tokens["claims"]
    assert (claims["iss"], claims["aud"], claims["email"]) == (server.url, server.client_id, ADA)
    assert claims["amr"] == ["pwd"]
    shown = openid("userinfo", token=tokens["access_token"], subject=claims["sub"])
    assert (shown["name"], shown["email_verified"]) == ("Ada Byron", True)
    refreshed = openid("refresh", token=tokens["refresh_token"])
    assert refreshed["claims"]["sub"] == claims["sub"]
    assert refreshed["claims"]["auth_time"] == claims["auth_time"]
    ensure_redirect_uri(server.identity, "http://localhost:3000/bye", kind="sign_out")
    end = openid(
        "end",
        id_token_hint=tokens["id_token"],
        post_logout_redirect_uri="http://localhost:3000/bye",
        state="s",
    )
    left = browser.get(end)
    assert (left.status_code, left.headers["location"]) == (302, "http://localhost:3000/bye?state=s")
    with pytest.raises(RefusedError, match="invalid_grant"):
        openid("refresh", token=refreshed["refresh_token"])


def test_it_reads_an_answer_that_is_posted(openid: OpenIdClient, browser: httpx2.Client) -> None:
    form = Form(sign_in(openid, browser, response_mode="form_post"))
    tokens = openid("finish", url=form.action, form=form.values)
    assert tokens["claims"]["email"] == ADA


def test_it_asks_for_a_fresh_sign_in(openid: OpenIdClient, browser: httpx2.Client) -> None:
    first = finish(openid, sign_in(openid, browser))
    again = finish(openid, sign_in(openid, browser, max_age="0"), maxAge=60)
    assert again["claims"]["auth_time"] >= first["claims"]["auth_time"]
    assert again["claims"]["sid"] != first["claims"]["sid"]


def test_it_learns_of_errors(openid: OpenIdClient, browser: httpx2.Client) -> None:
    url = openid("begin", redirect_uri=CALLBACK, scope="openid", prompt="none")
    answer = follow(browser, browser.get(url))
    with pytest.raises(RefusedError, match="login_required"):
        finish(openid, answer)


@pytest.mark.parametrize("openid", ["confidential"], indirect=True)
def test_it_asks_about_tokens_and_ends_them(openid: OpenIdClient, browser: httpx2.Client) -> None:
    tokens = finish(openid, sign_in(openid, browser))
    assert openid("introspect", token=tokens["access_token"])["sub"] == tokens["claims"]["sub"]
    openid("revoke", token=tokens["refresh_token"])
    assert openid("introspect", token=tokens["access_token"]) == {"active": False}


@pytest.mark.parametrize("openid", ["public"], indirect=True)
def test_it_signs_in_a_device(openid: OpenIdClient, browser: httpx2.Client) -> None:
    begun = openid("device")
    page = submit(browser, browser.get(begun["verification_uri_complete"]))
    page = submit(browser, page, email=ADA, password=PASSWORD)
    submit(browser, page, action="approve")
    assert openid("poll")["claims"]["email"] == ADA

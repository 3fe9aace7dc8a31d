"""The laboratory with the test clients people have: people, time, and what an app is left with."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

import vestibule.asgi
from tests.testing.sites import MAKERS, Site, starlette_app
from vestibule.send import Sender
from vestibule.testing import Clock, Lab, TestIssuer, sign_in


def test_one_line_signs_in_as_anyone(site: Site, auth_lab: Lab) -> None:
    auth_lab.use(site.client)
    assert site.me() == (401, "signed_out")
    auth_lab.sign_in(
        site.client,
        email="grace@example.com",
        organization="org_1",
        role="admin",
        permissions={"b", "a"},
        feature_flags={"beta"},
        impersonator="support@example.com",
        user={"first_name": "Grace"},
    )
    assert site.me() == {
        "email": "grace@example.com",
        "organization": "org_1",
        "role": "admin",
        "permissions": ["a", "b"],
        "flags": ["beta"],
        "impersonator": "support@example.com",
        "first_name": "Grace",
    }
    auth_lab.sign_out(site.client)
    assert site.me() == (401, "signed_out")


def test_time_passes_when_the_test_says_so(site: Site, auth_lab: Lab, auth_clock: Clock) -> None:
    issuer = auth_lab.sign_in(site.client)
    assert site.get("/recent").status == 200
    auth_clock.advance(minutes=11)
    assert site.get("/recent").json["error"]["code"] == "reauthentication_required"
    assert len(issuer.requests_to("/authenticate")) == 1, "the token was refreshed on the way"


@pytest.mark.parametrize("ago", [601, timedelta(minutes=11)])
def test_a_sign_in_can_be_long_ago(site: Site, auth_lab: Lab, ago: float | timedelta) -> None:
    auth_lab.sign_in(site.client, authenticated_ago=ago)
    assert site.get("/recent").status == 403
    auth_lab.sign_in(site.client, authenticated_at=auth_lab.clock() - 599)
    assert site.get("/recent").status == 200
    auth_lab.sign_in(site.client, authenticated_at=datetime.fromtimestamp(auth_lab.clock() - 601, UTC))
    assert site.get("/recent").status == 403


def test_what_contradicts_itself_is_refused(site: Site, auth_lab: Lab) -> None:
    with pytest.raises(TypeError, match="the same thing"):
        auth_lab.sign_in(site.client, organization="org_1", organization_id="org_2")
    with pytest.raises(TypeError, match="contradict"):
        auth_lab.sign_in(site.client, authenticated_ago=1, authenticated_at=1)


def test_the_app_gets_back_what_it_had(site: Site) -> None:
    before = site.auth.transport
    with Lab() as lab:
        lab.sign_in(site.client)
        assert isinstance(site.auth.transport, TestIssuer)
        assert site.auth.core.clock is lab.clock
    assert site.auth.transport is before
    assert isinstance(before, Sender)
    assert site.auth.core.clock is not lab.clock


def test_an_issuer_from_before_the_laboratory_is_there_afterwards(site: Site) -> None:
    issuer = sign_in(site.client, email="ada@example.com")
    with Lab() as lab:
        assert lab.sign_in(site.client, email="bob@example.com") is not issuer
        assert site.me()["email"] == "bob@example.com"
    assert sign_in(site.client) is issuer


def test_several_apps_live_in_one_laboratory(auth_lab: Lab, empty_environment: None) -> None:
    with pytest.raises(LookupError, match=r"lab\.use"):
        _ = auth_lab.issuer
    first, second = TestClient(starlette_app()[0]), TestClient(starlette_app()[0])
    one = auth_lab.sign_in(first, email="ada@example.com")
    other = auth_lab.sign_in(second, email="bob@example.com")
    assert one is not other
    assert auth_lab.issuer is other
    assert [client.get("/me").json()["email"] for client in (first, second)] == [
        "ada@example.com",
        "bob@example.com",
    ]


def test_an_app_mounted_in_another_is_found(auth_lab: Lab, empty_environment: None) -> None:
    inner, _ = starlette_app()
    auth_lab.sign_in(client := TestClient(Starlette(routes=[Mount("/shop", app=inner)])))
    assert client.get("/shop/me").json()["email"] == "ada@example.com"


def test_an_app_of_no_framework_is_found(auth_lab: Lab, empty_environment: None) -> None:
    async def hello(scope: Any, receive: Any, send: Any) -> None:
        session = await vestibule.asgi.entry_of(scope).load()
        body = (session.user.email if session else "nobody").encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    client = TestClient(vestibule.asgi.Auth(hello))
    auth_lab.sign_in(client)
    assert client.get("/").text == "ada@example.com"


def test_of_two_mounted_apps_the_test_names_one(auth_lab: Lab, empty_environment: None) -> None:
    (shop, auth), (blog, _) = starlette_app(), starlette_app()
    client = TestClient(Starlette(routes=[Mount("/shop", app=shop), Mount("/blog", app=blog)]))
    with pytest.raises(TypeError, match="2 apps"):
        auth_lab.sign_in(client)
    auth_lab.sign_in(client, auth=auth)
    assert client.get("/shop/me").status_code == 200


def test_an_app_can_come_before_its_client(auth_lab: Lab, empty_environment: None) -> None:
    pytest.importorskip("sqlalchemy", reason="the server is not installed")
    app, _ = starlette_app()
    issuer = auth_lab.use(app)
    with TestClient(app) as client:
        assert auth_lab.sign_in(client) is issuer
        assert client.get("/me").status_code == 200
    for cannot in (auth_lab.sign_in, auth_lab.sign_out, auth_lab.server().person().sign_in):
        with pytest.raises(TypeError, match="test client of it"):
            cannot(app)


def test_something_else_than_a_test_client_is_told_apart(auth_lab: Lab) -> None:
    with pytest.raises(TypeError, match="no test client"):
        auth_lab.use(object())


def test_many_threads_sign_in_at_once(empty_environment: None) -> None:
    app, auth = starlette_app()
    issuers, seen = [], []

    def visit(number: int) -> None:
        client = TestClient(app)
        issuers.append(sign_in(client, email=f"user{number}@example.com", expires_in=-1))
        seen.append(client.get("/me").json()["email"] == f"user{number}@example.com")

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 8
    assert set(issuers) == {auth.transport}


@pytest.mark.parametrize("kind", ["httpx", "litestar async"])
def test_an_asynchronous_client_is_signed_in_where_its_loop_runs(
    auth_lab: Lab, empty_environment: None, kind: str
) -> None:
    pytest.importorskip("sqlalchemy", reason="the server is not installed")
    site = MAKERS[kind]()

    async def story() -> list[str]:
        seen = []
        auth_lab.use(site.client)  # an app that starts up looks at its settings
        async with site.client as client:
            auth_lab.sign_in(client, email="bob@example.com")
            seen.append((await client.get("/me")).json()["email"])
            await auth_lab.server().person("grace@example.com").sign_in_async(client)
            seen.append((await client.get("/me")).json()["email"])
        return seen

    assert asyncio.run(story()) == ["bob@example.com", "grace@example.com"]

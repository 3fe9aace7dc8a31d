"""What a page of another origin may read: nothing, unless its origin is registered."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.servers import Running, running_server

PAGE = "https://spa.example.com"
STRANGER = "https://evil.example"
AUTHENTICATE = "/user_management/authenticate"
OPENED = [
    ("POST", AUTHENTICATE),
    ("GET", "/user_management/sessions/logout"),
    ("POST", "/oauth2/token"),
    ("GET", "/oauth2/userinfo"),
    ("GET", "/oauth2/jwks"),
    ("GET", "/.well-known/openid-configuration"),
    ("GET", "/sso/jwks/client_unknown"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    seed = {"cors_origins": [{"origin": PAGE}]}
    with running_server(tmp_path_factory.mktemp("cors"), seed=seed) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, timeout=20) as client:
        yield client


def preflight(client: httpx2.Client, path: str, origin: str) -> httpx2.Response:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    return client.options(path, headers={"origin": origin} | asked)


def allowed(answer: httpx2.Response) -> tuple[str | None, str | None]:
    headers = answer.headers
    return headers.get("access-control-allow-origin"), headers.get("access-control-allow-credentials")


@pytest.mark.parametrize(("method", "path"), OPENED)
def test_a_registered_origin_is_named_on_every_answer(client: httpx2.Client, method: str, path: str) -> None:
    answer = client.request(method, path, headers={"origin": PAGE})
    assert allowed(answer) == (PAGE, "true")
    assert "origin" in answer.headers["vary"].lower()


@pytest.mark.parametrize("origin", [STRANGER, "null", f"{PAGE}.evil.example", f"{PAGE}:444"])
@pytest.mark.parametrize(("method", "path"), OPENED)
def test_any_other_origin_gets_no_header(client: httpx2.Client, method: str, path: str, origin: str) -> None:
    answer = client.request(method, path, headers={"origin": origin})
    assert allowed(answer) == (None, None)
    assert (
        "origin" in answer.headers["vary"].lower()
    )  # or a cache would give this answer to the registered one
    assert allowed(preflight(client, path, origin)) == (None, None)
    assert "access-control-allow-methods" not in preflight(client, path, origin).headers


@pytest.mark.parametrize(("method", "path"), OPENED)
def test_a_preflight_is_answered(client: httpx2.Client, method: str, path: str) -> None:
    answer = preflight(client, path, PAGE)
    assert (answer.status_code, answer.content) == (204, b"")
    assert allowed(answer) == (PAGE, "true")
    assert "content-type" in answer.headers["access-control-allow-headers"]
    assert method in answer.headers["access-control-allow-methods"]
    assert answer.headers["x-request-id"].startswith("req_")


def test_pitfall_5_refusals_of_every_kind_can_be_read(client: httpx2.Client) -> None:
    headers = {"origin": PAGE, "content-type": "application/json"}
    too_large = client.post(AUTHENTICATE, content=b"x" * 70_000, headers=headers)
    unreadable = client.post(AUTHENTICATE, content=b"{", headers=headers)
    refused = client.post(AUTHENTICATE, json={"client_id": "c", "grant_type": "g"}, headers=headers)
    other_method = client.put(AUTHENTICATE, headers=headers)
    assert [each.status_code for each in (too_large, unreadable, refused, other_method)] == [
        413,
        400,
        400,
        405,
    ]
    for answer in (too_large, unreadable, refused, other_method):
        assert allowed(answer) == (PAGE, "true")


@pytest.mark.parametrize("path", ["/user_management/users", "/organizations", "/sign-in", "/openapi.json"])
def test_nothing_else_is_opened(server: Running, client: httpx2.Client, path: str) -> None:
    headers = {"origin": PAGE, "authorization": f"Bearer {server.api_key}"}
    assert allowed(client.get(path, headers=headers)) == (None, None)
    assert preflight(client, path, PAGE).status_code == 405


def test_pitfall_5_a_page_can_read_that_the_database_is_away(tmp_path: Path) -> None:
    with running_server(tmp_path, seed={"cors_origins": [{"origin": PAGE}]}) as server:
        refresh = {"client_id": server.client_id, "grant_type": "refresh_token", "refresh_token": "any"}
        with httpx2.Client(base_url=server.url, headers={"origin": PAGE}, timeout=20) as page:
            assert page.post(AUTHENTICATE, json=refresh).status_code == 400
            with closing(sqlite3.connect(tmp_path / "vestibule.db")) as connection:
                connection.execute("ALTER TABLE cors_origins RENAME TO away")
                connection.execute("ALTER TABLE environment RENAME TO away_too")
                connection.commit()
            server.identity.keyring.forget()
            failed = page.post(AUTHENTICATE, json=refresh)
            stranger = page.post(AUTHENTICATE, json=refresh, headers={"origin": STRANGER})
    assert (failed.status_code, allowed(failed)) == (503, (PAGE, "true"))
    assert (stranger.status_code, allowed(stranger)) == (503, (None, None))


def test_an_origin_of_any_length_is_no_work(client: httpx2.Client) -> None:
    answer = client.get("/oauth2/jwks", headers={"origin": "https://" + "a" * 20_000})
    assert (answer.status_code, allowed(answer)) == (200, (None, None))

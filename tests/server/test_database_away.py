"""A database that does not answer is a 503 that says when to come back, never a 500."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.servers import Running, running_server


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Running]:
    """The database loses a table that every request needs, and gets it back at the end."""
    with running_server(tmp_path) as server:
        with closing(sqlite3.connect(tmp_path / "vestibule.db")) as connection:
            connection.execute("ALTER TABLE environment RENAME TO away")
            connection.execute("ALTER TABLE api_keys RENAME TO api_keys_away")
            connection.commit()
        server.identity.keyring.forget()
        yield server


def test_the_token_endpoint_and_the_api_say_when_to_come_back(
    broken: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), broken.client() as client:
        answers = [
            broken.authenticate(client, grant_type="refresh_token", refresh_token="any"),
            client.get("/user_management/users"),
        ]
    for answer in answers:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["code"] == "unavailable"
    assert "database_unavailable" in caplog.text


def test_a_hosted_page_says_it_in_words(broken: Running) -> None:
    with broken.browser() as browser:
        answer = browser.get("/user_management/authorize?client_id=any")
    assert answer.status_code == 503
    assert "Please try again in a moment" in answer.text


def test_the_process_lives_and_is_not_ready(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        with closing(sqlite3.connect(tmp_path / "vestibule.db")) as connection:
            connection.execute("ALTER TABLE alembic_version RENAME TO away")
        assert httpx2.get(server.url + "/healthz").status_code == 200
        assert httpx2.get(server.url + "/readyz").status_code == 503

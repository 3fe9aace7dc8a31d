"""A client that says how long it waits (RFC 7240 §4.3) does not have its refresh token used up for nobody."""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.server.api.conftest import PASSWORD
from tests.servers import running_server


@pytest.mark.parametrize(
    ("prefer", "status"),
    [("respond-async, wait=1", 503), ("wait=60", 200), ("wait=soon", 200), ("wait=1e9", 200), ("", 200)],
)
def test_a_refresh_that_its_client_does_not_wait_for_changes_nothing(
    tmp_path: Path, prefer: str, status: int
) -> None:
    with running_server(tmp_path) as server, server.client() as client:
        person = {"email": "ada@example.com", "password": PASSWORD, "email_verified": True}
        assert client.post("/user_management/users", json=person).status_code == 201
        grant = {"grant_type": "password", "email": person["email"], "password": PASSWORD}
        token = server.authenticate(client, **grant).json()["refresh_token"]  # type: ignore[arg-type]
        body = {"client_id": server.client_id, "grant_type": "refresh_token", "refresh_token": token}
        answers: list[httpx2.Response] = []

        def ask() -> None:
            headers = {"prefer": prefer}
            answers.append(client.post("/user_management/authenticate", json=body, headers=headers))

        with closing(sqlite3.connect(tmp_path / "vestibule.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            asking = threading.Thread(target=ask)
            asking.start()
            time.sleep(1.5)  # longer than the first client waits
            other.execute("ROLLBACK")
            asking.join(timeout=30)
            (used,) = other.execute(
                "SELECT count(*) FROM refresh_tokens WHERE used_at IS NOT NULL"
            ).fetchone()
        assert answers[0].status_code == status
        assert used == (status == 200)
        again = client.post("/user_management/authenticate", json=body)
        assert again.status_code == 200

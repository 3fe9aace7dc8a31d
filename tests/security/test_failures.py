"""When everything fails: nobody gets in, and nothing that is secret comes out."""

import base64
import json
import logging
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.security.conftest import PASSWORD, SEED
from tests.security.raw import request, talk
from tests.servers import SECRET, Running, running_server
from vestibule.server.identity.users import find_user_by_email
from vestibule.server.identity.verification import send_verification

ADA = "ada@example.com"


def spellings(secret: str) -> set[str]:
    """As it might be found in a log. Base64 in each of its three alignments, without the ends they share."""
    aligned = [base64.b64encode(b"x" * shift + secret.encode()).decode() for shift in range(3)]
    return {secret, quote(secret, safe=""), *(text[4:-4] for text in aligned)}


def assert_hidden(text: str, secrets: list[str]) -> None:
    assert len(text) > 100
    for secret in secrets:
        assert len(secret) > 5
        for spelling in spellings(secret):
            assert spelling not in text


def database_in(directory: Path) -> sqlite3.Connection:
    return sqlite3.connect(directory / "vestibule.db", timeout=20, isolation_level=None)


@pytest.mark.parametrize(
    "table", ["refresh_tokens", "sessions", "password_credentials", "events", "authorization_codes", "users"]
)
def test_LG_2_a_failing_database_puts_no_secret_into_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, table: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with running_server(tmp_path, seed=SEED) as server, server.client() as api:
        first = server.authenticate(api, grant_type="password", email=ADA, password=PASSWORD).json()
        found = find_user_by_email(server.identity, "new@example.com")
        assert found is not None
        user = found.id
        code = send_verification(server.identity, user).code
        reset = api.post("/user_management/password_reset", json={"email": ADA}).json()[
            "password_reset_token"
        ]
        broken = database_in(tmp_path)
        broken.execute(f"ALTER TABLE {table} RENAME TO lost")
        broken.close()
        answers = [
            server.authenticate(api, grant_type="password", email=ADA, password=PASSWORD),
            server.authenticate(api, grant_type="refresh_token", refresh_token=first["refresh_token"]),
            server.authenticate(api, grant_type="authorization_code", code=first["refresh_token"]),
            api.post(
                "/user_management/password_reset/confirm",
                json={"token": reset, "new_password": "four purple umbrellas"},
            ),
            api.post(f"/user_management/users/{user}/email_verification/confirm", json={"code": code}),
            api.post("/user_management/users", json={"email": "other@example.com", "password": PASSWORD}),
        ]
        assert any(answer.status_code >= 500 for answer in answers)
        secrets = [PASSWORD, "four purple umbrellas", server.api_key, SECRET, reset]
        secrets += [first["access_token"], first["refresh_token"]]
    assert_hidden(caplog.text, secrets)
    for answer in answers:
        assert "Traceback" not in answer.text
        assert table not in answer.text or answer.status_code < 500
        assert "sqlite" not in answer.text.lower()
    shown = "".join(answer.text for answer in answers if answer.status_code >= 400)
    assert not [secret for secret in secrets if secret in shown]


def test_RL_4_nobody_gets_in_uncounted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running_server(tmp_path, seed=SEED) as server, server.client() as api:
        broken = database_in(tmp_path)
        broken.execute("ALTER TABLE rate_windows RENAME TO lost")
        refused = server.authenticate(api, grant_type="password", email=ADA, password=PASSWORD)
        assert refused.status_code in (500, 503)
        assert "access_token" not in refused.text
        broken.execute("ALTER TABLE lost RENAME TO rate_windows")
        broken.close()
        again = server.authenticate(api, grant_type="password", email=ADA, password=PASSWORD)
        assert again.status_code == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_LG_3_what_a_browser_calls_itself_is_one_line(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "vestibule")
    body = json.dumps(
        {
            "client_id": server.client_id,
            "client_secret": server.api_key,
            "grant_type": "password",
            "email": "a\u2028\x1b[31mforged@example.com",
            "password": "x\ny",
        }
    ).encode()
    lines = ["Content-Type: application/json", f"Content-Length: {len(body)}", "User-Agent: a\tb\x85forged"]
    path = "/user_management/authenticate?%1b[31m%0aforged"
    assert talk(server.url, request("POST", path, *lines, body=body)).statuses[0] < 500
    messages = [record.getMessage() for record in caplog.records]
    assert messages
    for text in messages:
        assert not set(text) & set("\x1b\x85\u2028\r\n")

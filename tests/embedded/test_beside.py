"""The commands and the official SDK, on the server inside an app."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from workos import WorkOSClient

from tests.embedded.apps import Built
from tests.embedded.real import listen, serving
from vestibule.server.identity.users import create_user

ADA = "ada@example.com"


def vestibule(directory: Path, *arguments: str, **environ: str) -> str:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from vestibule.cli import main; main()",
            *arguments,
            "--database",
            "sqlite:///auth.db",
        ],
        cwd=directory,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_commands_know_the_secret_of_development(make: Callable[..., Built], tmp_path: Path) -> None:
    built = make("flask")
    create_user(built.auth.identity, email=ADA)
    assert ADA in vestibule(tmp_path, "users", "list")
    assert "The app the server is in" in vestibule(tmp_path, "keys", "list")
    assert vestibule(tmp_path, "users", "create", "grace@example.com").startswith("user_")


def test_the_commands_take_the_secret_of_an_app_in_production(
    make: Callable[..., Built], tmp_path: Path
) -> None:
    secret = "a-secret-that-only-these-tests-know-of"
    built = make(
        "flask",
        redirect_uri="https://app.example.com/callback",
        secret=secret,
        cookie_passwords="a-password-that-only-these-tests-know",
    )
    create_user(built.auth.identity, email=ADA)
    assert ADA in vestibule(tmp_path, "users", "list", VESTIBULE_SERVER_SECRET=secret)


def test_the_official_sdk_works_below_a_path(make: Callable[..., Built]) -> None:
    listener = listen()
    origin = f"http://localhost:{listener.getsockname()[1]}"
    built = make("fastapi", redirect_uri=f"{origin}/callback", management_api=True)
    config = built.auth.config
    key, client_id = config.api_key, config.client_id
    with (
        serving(built, listener),
        WorkOSClient(api_key=key, client_id=client_id, base_url=config.url) as workos,
    ):
        made = workos.user_management.create_user(email=ADA)
        assert [user.id for user in workos.user_management.list_users().data] == [made.id]

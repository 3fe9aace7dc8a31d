import json
import signal
import socket
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.cli.running import VESTIBULE, environment, inside, serving

AUTHENTICATE = "/user_management/authenticate"


def grant(ready: dict[str, str]) -> dict[str, str]:
    demo: dict[str, str] = ready["demo_user"]  # type: ignore[assignment]
    return {
        "client_id": ready["client_id"],
        "client_secret": ready["api_key"],
        "grant_type": "password",
        "email": demo["email"],
        "password": demo["password"],
    }


def test_the_ready_line_holds_all_that_an_app_needs_and_it_works(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0") as server:
        ready = dict(server.ready)
        assert list(ready) == ["url", "api_key", "client_id", "cookie_password", "demo_user"]
        with httpx2.Client(base_url=ready["url"]) as client:
            assert client.get("/readyz").status_code == 200
            tokens = client.post(AUTHENTICATE, json=grant(ready)).json()
            assert tokens["user"]["email"] == ready["demo_user"]["email"]
            assert tokens["organization_id"].startswith("org_")
        assert server.stop() == 0


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0") as first:
        before = dict(first.ready)
        headers = {"authorization": f"Bearer {before['api_key']}"}
        with httpx2.Client(base_url=before["url"], headers=headers) as client:
            made = client.post("/organizations", json={"name": "Lasting"}).json()
        assert first.stop(signal.SIGINT) == 0
    with serving(tmp_path, "--port", "0") as second:
        after = dict(second.ready)
        assert {**after, "url": ""} == {**before, "url": ""}
        with httpx2.Client(base_url=after["url"], headers=headers) as client:
            assert client.get(f"/organizations/{made['id']}").json() == made
    assert (tmp_path / ".vestibule" / "state.json").stat().st_mode & 0o077 == 0
    assert (tmp_path / ".vestibule" / ".gitignore").read_text() == "*\n"


def test_the_printed_password_works_even_after_it_was_changed(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0") as server:
        ready = dict(server.ready)
        headers = {"authorization": f"Bearer {ready['api_key']}"}
        with httpx2.Client(base_url=ready["url"], headers=headers) as client:
            (user,) = client.get("/user_management/users").json()["data"]
            changed = client.put(f"/user_management/users/{user['id']}", json={"password": "Another-Horse-7"})
            assert changed.status_code == 200
            assert client.post(AUTHENTICATE, json=grant(ready)).status_code == 400
        server.stop()
    with serving(tmp_path, "--port", "0") as server:
        url = server.ready["url"] + AUTHENTICATE
        assert httpx2.post(url, json=grant(dict(server.ready))).status_code == 200


def test_people_get_the_lines_to_copy(tmp_path: Path) -> None:
    command = [VESTIBULE, "serve", "--port", "0", "--app-url", "http://localhost:4321"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while lines[-1] and "Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
        process.terminate()
        assert process.wait(timeout=30) == 0
    text = "".join(lines)
    assert "ada@example.com" in text
    assert "/dev/inbox" in text
    settings = dict(line.strip().split("=", 1) for line in lines if line.startswith("VESTIBULE_"))
    assert settings["VESTIBULE_REDIRECT_URI"] == "http://localhost:4321/auth/callback"
    assert set(settings) == {
        f"VESTIBULE_{name}" for name in ("URL", "CLIENT_ID", "API_KEY", "COOKIE_PASSWORD", "REDIRECT_URI")
    }


def test_a_seed_is_sown_once_with_the_ids_it_gives(tmp_path: Path) -> None:
    seed = {
        "environment": {"client_id": "client_seeded"},
        "organizations": [{"id": "org_01SEEDED0000000000000000000", "name": "Seeded"}],
        "users": [
            {"id": "user_01SEEDED000000000000000000", "email": "grace@example.com", "email_verified": True}
        ],
        "memberships": [
            {
                "email": "grace@example.com",
                "organization_id": "org_01SEEDED0000000000000000000",
                "role": "admin",
            }
        ],
        "redirect_uris": [{"uri": "https://app.example.com/callback"}],
    }
    (tmp_path / "seed.json").write_text(json.dumps(seed))
    for _ in range(2):
        with serving(tmp_path, "--port", "0", "--seed", "seed.json") as server:
            assert server.ready["client_id"] == "client_seeded"
            headers = {"authorization": f"Bearer {server.ready['api_key']}"}
            with httpx2.Client(base_url=server.ready["url"], headers=headers) as client:
                path = "/user_management/organization_memberships"
                query = {"user_id": "user_01SEEDED000000000000000000"}
                (membership,) = client.get(path, params=query).json()["data"]
                assert membership["role"] == {"slug": "admin"}
            server.stop()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("seed.json", "{", "not valid"),
        ("seed.toml", "= 1", "not valid"),
        ("seed.json", "[]", "one table or object"),
        ("seed.json", '{"people": []}', "people"),
    ],
)
def test_a_seed_that_cannot_be_read_is_explained(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    (tmp_path / name).write_text(content)
    done = inside(tmp_path, "serve", "--port", "0", "--seed", name)
    assert done.code == 2
    assert reason in done.err
    assert "Traceback" not in done.err


def test_a_taken_port_is_explained_and_nothing_is_written(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = inside(tmp_path, "serve", "--port", str(port))
    assert done.code == 2
    assert done.err.strip() == (
        f"vestibule: Port {port} is taken by another program: stop it, or choose another with --port"
    )
    assert not (tmp_path / ".vestibule").exists()


def test_a_development_server_does_not_leave_loopback(tmp_path: Path) -> None:
    done = inside(tmp_path, "serve", "--port", "0", "--host", "0.0.0.0")  # noqa: S104
    assert done.code == 2
    assert "VESTIBULE_SERVER_PUBLIC_URL" in done.err


def test_a_public_server_without_secrets_ends_with_2_and_lists_all_that_is_missing(tmp_path: Path) -> None:
    done = inside(
        tmp_path,
        "serve",
        "--port",
        "0",
        VESTIBULE_SERVER_PUBLIC_URL="http://id.example.com",
        VESTIBULE_SERVER_ENVIRONMENT="production",
    )
    assert done.code == 2
    for name in ("PUBLIC_URL", "SECRET", "SMTP_URL"):
        assert f"VESTIBULE_SERVER_{name}" in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / ".vestibule").exists()


def test_a_public_server_prints_no_secret_and_makes_no_demo(tmp_path: Path) -> None:
    settings = {
        "VESTIBULE_SERVER_PUBLIC_URL": "https://id.example.com",
        "VESTIBULE_SERVER_SECRET": "kZ3v9Qh1-for-these-tests-and-nothing-else",
        "VESTIBULE_SERVER_DATABASE": "sqlite:///public.db",
    }
    with serving(tmp_path, "--port", "0", "--host", "127.0.0.1", **settings) as server:
        assert server.ready["url"] == "https://id.example.com"
        assert server.ready["client_id"].startswith("client_")
        assert [server.ready[name] for name in ("api_key", "cookie_password", "demo_user")] == [None] * 3
        server.stop()
    made = inside(tmp_path, "keys", "create", "First", **settings)
    assert made.out.startswith("sk_test_")
    assert "First" in inside(tmp_path, "keys", "list", **settings).out
    assert made.out.strip() not in inside(tmp_path, "keys", "list", **settings).out
    assert inside(tmp_path, "users", "list", **settings).out == ""
    assert not (tmp_path / ".vestibule").exists()


def test_another_secret_is_explained(tmp_path: Path) -> None:
    settings = {
        "VESTIBULE_SERVER_PUBLIC_URL": "http://localhost:8100",
        "VESTIBULE_SERVER_DATABASE": "sqlite:///kept.db",
    }
    first = {"VESTIBULE_SERVER_SECRET": "kZ3v9Qh1-for-these-tests-and-nothing-else"}
    other = {"VESTIBULE_SERVER_SECRET": "a-different-secret-that-was-typed-later-9Q"}
    assert inside(tmp_path, "keys", "list", **settings, **first).code == 0
    refused = inside(tmp_path, "serve", "--port", "0", **settings, **other)
    assert refused.code == 2
    assert "vestibule keys rotate" in refused.err
    assert inside(tmp_path, "keys", "rotate", **settings, **other).code == 0

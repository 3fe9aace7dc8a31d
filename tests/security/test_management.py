"""Every operation of the management API, taken from the server's own description of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.servers import SECRET, Running

PUBLIC = {
    "/user_management/authenticate",
    "/user_management/authorize/device",  # RFC 8628: a device keeps no secret
    "/sso/jwks/{client_id}",
}


def operations(server: Running) -> list[tuple[str, str, dict[str, Any]]]:
    described = httpx2.get(f"{server.url}/openapi.json").json()
    return [
        (method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "post", "put", "delete", "patch")
    ]


def filled(path: str, value: str) -> str:
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


def test_AD_3_nothing_is_answered_without_a_key(server: Running) -> None:
    tried = 0
    with httpx2.Client(base_url=server.url) as stranger:
        for method, path, _ in operations(server):
            if path in PUBLIC:
                continue
            for headers in ({}, {"authorization": "Bearer sk_test_wrong"}, {"cookie": f"k={server.api_key}"}):
                address = f"{filled(path, 'x_1')}?api_key={server.api_key}"
                answer = stranger.request(method, address, json={}, headers=headers)
                assert answer.status_code == 401, (method, path)
                assert set(answer.json()) <= {"message", "code", "error", "error_description"}
                tried += 1
    assert tried > 300


@pytest.mark.parametrize(
    "value", ["user_01ARZ3NDEKTSV4RRFFQ69G5FAV", "x", "%00", "..%2f..", "'%20OR%201=1--"]
)
def test_OG_3_an_id_that_is_not_here_is_answered_like_any_other(server: Running, value: str) -> None:
    answers: dict[str, set[str]] = {}
    with server.client() as api:
        for method, path, _ in operations(server):
            if "{" not in path or path in PUBLIC or method not in ("GET", "DELETE"):
                continue
            answer = api.request(method, filled(path, value))
            # A list that is narrowed by an id that is not here is empty; everything else is not found.
            empty = answer.status_code == 200 and answer.json().get("data") == []
            assert empty or answer.status_code in (404, 405), (method, path, answer.text)
            assert "Traceback" not in answer.text
            assert "sql" not in answer.text.lower()
            answers.setdefault(path, set()).add(str(answer.status_code))
    assert len(answers) > 10


def test_AD_4_a_server_for_the_world_begins_with_nobody_in_it(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "VESTIBULE_SERVER_PUBLIC_URL": "https://id.example.com",
        "VESTIBULE_SERVER_SECRET": SECRET,
        "VESTIBULE_SERVER_DATABASE": f"sqlite:///{tmp_path / 'v.db'}",
    }
    program = [str(Path(sys.executable).with_name("vestibule"))]
    subprocess.run([*program, "migrate"], env=environment, cwd=tmp_path, check=True, capture_output=True)
    with subprocess.Popen(
        [*program, "serve", "--json", "--port", "0"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        process.terminate()
    assert not ready.get("demo_user")
    listed = subprocess.run(
        [*program, "users", "list", "--json"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "@" not in listed.stdout

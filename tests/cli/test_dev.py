"""`vestibule dev -- command`: two processes that live and die together."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from tests.cli.running import VESTIBULE, environment, vestibule

SHOW = (
    "import json, os;"
    "print(json.dumps({k: v for k, v in os.environ.items() if k.startswith(('VESTIBULE', 'WORKOS'))}))"
)
ASK = (
    "import os, urllib.request as u;"
    "print(u.urlopen(os.environ['VESTIBULE_URL'] + '/readyz').status, flush=True)"
)


def test_the_child_has_the_settings_of_both_families_and_can_reach_the_server(tmp_path: Path) -> None:
    app = ["--app-url", "http://localhost:4321"]
    done = vestibule(tmp_path, "dev", "--port", "0", *app, "--", sys.executable, "-c", f"{SHOW};{ASK}")
    assert done.code == 0, done.err
    *_, line, status = done.out.strip().splitlines()
    settings = json.loads(line)
    assert status == "200"
    assert settings["VESTIBULE_REDIRECT_URI"] == "http://localhost:4321/auth/callback"
    for name in ("CLIENT_ID", "API_KEY", "COOKIE_PASSWORD", "REDIRECT_URI"):
        assert settings[f"VESTIBULE_{name}"] == settings[f"WORKOS_{name}"]
    port = settings["VESTIBULE_URL"].rpartition(":")[2]
    assert (settings["WORKOS_API_HOSTNAME"], settings["WORKOS_API_PORT"]) == ("localhost", port)
    assert settings["WORKOS_API_HTTPS"] == "false"


def test_the_exit_code_is_the_childs(tmp_path: Path) -> None:
    run = [sys.executable, "-c", "raise SystemExit(7)"]
    assert vestibule(tmp_path, "dev", "--port", "0", "--", *run).code == 7
    assert vestibule(tmp_path, "dev", "--port", "0", "--", "no-such-program-anywhere").code == 127


def test_options_after_the_command_belong_to_the_command(tmp_path: Path) -> None:
    run = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "--port", "9"]
    done = vestibule(tmp_path, "dev", "--port", "0", "--", *run)
    assert "['--port', '9']" in done.out


def test_what_the_command_has_is_not_printed_besides(tmp_path: Path) -> None:
    done = vestibule(tmp_path, "dev", "--port", "0", "--", sys.executable, "-c", "pass")
    assert "Demo user" in done.out
    assert "VESTIBULE_COOKIE_PASSWORD" not in done.out


def test_stopping_the_server_stops_the_child(tmp_path: Path) -> None:
    child = (
        "import os, pathlib, signal, time\n"
        "pathlib.Path('child').write_text(os.environ['VESTIBULE_URL'])\n"
        "def stop(*_):\n"
        "    pathlib.Path('stopped').write_text('yes')\n"
        "    raise SystemExit(0)\n"
        "signal.signal(signal.SIGTERM, stop)\n"
        "pathlib.Path('ready').touch()\n"
        "time.sleep(60)\n"
    )
    command = [VESTIBULE, "dev", "--port", "0", "--", sys.executable, "-c", child]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(300):
            if (tmp_path / "ready").exists():
                break
            time.sleep(0.1)
        url = (tmp_path / "child").read_text()
        assert httpx2.get(f"{url}/healthz").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert (tmp_path / "stopped").read_text() == "yes"


def test_dev_is_for_development(tmp_path: Path) -> None:
    done = vestibule(tmp_path, "dev", "--port", "0", VESTIBULE_SERVER_PUBLIC_URL="https://id.example.com")
    assert done.code == 2
    assert "use `serve`" in done.err

from pathlib import Path

import httpx2

from tests.cli.running import inside, serving

AUTHENTICATE = "/user_management/authenticate"


def test_a_backup_taken_while_serving_keeps_everybody_signed_in(tmp_path: Path) -> None:
    with serving(tmp_path, "--port", "0") as server:
        ready = dict(server.ready)
        client = {"client_id": ready["client_id"], "client_secret": ready["api_key"]}
        demo = ready["demo_user"]
        grant = {"grant_type": "password", "email": demo["email"], "password": demo["password"]}
        with httpx2.Client(base_url=ready["url"]) as http:
            tokens = http.post(AUTHENTICATE, json=client | grant).json()
            made = inside(tmp_path, "backup", "copy.db")
            assert (made.code, made.err) == (0, "")
            assert "VESTIBULE_SERVER_SECRET" in made.out
            assert http.get("/readyz").status_code == 200
        server.stop()
    for path in (tmp_path / ".vestibule").glob("vestibule.db*"):
        path.unlink()
    restored = inside(tmp_path, "restore", "copy.db")
    assert (restored.code, restored.err) == (0, "")
    with serving(tmp_path, "--port", "0") as server:
        again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        with httpx2.Client(base_url=str(server.ready["url"])) as http:
            answer = http.post(AUTHENTICATE, json=client | again)
        assert answer.status_code == 200
        assert answer.json()["user"]["email"] == demo["email"]


def test_a_database_with_something_in_it_is_overwritten_only_when_told(tmp_path: Path) -> None:
    inside(tmp_path, "users", "create", "before@example.com")
    assert inside(tmp_path, "backup", "copy.db").code == 0
    inside(tmp_path, "users", "create", "after@example.com")
    refused = inside(tmp_path, "restore", "copy.db")
    assert (refused.code, "not empty" in refused.err) == (2, True)
    assert len(inside(tmp_path, "users", "list").out.splitlines()) == 2
    assert inside(tmp_path, "restore", "copy.db", "--replace").code == 0
    assert len(inside(tmp_path, "users", "list").out.splitlines()) == 1


def test_another_secret_is_said_at_once(tmp_path: Path) -> None:
    inside(tmp_path, "users", "create", "ada@example.com")
    inside(tmp_path, "backup", "copy.db")
    other = {"VESTIBULE_SERVER_SECRET": "another secret than that of the backup"}
    done = inside(tmp_path, "restore", "copy.db", "--database", "sqlite:///new.db", **other)
    assert done.code == 2
    assert "another VESTIBULE_SERVER_SECRET" in done.err


def test_what_cannot_be_done_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "junk").write_text("junk")
    for arguments in (
        ["backup", "junk"],
        ["backup", "a/b/c"],
        ["restore", "junk"],
        ["restore", "nothing"],
        ["backup", "copy", "--database", "postgresql://nobody@127.0.0.1:9/none"],
    ):
        done = inside(tmp_path, *arguments)
        assert done.code in (1, 2)
        assert done.err.startswith("vestibule: ")
        assert "Traceback" not in done.err

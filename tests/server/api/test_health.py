from pathlib import Path

import httpx2

from tests.servers import Running, running_server


def test_it_lives_and_is_ready(api: httpx2.Client) -> None:
    assert api.get("/healthz").json() == {"status": "ok"}
    assert api.get("/readyz").json() == {"status": "ready"}


def test_a_database_of_another_version_is_not_ready_but_the_process_lives(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, httpx2.Client(base_url=server.url) as client:
        with server.identity.store.transaction() as tx:
            tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'other'")
        refused = client.get("/readyz")
        assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
        assert "vestibule migrate" in refused.json()["message"]
        assert client.get("/healthz").status_code == 200


def test_the_server_tells_nobody_what_it_is_made_of(server: Running) -> None:
    answer = httpx2.get(f"{server.url}/healthz")
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers

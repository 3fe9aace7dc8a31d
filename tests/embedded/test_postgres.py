"""The server inside an app keeps everything in PostgreSQL as well, and two processes share it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import postgres_cluster
from tests.embedded.apps import Built
from tests.embedded.people import me, sign_in, sign_up

ADA = "ada@example.com"


@pytest.mark.postgres
@pytest.mark.parametrize("framework", ["fastapi", "flask"])
def test_an_account_made_in_one_process_signs_in_at_another(
    make: Callable[..., Built], framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a development server keeps its secrets there
    with postgres_cluster() as cluster:
        database = cluster.url(cluster.create_database())
        first = make(framework, database=database)
        with first.browser() as browser:
            sign_up(browser, ADA)
            assert me(browser).json()["email"] == ADA
        second = make(framework, database=database)
        with second.browser() as browser:
            sign_in(browser, ADA)
            assert me(browser).json()["email"] == ADA
        for each in (first, second):
            each.auth.transport.close()

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither variables nor a `.env` of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(("VESTIBULE_", "WORKOS_", "AURA_", "AUTH_", "SECRET", "SALT", "BASE_URL")):
            monkeypatch.delenv(name)

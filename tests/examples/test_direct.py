"""examples/direct besides what a browser sees of it, which is in tests/e2e/test_direct.py."""

from pathlib import Path

import httpx2
import pytest

from tests.examples.made import made
from tests.examples.running import EXAMPLES
from tests.examples.test_examples import LINES, NAVIGATE

HERE = EXAMPLES / "direct"
REAL = {f"{name}_CLIENT_{part}": "of-mine" for name in ("GITHUB", "GOOGLE") for part in ("ID", "SECRET")}


def test_it_is_one_small_file_with_the_look_of_the_others() -> None:
    (code,) = HERE.rglob("*.py")
    assert len(code.read_text("utf-8").splitlines()) < LINES
    assert (HERE / "static/style.css").read_bytes() == (EXAMPLES / "fastapi/static/style.css").read_bytes()


@pytest.mark.verify
def test_with_credentials_in_the_environment_it_goes_to_the_real_ones(tmp_path: Path) -> None:
    with made("direct", tmp_path, REAL) as app:
        away = httpx2.get(f"{app}/auth/sign-in/github", headers=NAVIGATE)
        assert away.headers["location"].startswith("https://github.com/login/oauth/authorize?")
        assert "client_id=of-mine" in away.headers["location"]

"""What the moving guides say about passwords: they go on working at the server."""

import contextlib
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from bcrypt import gensalt, hashpw
from werkzeug.security import generate_password_hash

from tests.cli.running import inside
from tests.project.tree import ROOT
from tests.servers import SECRET
from vestibule.server.identity.context import Identity
from vestibule.server.identity.passwords import verify_password
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

EMAIL, PASSWORD = "ada@example.com", "seven green bottles"
WRITER = "def write_people"


def writer_of(page: str) -> Callable[[list[dict[str, Any]]], None]:
    """The function of this name that the page shows."""
    text = (ROOT / "docs" / "moving" / page).read_text("utf-8")
    (block,) = [each for each in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S) if WRITER in each]
    shown: dict[str, Any] = {}
    exec(block.split("\n\n\nwrite_people(")[0], shown)  # noqa: S102 - it is our own page
    return shown["write_people"]  # type: ignore[no-any-return]


@contextlib.contextmanager
def imported(directory: Path) -> Iterator[Identity]:
    database = f"sqlite:///{directory / 'vestibule.db'}"
    done = inside(
        directory, "import", "csv", "people.csv", "--database", database, VESTIBULE_SERVER_SECRET=SECRET
    )
    assert done.code == 0, done.out + done.err
    settings = Settings(public_url="http://localhost", database=database, secret=SECRET, development=True)
    with closing(Store(database)) as store:
        yield Identity(store, settings)


@pytest.mark.parametrize("method", ["scrypt", "pbkdf2:sha256:1000", "pbkdf2:sha512:1000"])
def test_passwords_of_Werkzeug_go_on_working(method: str, tmp_path: Path) -> None:
    row = {"id": 1, "email": EMAIL, "password": generate_password_hash(PASSWORD, method=method)}
    with contextlib.chdir(tmp_path):
        writer_of("from-flask-login.md")([row])
    with imported(tmp_path) as identity:
        user = verify_password(identity, EMAIL, PASSWORD)
        assert (user.external_id, user.email_verified) == ("1", True)


@pytest.mark.parametrize("kind", ["argon2", "bcrypt"])
def test_passwords_of_fastapi_users_go_on_working(kind: str, tmp_path: Path) -> None:
    hashes = {
        "argon2": lambda: PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4).hash(PASSWORD),
        "bcrypt": lambda: hashpw(PASSWORD.encode(), gensalt(4)).decode(),
    }
    row = {"email": EMAIL, "hashed_password": hashes[kind](), "is_active": True, "is_verified": True}
    with contextlib.chdir(tmp_path):
        writer_of("from-fastapi-users.md")([row | {"id": "7b0b"}, row | {"id": "9c1c", "is_active": False}])
    with imported(tmp_path) as identity:
        assert verify_password(identity, EMAIL, PASSWORD).external_id == "7b0b"

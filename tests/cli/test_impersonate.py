from contextlib import closing
from pathlib import Path

from tests.cli.running import inside
from tests.servers import SECRET
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import update_environment
from vestibule.server.identity.impersonation import find_link
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

ASK = ("impersonate", "ada@example.com", "--as", "ops@example.com", "--reason", "Ticket 4711")
ENVIRONMENT = {"VESTIBULE_SERVER_SECRET": SECRET}


def test_a_link_is_printed_for_one_operator(tmp_path: Path) -> None:
    inside(tmp_path, "users", "create", "ada@example.com", **ENVIRONMENT)
    refused = inside(tmp_path, *ASK, **ENVIRONMENT)
    assert (refused.code, "initiate_login_url" in refused.err) == (1, True)
    database = f"sqlite:///{tmp_path / '.vestibule' / 'vestibule.db'}"
    settings = Settings(public_url="http://localhost", database=database, secret=SECRET, development=True)
    with closing(Store(database)) as store:
        identity = Identity(store, settings)
        update_environment(identity, initiate_login_url="http://localhost:8000/auth/sign-in")
        done = inside(tmp_path, *ASK, "--minutes", "5", **ENVIRONMENT)
        assert done.out.startswith("http://localhost:8100/impersonate?token=")
        found = find_link(identity, done.out.strip().partition("=")[2])
    assert found is not None
    assert (found[0].impersonator_email, found[1].email) == ("ops@example.com", "ada@example.com")


def test_nobody_and_nothing_are_refused(tmp_path: Path) -> None:
    assert inside(tmp_path, *ASK, **ENVIRONMENT).code == 1
    assert inside(tmp_path, *ASK, "--minutes", "61", **ENVIRONMENT).code == 2
    assert inside(tmp_path, "impersonate", "ada@example.com", **ENVIRONMENT).code == 2

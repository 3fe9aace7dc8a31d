"""The server of the release before, unpacked from the history, with its own tables and its own people."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.faults.ledger import Person

ROOT = Path(__file__).parents[2]
# The last commit with the tables of 0.1.0. Once there is a tag of a release, name the newest one here.
RELEASE = "b77378cf6bcc2383b19952e00210b49c9a5feb70"
PREPARE = """
import json, sys
from tests.faults.crowd import gather
from tests.faults.ledger import enroll
from tests.servers import SECRET
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import ensure_environment
from vestibule.server.identity.keys import ensure_signing_key
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

job = json.loads(sys.argv[1])
store = Store(job["database"])
store.migrate()
identity = Identity(store, Settings(public_url=job["url"], secret=SECRET, development=True))
environment = ensure_environment(identity)
ensure_signing_key(identity)
people = enroll(identity, job["people"], prefix="person")
gather(identity, job["database"], job["size"])
store.close()
print(json.dumps({"client_id": environment.client_id,
                  "people": [[each.email, each.cookie, each.session_id] for each in people]}))
"""


def unpack(directory: Path) -> Path:
    done = subprocess.run(
        ["git", "archive", "--format=tar", RELEASE, "src", "tests"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, (
        f"the release before is not in this clone ({done.stderr.decode().strip()}): fetch the whole history, "
        "git fetch --unshallow"
    )
    subprocess.run(["tar", "-x", "-C", str(directory)], input=done.stdout, check=True)
    return directory


def environment_of(tree: Path) -> dict[str, str]:
    """Its own source comes before the one that is installed."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": f"{tree / 'src'}:{tree}"}


def prepare(tree: Path, **job: Any) -> tuple[str, list[Person]]:
    """A database as that release leaves it: its client id, and people who are signed in."""
    done = subprocess.run(
        [sys.executable, "-c", PREPARE, json.dumps(job)],
        cwd=tree,
        env=environment_of(tree),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return told["client_id"], [Person(*each) for each in told["people"]]

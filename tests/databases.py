"""Databases for the tests: a PostgreSQL cluster of their own, and SQLite files."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

MISSING = "PostgreSQL is needed to run these tests. Install it with: apt-get install -y postgresql"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reachable only through a socket in its own directory, so it needs no port."""

    socket_directory: Path
    user: str | None = None

    def start(self) -> None:
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.socket_directory} "
            "-c fsync=off -c max_connections=200"
        )
        self._control("-l", self.socket_directory / "log", "-o", options, "start")

    def stop(self) -> None:
        """At once, as when the machine it runs on goes away; `start` recovers it."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: object) -> None:
        data = self.socket_directory / "data"
        _run([_programs() / "pg_ctl", "-D", data, "-w", *arguments], self.user)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket_directory}"

    def create_database(self) -> str:
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return name

    def empty(self, name: str, tables: list[str]) -> None:
        """`tables` in an order in which their rows can be deleted."""
        with psycopg.connect(self.url(name)) as connection:
            for table in tables:
                connection.execute(f'DELETE FROM "{table}"'.encode())  # noqa: S608 - our own table names


@contextmanager
def postgres_cluster() -> Iterator[Cluster]:
    programs = _programs()
    user = _unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="vestibule-postgres-") as name:
        home = Path(name)
        if user is not None:
            shutil.chown(home, user)
        data = home / "data"
        _run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=C.UTF-8",
            ],
            user,
        )
        cluster = Cluster(home, user)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()


def _run(command: list[object], user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode()


def _programs() -> Path:
    """Debian keeps them beside each version and not on the path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which("initdb")
    assert found is not None, MISSING
    return Path(found).parent


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"

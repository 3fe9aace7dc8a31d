"""Auth0's bulk export of users, a line of JSON each; beside it the hashes that Auth0's support hands out."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from vestibule.errors import ConfigError
from vestibule.server.identity.importing import IncomingHash, IncomingUser, hash_kind
from vestibule.server.import_files.rows import Row, Unreadable, fingerprint_of, lines_of

DATABASE: Final = "auth0"
PROVIDERS: Final = {
    "apple": "AppleOAuth",
    "bitbucket": "BitbucketOAuth",
    "discord": "DiscordOAuth",
    "github": "GitHubOAuth",
    "google-oauth2": "GoogleOAuth",
    "linkedin": "LinkedInOAuth",
    "salesforce": "SalesforceOAuth",
    "windowslive": "MicrosoftOAuth",
}
TOO_LONG: Final = "too long for a row, or not UTF-8"


class Auth0File:
    """`passwords` is the file of hashes: they are looked up on disk, however many there are."""

    def __init__(self, path: Path, *, passwords: Path | None = None) -> None:
        self._path = path
        self._passwords = passwords

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def size(self) -> int | None:
        return self._path.stat().st_size

    @cached_property
    def fingerprint(self) -> str:
        files = [self._path, *([self._passwords] if self._passwords else [])]
        return " ".join(fingerprint_of(path) for path in files)

    def rows(self) -> Iterator[Row]:
        with (
            tempfile.TemporaryDirectory(prefix="vestibule-hashes-") as name,
            closing(sqlite3.connect(Path(name) / "hashes.db")) as hashes,
        ):
            _index(hashes, self._passwords)
            for number, read, line in lines_of(self._path):
                if line is None or line.strip():
                    yield _row(number, read, line, hashes)


def _index(hashes: sqlite3.Connection, passwords: Path | None) -> None:
    hashes.execute("CREATE TABLE hashes (user_id TEXT PRIMARY KEY, hash TEXT) WITHOUT ROWID")
    if passwords is None:
        return
    for number, _, line in lines_of(passwords):
        if line is not None and not line.strip():
            continue
        try:
            data = _object(line)
            found = data["_id"]
            key = found["$oid"] if isinstance(found, dict) else str(found)
            values = (f"{DATABASE}|{key}", str(data["passwordHash"]))
        except (Unreadable, KeyError, TypeError) as problem:
            raise ConfigError(
                f"{passwords}, line {number}: no password hash of Auth0's ({problem})"
            ) from None
        hashes.execute("INSERT OR REPLACE INTO hashes VALUES (?, ?)", values)
    hashes.commit()


def _row(number: int, read: int, line: str | None, hashes: sqlite3.Connection) -> Row:
    who = ""
    try:
        data = _object(line)
        who = str(data.get("user_id") or data.get("Id") or data.get("email") or "")
        return Row(number=number, who=who, read=read, record=_user(data, hashes))
    except Unreadable as problem:
        return Row(number=number, who=who, read=read, problem=str(problem))


def _object(line: str | None) -> dict[str, Any]:
    if line is None:
        raise Unreadable(TOO_LONG)
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(data, dict):
        raise Unreadable("not an object")
    return data


def _user(data: Mapping[str, Any], hashes: sqlite3.Connection) -> IncomingUser:
    """The names of the export's fields, or the headings its extension gives them."""
    user_id, email = data.get("user_id") or data.get("Id"), data.get("email") or data.get("Email")
    if not isinstance(user_id, str) or not user_id:
        raise Unreadable("no user_id")
    if not isinstance(email, str) or not email:
        raise Unreadable("no email: accounts without an address cannot be taken")
    if data.get("blocked") is True:
        raise Unreadable("blocked at Auth0")
    return IncomingUser(
        email=email,
        external_id=user_id,
        email_verified=(data.get("email_verified", data.get("Email Verified"))) is True,
        first_name=_text(data.get("given_name", data.get("Given Name"))),
        last_name=_text(data.get("family_name", data.get("Family Name"))),
        name=_name(data, email),
        metadata=_metadata(data.get("user_metadata")),
        password_hash=_hash(user_id, hashes),
        identities=tuple(_identities(user_id, data.get("identities"))),
    )


def _hash(user_id: str, hashes: sqlite3.Connection) -> IncomingHash | None:
    found = hashes.execute("SELECT hash FROM hashes WHERE user_id = ?", (user_id,)).fetchone()
    if found is None:
        return None
    kind = hash_kind(found[0])
    if kind is None:
        raise Unreadable("its password hash is of a kind that is not known here")
    return IncomingHash(kind=kind, text=found[0])


def _identities(user_id: str, given: object) -> Iterator[tuple[str, str]]:
    """Those of the list; or the one that the id itself names."""
    provider, _, subject = user_id.partition("|")
    known = given if isinstance(given, list) else [{"provider": provider, "user_id": subject}]
    for each in known:
        name = PROVIDERS.get(str(each.get("provider"))) if isinstance(each, dict) else None
        if name is not None and each.get("user_id"):
            yield name, str(each["user_id"])


def _name(data: Mapping[str, Any], email: str) -> str | None:
    """Auth0 puts the address there when it knows no name."""
    name = _text(data.get("name", data.get("Name")))
    return None if name == email else name


def _metadata(given: object) -> dict[str, str | None]:
    if not isinstance(given, dict):
        return {}
    return {
        str(key): value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for key, value in given.items()
        if value is not None
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None

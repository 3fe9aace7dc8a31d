"""WorkOS: its objects as the API gives them, from a file or page by page from the API itself."""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from vestibule.errors import ConfigError, Unreachable, VestibuleError
from vestibule.flow import HttpRequest, HttpResponse, Send
from vestibule.server.identity.importing import (
    Incoming,
    IncomingHash,
    IncomingMembership,
    IncomingOrganization,
    IncomingRole,
    IncomingUser,
    hash_kind,
)
from vestibule.server.import_files.rows import Row, Unreadable, fingerprint_of, lines_of

Objects = Mapping[str, Any]

PAGE: Final = 100
TRIES: Final = 6
ORGANIZATIONS: Final = "/organizations"
ROLES: Final = "/authorization/roles"
USERS: Final = "/user_management/users"
MEMBERSHIPS: Final = "/user_management/organization_memberships"


class WorkOSFile:
    """A line of JSON for each object, or for each page of a list as the API answers it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return self._path.name

    @property
    def size(self) -> int | None:
        return self._path.stat().st_size

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint_of(self._path)

    def rows(self) -> Iterator[Row]:
        for number, read, line in lines_of(self._path):
            if line is not None and not line.strip():
                continue
            try:
                found = _objects(line)
            except Unreadable as problem:
                yield Row(number=number, who="", read=read, problem=str(problem))
                continue
            for each in found:
                yield _row(number, read, each)


class WorkOSApi:
    """Roles, organizations, people, then who belongs where. `number` counts the objects."""

    def __init__(
        self, url: str, *, key: str, send: Send, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._send = send
        self._sleep = sleep

    @property
    def name(self) -> str:
        return "workos"

    @property
    def size(self) -> int | None:
        return None

    @property
    def fingerprint(self) -> str:
        """The key says which environment it is: the rows of another one are not those that are done."""
        return f"{self._url} {hashlib.sha256(self._key.encode()).hexdigest()[:16]}"

    def rows(self) -> Iterator[Row]:
        for number, each in enumerate(self._objects(), start=1):
            yield _row(number, number, each)

    def _objects(self) -> Iterator[Any]:
        yield from self._get(self._url + ROLES).get("data", [])
        yield from self._list(ORGANIZATIONS)
        yield from self._list(USERS)
        for organization in self._list(ORGANIZATIONS):
            where = {"organization_id": str(organization.get("id")), "statuses": "active,inactive,pending"}
            yield from self._list(MEMBERSHIPS, **where)

    def _list(self, path: str, **query: str) -> Iterator[Any]:
        """Oldest first: what is made meanwhile comes last, and nothing is passed over."""
        after: str | None = None
        while True:
            asked = query | {"limit": str(PAGE), "order": "asc"} | ({"after": after} if after else {})
            page = self._get(f"{self._url}{path}?{urlencode(asked)}")
            yield from page.get("data", [])
            after = (page.get("list_metadata") or {}).get("after")
            if not after:
                return

    def _get(self, url: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._key}", "accept": "application/json"}
        request = HttpRequest("GET", url, headers, deadline=30, max_bytes=16 * 1_048_576)
        for attempt in range(1, TRIES + 1):
            try:
                answer = self._send(request)
            except Unreachable:
                answer = HttpResponse(503)
            if answer.status == 200:
                return _object(answer.body)
            if answer.status in (401, 403):
                raise ConfigError("WorkOS refuses this API key")
            if answer.status != 429 and answer.status < 500:
                break
            if attempt < TRIES:
                self._sleep(_pause(answer, attempt))
        raise VestibuleError(f"WorkOS does not answer as it should: {answer.status}. Run it again to go on")


def _pause(answer: HttpResponse, attempt: int) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), 60.0) if asked.isascii() and asked.isdigit() else float(2**attempt)


def _objects(line: str | None) -> list[Any]:
    if line is None:
        raise Unreadable("too long for a row, or not UTF-8")
    data = _object(line)
    if data.get("object") != "list":
        return [data]
    found = data.get("data")
    if not isinstance(found, list):
        raise Unreadable("a list without data")
    return found


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if not isinstance(data, dict):
        raise Unreadable("not an object")
    return data


def _row(number: int, read: int, data: Any) -> Row:
    who = str(data.get("id") or "") if isinstance(data, dict) else ""
    try:
        return Row(number=number, who=who, read=read, record=_record(data))
    except Unreadable as problem:
        return Row(number=number, who=who, read=read, problem=str(problem))


def _record(data: Any) -> Incoming:
    kind = data.get("object") if isinstance(data, dict) else None
    read = KINDS.get(str(kind))
    if read is None:
        raise Unreadable(f"not a user, an organization, a role or a membership, but {str(kind)[:50]!r}")
    try:
        return read(data)
    except (KeyError, TypeError, AttributeError) as problem:
        raise Unreadable(f"not a {kind} as WorkOS shows them: {problem}") from None


def _user(data: Objects) -> IncomingUser:
    return IncomingUser(
        id=data["id"],
        email=data["email"],
        email_verified=data.get("email_verified") is True,
        first_name=data.get("first_name"),
        last_name=data.get("last_name"),
        name=data.get("name"),
        external_id=data.get("external_id"),
        locale=data.get("locale"),
        metadata=data.get("metadata") or {},
        password_hash=_hash(data),
    )


def _hash(data: Objects) -> IncomingHash | None:
    """The API shows none. Files that WorkOS hands out on request may have them."""
    text = data.get("password_hash")
    if not text:
        return None
    kind = data.get("password_hash_type") or hash_kind(text)
    if kind is None:
        raise Unreadable("a password_hash without password_hash_type")
    return IncomingHash(kind=kind, text=text)


def _organization(data: Objects) -> IncomingOrganization:
    return IncomingOrganization(
        id=data["id"],
        name=data["name"],
        external_id=data.get("external_id"),
        metadata=data.get("metadata") or {},
        domains=tuple(_domains(data.get("domains") or ())),
    )


def _domains(given: Iterable[Objects]) -> Iterator[tuple[str, str]]:
    """WorkOS keeps domains that failed to be verified, and such that it calls legacy: these begin again."""
    for each in given:
        yield each["domain"], "verified" if each.get("state") == "verified" else "pending"


def _role(data: Objects) -> IncomingRole:
    return IncomingRole(
        slug=data["slug"],
        name=data["name"],
        description=data.get("description"),
        permissions=tuple(data.get("permissions") or ()),
    )


def _membership(data: Objects) -> IncomingMembership:
    roles = data.get("roles") or [data["role"]]
    return IncomingMembership(
        id=data["id"],
        user=data["user_id"],
        organization=data["organization_id"],
        roles=tuple(role["slug"] for role in roles),
        status=data.get("status", "active"),
    )


KINDS: Final[Mapping[str, Callable[[Objects], Incoming]]] = {
    "user": _user,
    "organization": _organization,
    "organization_membership": _membership,
    "role": _role,
}

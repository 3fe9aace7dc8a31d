"""What the routes for scripts answer, as TypeScript; `python -m tests.project.client_types` writes it.

A test compares the two, so the client cannot expect what Python does not say.
"""

import dataclasses
import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime

from tests.project.tree import ROOT
from vestibule.direct import routes as direct
from vestibule.direct.expiry import Lifetime
from vestibule.direct.kept import DirectSession, Kept
from vestibule.session.model import Session, SignedOut
from vestibule.session.payload import Payload
from vestibule.session.routes import describe
from vestibule.session.scripts import token_of
from vestibule.wire.claims import Claims
from vestibule.wire.models import Impersonator, User

PAGE = ROOT / "clients/js/src/described.ts"
HEAD = "// Written by `python -m tests.project.client_types` from what Python answers. Change it there.\n"
PLAIN = {str: "string", bool: "boolean", int: "number", datetime: "string", type(None): "null"}
NAMED = {User: "DescribedUser", Impersonator: "DescribedImpersonator"}


def text() -> str:
    return "\n".join([HEAD, *_interfaces(), f"export type Reason = {_reasons()};", ""])


def _interfaces() -> Iterator[str]:
    for model, name in NAMED.items():
        hints = typing.get_type_hints(model)
        yield _interface(name, {each.name: hints[each.name] for each in dataclasses.fields(model)})
    session = _somebody()
    yield _interface("DescribedSession", {name: _said_by(name) for name in describe(session)})
    yield _interface("DescribedDirectSession", _more_in_direct_mode(), "DescribedSession")
    yield _interface("DescribedToken", {name: type(value) for name, value in token_of(session, 0).items()})


def _interface(name: str, members: Mapping[str, object], more_than: str | None = None) -> str:
    lines = (f"  {member}: {_typescript(kind)};" for member, kind in members.items())
    extends = f" extends {more_than}" if more_than else ""
    return "\n".join([f"export interface {name}{extends} {{", *lines, "}", ""])


def _more_in_direct_mode() -> dict[str, object]:
    kept = Kept(id="", user=User(id="", email=""), lifetime=Lifetime(0, 1), authenticated_at=0)
    session = kept.session()
    found = sorted(direct.describe(session).keys() - describe(session).keys(), reverse=True)
    # Of the accounts it tells the names only.
    kinds = {
        "provider": typing.get_type_hints(DirectSession.provider.fget)["return"],
        "accounts": frozenset[str],
    }
    return {name: kinds[name] for name in found}


def _said_by(name: str) -> object:
    return typing.get_type_hints(inspect.getattr_static(Session, name).fget)["return"]


def _typescript(kind: object) -> str:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return " | ".join(_typescript(each) for each in arguments)
    if origin is frozenset:
        return f"{_typescript(arguments[0])}[]"
    if origin is Mapping:
        return "Record<string, unknown>"
    if isinstance(kind, type) and kind in NAMED:
        return NAMED[kind]
    return PLAIN[typing.cast("type", kind)]


def _reasons() -> str:
    return " | ".join(f'"{reason.value}"' for reason in SignedOut)


def _somebody() -> Session:
    claims = Claims.read({"sub": "user_1", "sid": "session_1", "exp": 1, "iat": 0})
    return Session(
        payload=Payload(access_token="", refresh_token="", user=User(id="", email="")), claims=claims
    )


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")

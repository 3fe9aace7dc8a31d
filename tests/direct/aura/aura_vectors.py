"""Aura's recorded vectors, read once. Written by @aura-stack/auth 0.9.0 and @aura-stack/jose 0.6.0."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from vestibule.crypto.encoding import b64url_decode
from vestibule.direct.aura.keys import AuraKeys
from vestibule.direct.aura.tokens import AuraTokens, TokenOptions

FILE = Path(__file__).parents[2] / "vectors" / "aura-vectors.json"


@cache
def vectors() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return data


def cases(*path: str, name: str = "id") -> list[Any]:
    """The entries of one list as parameters."""
    found: Any = vectors()
    for part in path:
        found = found[part]
    return [pytest.param(case, id=str(case.get(name, at))[:40]) for at, case in enumerate(found)]


def options_of(session: dict[str, Any], mode: Any = "sealed") -> TokenOptions:
    jwt = session.get("jwt", {})
    return TokenOptions(
        mode=mode,
        max_age=session.get("maxAge"),
        max_duration=session.get("maxDuration"),
        issuer=jwt.get("issuer"),
        audience=jwt.get("audience"),
    )


def tokens_of(case: dict[str, Any], *draws: str) -> AuraTokens:
    """Those of a case; `draws` are its random values, in order."""
    left = [b64url_decode(each) for each in draws]
    return AuraTokens(
        (AuraKeys.derive(case["secret"], case["salt"]),),
        options_of(case.get("session_options") or {}, case.get("mode", "sealed")),
        entropy=lambda count: left.pop(0)[:count],
    )

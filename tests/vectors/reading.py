"""The shared test vectors, read once."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("session-vectors.json")


@cache
def vectors() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return data


def named(key: str, name: str = "id") -> list[Any]:
    """The entries of one list as pytest parameters with readable ids."""
    import pytest

    return [pytest.param(entry, id=str(entry[name])) for entry in vectors()[key]]

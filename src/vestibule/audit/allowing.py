"""The allow-list: what is meant to be open, written down where a reviewer sees it.

[tool.vestibule.audit]
allow = ["GET /", "GET /blog/*", "/webhooks/stripe"]
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from vestibule.audit.model import Endpoint, Finding
from vestibule.errors import ConfigError


def read_allow_list(directory: Path) -> tuple[str, ...]:
    """From the `pyproject.toml` of the directory or of the nearest one above it. Raises ConfigError."""
    for place in (directory, *directory.parents):
        file = place / "pyproject.toml"
        if file.is_file():
            return _entries(file)
    return ()


def _entries(file: Path) -> tuple[str, ...]:
    try:
        data: Any = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file.name} cannot be read: {error}.") from None
    for key in ("tool", "vestibule", "audit"):
        data = data.get(key, {}) if isinstance(data, dict) else {}
    data = data if isinstance(data, dict) else {}
    unknown = sorted(data.keys() - {"allow"})
    if unknown:
        raise ConfigError(f"[tool.vestibule.audit] in {file.name} has `allow` only, and no `{unknown[0]}`.")
    allow = data.get("allow", [])
    if not isinstance(allow, list) or not all(isinstance(each, str) for each in allow):
        raise ConfigError(f'`allow` in {file.name} is a list of texts, such as ["GET /", "GET /blog/*"].')
    return checked(allow)


def checked(allow: Iterable[str]) -> tuple[str, ...]:
    """Raises ConfigError for an entry that is no method and path."""
    entries = tuple(allow)
    problems = [
        f"{each!r} in the allow-list is no method and path. Write `GET /blog/*`, or `/path` for any method."
        for each in entries
        if not re.fullmatch(r"(\S+ )?/\S*|guard \S+", each)
    ]
    if problems:
        raise ConfigError(problems)
    return entries


def allowed(
    findings: Iterable[Finding], endpoints: Iterable[Endpoint], allow: Iterable[str]
) -> tuple[list[Finding], list[Finding], list[str]]:
    """The findings that are left, those that are allowed, and the entries that allowed nothing."""
    patterns = {entry: _pattern(entry) for entry in allow}
    used: set[str] = set()
    left, permitted = [], []
    for finding in findings:
        matching = {
            method: [
                entry for entry, pattern in patterns.items() if pattern.fullmatch(f"{method} {finding.path}")
            ]
            for method in finding.methods
        }
        if "GET" in matching:  # who may GET may HEAD
            matching["HEAD"] = [*matching.get("HEAD", []), *matching["GET"]] if "HEAD" in matching else []
        used |= {entry for entries in matching.values() for entry in entries}
        open_methods = tuple(method for method in finding.methods if not matching[method])
        if open_methods:
            left.append(replace(finding, methods=open_methods))
        if len(open_methods) < len(finding.methods):
            permitted.append(replace(finding, methods=tuple(set(finding.methods) - set(open_methods))))
    return left, permitted, [entry for entry in patterns if entry not in used]


def _pattern(entry: str) -> re.Pattern[str]:
    """`*` in the path is anything; as the method, or without one, any method."""
    method, _, path = (f"* {entry}" if entry.startswith("/") else entry).partition(" ")
    if method == "guard":
        return re.compile(re.escape(entry))
    anything = ".*".join(re.escape(part) for part in path.strip().split("*"))
    return re.compile((r"\S+" if method == "*" else re.escape(method.upper())) + " " + anything)

"""The guard report: every route of an app, what guards it, and what nothing guards.

report = audit(app)
assert report.ok, report.findings
"""

from collections.abc import Iterable
from typing import Any

from vestibule.audit.allowing import checked, read_allow_list
from vestibule.audit.judging import judge
from vestibule.audit.loading import load
from vestibule.audit.model import Endpoint, Finding, Flaw, Guard, Report
from vestibule.audit.reading import read

__all__ = ["Endpoint", "Finding", "Flaw", "Guard", "Report", "audit", "load", "read_allow_list"]


def audit(app: Any, *, allow: Iterable[str] = (), strict: bool = False, name: str = "") -> Report:
    """`app` is the app itself, or for Django its settings module. `allow` is as in `pyproject.toml`:
    `GET /blog/*`. `strict` also finds what only whole-app protection guards. Raises ConfigError."""
    return judge(read(app), app=name or type(app).__name__, allow=checked(allow), strict=strict)

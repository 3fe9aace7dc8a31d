"""What the planted apps have in common: an app, and what the report must find in it, no more and no less."""

from dataclasses import dataclass
from typing import Any

from vestibule.audit import Report, audit

CASES = (
    "unguarded",
    "above_the_route",
    "sub_app",
    "websocket",
    "router_level",
    "other_methods",
    "not_holding",
)
Found = set[tuple[str, str]]


@dataclass(frozen=True)
class Planted:
    """`found`: the flaw and what it is in, such as `("unguarded", "GET /report")`."""

    app: Any
    found: Found

    def audit(self) -> Report:
        return audit(self.app)


def found_by(report: Report) -> Found:
    return {
        (finding.flaw.value, name)
        for finding in report.findings
        for name in finding.names
        if not (name.startswith("HEAD ") and f"GET {finding.path}" in finding.names)
    }

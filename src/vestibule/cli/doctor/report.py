"""The report for people and for programs."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from vestibule.cli.doctor.findings import Finding, Status
from vestibule.cli.doctor.sources import Setting, hidden

STYLES = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.ERROR: "bold red",
    Status.UNKNOWN: "cyan",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A finding under its name; `title` for an item of the production checklist."""

    name: str
    finding: Finding
    title: str = ""

    @property
    def verdict(self) -> str:
        """Of a checklist there are three: ok, not ok, unknown."""
        return "not ok" if self.title and self.finding.status is Status.ERROR else self.finding.status.value


@dataclass(slots=True)
class Report:
    settings: tuple[Setting, ...]
    secrets: tuple[str, ...] = field(repr=False)
    checks: list[Line] = field(default_factory=list)
    production: list[Line] = field(default_factory=list)

    @property
    def counts(self) -> Counter[Status]:
        return Counter(line.finding.status for line in (*self.checks, *self.production))

    @property
    def failed(self) -> bool:
        return self.counts[Status.ERROR] > 0


def as_json(report: Report) -> str:
    """No secret is in it, whatever a message quotes."""
    clean = _cleaner(report)
    settings = [
        {"name": each.name, "value": clean(each.value), "source": each.source} for each in report.settings
    ]
    found = {
        "settings": settings,
        "checks": [_line(line, clean) for line in report.checks],
        "production": [_line(line, clean) for line in report.production],
        "counts": {status.value: report.counts[status] for status in Status},
    }
    return json.dumps(found, indent=2)


def _line(line: Line, clean: Callable[[str], str]) -> dict[str, Any]:
    titled = {"title": line.title} if line.title else {}
    finding = line.finding
    told = {"status": line.verdict, "found": clean(finding.found), "mend": clean(finding.mend)}
    return {"id": line.name, **titled, **told}


def print_report(report: Report, out: Console) -> None:
    clean = _cleaner(report)
    out.print(Text("Settings", style="bold"))
    width = max(len(each.name) for each in report.settings)
    for each in report.settings:
        if each.source != "default":
            line = Text(f"  {each.name:<{width}}  {clean(each.value)}")
            out.print(line.append(f"  ({each.source})", style="dim"))
    defaults = sum(each.source == "default" for each in report.settings)
    out.print(Text(f"  and {defaults} by default\n", style="dim"))
    out.print(Text("Checks", style="bold"))
    _print_lines(report.checks, out, clean)
    if report.production:
        out.print(Text("\nProduction checklist", style="bold"))
        _print_lines(report.production, out, clean)
    counts = ", ".join(f"{report.counts[status]} {status.value}" for status in Status)
    out.print(f"\n{counts}")


def _print_lines(lines: list[Line], out: Console, clean: Callable[[str], str]) -> None:
    width = max(len(line.name) for line in lines)
    for line in lines:
        finding = line.finding
        head = Text("  ").append(f"{line.verdict:<7}", style=STYLES[finding.status])
        found = clean(finding.found).replace("\n", "\n" + " " * (width + 13))
        title = f"{line.title}: " if line.title else ""
        out.print(head.append(f"  {line.name:<{width}}  {title}{found}"))
        if finding.mend:
            out.print(Text(f"{' ' * (width + 11)}→ {clean(finding.mend)}", style="dim"))


def _cleaner(report: Report) -> Callable[[str], str]:
    return lambda text: hidden(text, report.secrets)

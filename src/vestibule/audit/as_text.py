"""The report for people: a table with colours, and without them where nobody is watching."""

from collections.abc import Iterator
from typing import IO

from vestibule.audit.model import Endpoint, Finding, Kind, Report

HEADERS = ("", "Method", "Path", "Page", "Endpoint", "Input", "Handler")
BY_NATURE = {
    Kind.OURS: "Vestibule's own",
    Kind.DOCS: "API documentation",
    Kind.STATIC: "static files",
    Kind.HEALTH: "health check",
    Kind.SIGN_IN: "the framework's sign-in",
    Kind.AUTOMATIC: "answers which methods there are",
}


def as_text(report: Report) -> str:
    """One line for each endpoint, its columns apart by two spaces, then what was found."""
    rows = [HEADERS, *(row(each, report) for each in shown(report))]
    widths = [max(len(cells[index]) for cells in rows) for index in range(len(HEADERS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells in rows
    ]
    return "\n".join(line.rstrip() for line in [*lines, "", *conclusion(report)]) + "\n"


def print_table(report: Report, out: IO[str]) -> None:
    """With colours and lines, as wide as the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for header in HEADERS:
        table.add_column(header, overflow="fold", no_wrap=header == "Method")
    for endpoint in shown(report):
        style = style_of(endpoint, report)
        table.add_row(*(Text(cell, style=style) for cell in row(endpoint, report)))
    console = Console(file=out, highlight=False, markup=False)
    console.print(table)
    for line in conclusion(report):
        console.print(Text(line, style=_line_style(line, report)), soft_wrap=True)


def row(endpoint: Endpoint, report: Report) -> tuple[str, ...]:
    found = report.of(endpoint)
    left = [each for each in found if each in report.findings]
    mark = (
        "✗"
        if left
        else "allowed"
        if found
        else "✓"
        if endpoint.guarded
        else "◐"
        if endpoint.page.guarded
        else ""
    )
    return (
        mark,
        endpoint.shown_methods,
        endpoint.path,
        page_of(endpoint),
        guards_of(endpoint),
        endpoint.validated.value if endpoint.kind is Kind.APP else "",
        endpoint.source or endpoint.handler,
    )


def shown(report: Report) -> list[Endpoint]:
    """The app's own first; what a framework answers to OPTIONS only where it stands for more."""
    visible = [each for each in report.endpoints if each.kind is not Kind.AUTOMATIC]
    return sorted(visible, key=lambda each: each.kind not in (Kind.APP, Kind.OPAQUE))


def page_of(endpoint: Endpoint) -> str:
    if endpoint.page.guarded:
        return f"sign-in ({endpoint.page.why})"
    if endpoint.page.why:
        return f"open ({endpoint.page.why})"
    is_page = {"GET", "*"} & set(endpoint.methods) and endpoint.kind in (Kind.APP, Kind.OPAQUE, Kind.DOCS)
    return "open" if is_page else "-"


def guards_of(endpoint: Endpoint) -> str:
    """What is required, and from where it comes."""
    if endpoint.kind in BY_NATURE and not endpoint.guards:
        return BY_NATURE[endpoint.kind]
    if endpoint.taken_by is not None:
        return f"never reached: {endpoint.taken_by.shown_methods} {endpoint.taken_by.path} comes first"
    places = [f"{guard.words} ({guard.place})" for guard in endpoint.holding]
    lost = [f"{guard.words} (does not hold)" for guard in endpoint.guards if guard.fault is not None]
    return ", ".join([*places, *lost]) or ("none of its own" if endpoint.page.guarded else "none")


def style_of(endpoint: Endpoint, report: Report) -> str:
    found = report.of(endpoint)
    if any(each in report.findings for each in found):
        return "red"
    if found:
        return "yellow"
    return "" if endpoint.kind in (Kind.APP, Kind.OPAQUE) else "dim"


def conclusion(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield line_of(finding)
    for warning in report.warnings:
        yield f"warning: {warning}"
    if report.probed:
        yield f"{report.probed} calls were made without a session."
    counts = report.counts()
    allowed = f", {len(report.allowed)} allowed" if report.allowed else ""
    number = counts["findings"]
    found = "nothing found" if not number else "1 finding" if number == 1 else f"{number} findings"
    only = f", {counts['page_only']} by whole-app protection only" if counts["page_only"] else ""
    number = counts["endpoints"]
    guarded = f"{number} endpoint{'' if number == 1 else 's'}, {counts['guarded']} guarded{only}"
    yield f"{report.app}: {guarded}; {found}{allowed}"


def line_of(finding: Finding) -> str:
    """`shop.py:12: GET /report: Nothing guards it. Put … [unguarded]`"""
    where = f"{finding.source}: " if finding.source else ""
    methods = [method for method in finding.methods if method != "HEAD" or "GET" not in finding.methods]
    return (
        f"{where}{' '.join(methods)} {finding.path}: {finding.message} {finding.mend} [{finding.flaw.value}]"
    )


def _line_style(line: str, report: Report) -> str:
    if line.startswith(f"{report.app}:"):
        return "bold green" if report.ok else "bold red"
    return "yellow" if line.startswith("warning: ") else ""

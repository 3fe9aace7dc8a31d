"""The report as a page of its own: routes against roles. It asks no other machine for anything."""

import re
from collections.abc import Iterator
from html import escape
from importlib.resources import files

from vestibule.audit import access
from vestibule.audit.access import Access, Way
from vestibule.audit.as_text import BY_NATURE, guards_of, page_of, shown
from vestibule.audit.model import ANY, Endpoint, Finding, Kind, Report, roles_of

SIGNS = {Way.OPEN: "✓", Way.CLOSED: "✕", Way.NEEDS: "needs", Way.UNKNOWN: "?"}
TITLES = {
    "fastapi": "FastAPI",
    "starlette": "Starlette",
    "flask": "Flask",
    "django": "Django",
    "litestar": "Litestar",
}
MEANING = {Way.OPEN: "gets in", Way.CLOSED: "is turned away", Way.UNKNOWN: "cannot be seen"}


def as_html(report: Report) -> str:
    page = files("vestibule.audit").joinpath("report.html").read_text("utf-8")
    roles = roles_of(report.endpoints)
    parts = {
        "title": escape(report.app),
        "framework": TITLES.get(report.framework, report.framework),
        "verdict": _verdict(report),
        "findings": "".join(_finding(each, "bad") for each in report.findings),
        "nothing": "<p>Nothing beyond the allow-list.</p>" if report.ok else "",
        "allowed": _allowed(report),
        "warnings": "".join(f"<li>{_prose(each)}</li>" for each in report.warnings),
        "heads": "".join(f'<th scope="col" class="who">{escape(each)}</th>' for each in _people(roles)),
        "rows": "".join(_row(each, report, roles) for each in _own(report)),
        "others": "".join(_row(each, report, roles) for each in _by_nature(report)),
        "columns": str(5 + len(roles) + 2),
    }
    for name, text in parts.items():
        page = page.replace("{{" + name + "}}", text)
    return page


def _own(report: Report) -> list[Endpoint]:
    return [each for each in shown(report) if each.kind in (Kind.APP, Kind.OPAQUE)]


def _by_nature(report: Report) -> list[Endpoint]:
    return [each for each in shown(report) if each.kind in BY_NATURE]


def _people(roles: list[str]) -> list[str]:
    return ["Signed out", "Signed in", *roles]


def _verdict(report: Report) -> str:
    counts = report.counts()
    number = counts["findings"]
    text = "Nothing found" if not number else "1 finding" if number == 1 else f"{number} findings"
    protect = {None: "not known", True: "on", False: "off"}[report.protect]
    facts = [
        (f"{counts['guarded']} of {counts['endpoints']}", "endpoints with a guard of their own"),
        (text, "beyond the allow-list"),
        (protect, "whole-app protection"),
    ]
    if report.probed:
        facts.append((str(report.probed), "calls made without a session"))
    cells = "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for value, name in facts)
    return f'<div class="verdict {"good" if report.ok else "bad"}">{cells}</div>'


def _finding(finding: Finding, style: str) -> str:
    named = [each for each in finding.methods if each != "HEAD" or "GET" not in finding.methods]
    methods = " ".join("ANY" if each == ANY else each for each in named)
    source = f" <code>{escape(finding.source)}</code>" if finding.source else ""
    return (
        f'<li class="{style}"><b><span class="method">{escape(methods)}</span> {escape(finding.path)}</b>'
        f"{source}<p>{_prose(finding.message)} <em>{_prose(finding.mend)}</em></p></li>"
    )


def _allowed(report: Report) -> str:
    if not report.allowed:
        return ""
    items = "".join(_finding(each, "allowed") for each in report.allowed)
    return f"<details><summary>Allowed ({len(report.allowed)})</summary><ul>{items}</ul></details>"


def _row(endpoint: Endpoint, report: Report, roles: list[str]) -> str:
    found = report.of(endpoint)
    style = "bad" if any(each in report.findings for each in found) else "allowed" if found else "fine"
    if endpoint.taken_by is not None:
        style += " unreached"
    return f'<tr class="{style}">{"".join(_cells(endpoint, roles))}</tr>'


def _cells(endpoint: Endpoint, roles: list[str]) -> Iterator[str]:
    methods = "".join(
        f'<span class="method">{escape(each)}</span>' for each in endpoint.shown_methods.split()
    )
    if endpoint.methods == (ANY,):
        methods = '<span class="method">ANY</span>'
    yield f'<th scope="row">{methods} <span class="path">{escape(endpoint.path)}</span></th>'
    texts = {
        "Page": page_of(endpoint),
        "Endpoint": guards_of(endpoint),
        "Input": endpoint.validated.value if endpoint.kind is Kind.APP else "-",
        "Handler": endpoint.source or endpoint.handler,
    }
    for name, text in texts.items():
        inner = _guards(endpoint) if name == "Endpoint" and endpoint.holding else escape(text)
        yield f'<td data-name="{name}" class="{name.lower()}">{inner}</td>'
    people = [access.signed_out(endpoint), access.signed_in(endpoint)]
    people += [access.signed_in(endpoint, role) for role in roles]
    for name, found in zip(_people(roles), people, strict=True):
        yield _access(name, found)


def _guards(endpoint: Endpoint) -> str:
    if endpoint.taken_by is not None:
        return escape(guards_of(endpoint))
    lines = [f"{escape(each.words)} <small>{escape(each.place)}</small>" for each in endpoint.holding]
    lines += [f"<s>{escape(each.words)}</s>" for each in endpoint.guards if each.fault is not None]
    return f"<span>{'<br>'.join(lines)}</span>"


def _prose(text: str) -> str:
    """Names stand in backticks, as in a terminal."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _access(name: str, found: Access) -> str:
    if found.way is Way.NEEDS:
        text = f'<span class="sign">+</span> {escape(found.needs)}'
        return f'<td data-name="{escape(name)}" class="who needs">{text}</td>'
    meaning = MEANING[found.way]
    sign = f'<span class="sign" title="{meaning}" aria-label="{meaning}">{SIGNS[found.way]}</span>'
    return f'<td data-name="{escape(name)}" class="who {found.way.value}">{sign}</td>'

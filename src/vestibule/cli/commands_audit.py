"""`vestibule audit`: what guards each route of an app, and what nothing guards."""

import contextlib
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vestibule.audit.allowing import checked, read_allow_list
from vestibule.audit.as_html import as_html
from vestibule.audit.as_json import as_json
from vestibule.audit.as_text import as_text, print_table
from vestibule.audit.calling import caller_of, over_http
from vestibule.audit.judging import judge
from vestibule.audit.loading import load
from vestibule.audit.model import Report
from vestibule.audit.probing import probe
from vestibule.audit.reading import read
from vestibule.errors import VestibuleError

FOUND = 1


class Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    HTML = "html"


Target = Annotated[str, typer.Argument(help="module:app, module:create_app() or a Django settings module.")]
WhichFormat = Annotated[Format, typer.Option("--format", help="A table, JSON, or a page of HTML.")]
Output = Annotated[Path | None, typer.Option(help="Write to this file.")]
Allow = Annotated[list[str] | None, typer.Option(help="Meant to be open: `GET /blog/*`. May be repeated.")]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Also find what only whole-app protection guards, and unused allowances."),
]

Probing = Annotated[
    bool, typer.Option("--probe", help="Call each GET, HEAD, OPTIONS and WebSocket without a session.")
]
Url = Annotated[str | None, typer.Option(help="Probe a server on this machine: http://127.0.0.1:8000")]
Unsafe = Annotated[
    bool, typer.Option("--unsafe", help="Probe POST, PUT, PATCH and DELETE too, with empty bodies.")
]


def audit(
    target: Target,
    output_format: WhichFormat = Format.TABLE,
    output: Output = None,
    allow: Allow = None,
    strict: Strict = False,
    probing: Probing = False,
    url: Url = None,
    unsafe: Unsafe = False,
) -> int:
    """List every route with what guards it. Exit code 1: something is not guarded."""
    call = over_http(url) if url is not None else None  # refused before anything of the app is imported
    here = Path.cwd()
    allowances = checked((*read_allow_list(here), *(allow or ())))
    with contextlib.redirect_stdout(sys.stderr):  # what the app prints is no part of the report
        surface = read(load(target, here))
        report = judge(surface, app=target, allow=allowances, strict=strict)
        if probing or call is not None:
            report = probe(report, call or caller_of(surface), unsafe=unsafe)
    _write(report, output_format, output)
    return 0 if report.ok else FOUND


def _write(report: Report, output_format: Format, output: Path | None) -> None:
    if output_format is Format.TABLE and output is None and sys.stdout.isatty():
        print_table(report, sys.stdout)
        return
    write = {Format.TABLE: as_text, Format.JSON: as_json, Format.HTML: as_html}[output_format]
    text = write(report)
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise VestibuleError(f"Cannot write {output}: {error.strerror}") from None
    print(f"Wrote {output}.")

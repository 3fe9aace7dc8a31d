"""`vestibule doctor`: what is wrong with the setup of an app, and what mends it."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from vestibule.cli.doctor.asking import Asking
from vestibule.cli.doctor.checks import checks_for, finding_of
from vestibule.cli.doctor.production.items import ITEMS
from vestibule.cli.doctor.report import Line, Report, as_json, print_report
from vestibule.cli.doctor.sources import Variables
from vestibule.cli.doctor.subject import Subject
from vestibule.errors import ConfigError
from vestibule.send import Sender
from vestibule.session.checks import web_url
from vestibule.session.config import process_environment
from vestibule.session.dotenv import read_dotenv

FOUND = 1

Target = Annotated[
    str | None, typer.Argument(help="module:app, module:create_app() or a Django settings module.")
]
Url = Annotated[str | None, typer.Option(help="Where people reach the app; it is asked three things.")]
Claims = Annotated[
    Path | None, typer.Option(help="A JSON file with claims of a large access token, for the cookie's size.")
]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Production = Annotated[bool, typer.Option("--production", help="The production checklist too.")]


def doctor(
    target: Target = None,
    url: Url = None,
    claims: Claims = None,
    as_json_: Json = False,
    production: Production = False,
) -> int:
    """Check settings, cookies, identity server and app; each finding comes with its mend. Changes nothing."""
    if url is not None and web_url(url) is None:
        raise ConfigError(f"--url is an address such as https://app.example.com, not {url!r}")
    here = Path.cwd()
    variables = Variables(process_environment(), _dotenv(here / ".env"))
    with closing(Sender()) as sender:
        subject = Subject(here, variables, Asking(sender, time.time), target, url, _claims(claims))
        with redirect_stdout(sys.stderr):  # what an app prints as it is imported is none of the report
            report = _examined(subject, production=production)
    if as_json_:
        print(as_json(report))
    else:
        print_report(report, Console(highlight=False, markup=False, soft_wrap=True))
    return FOUND if report.failed else 0


def _examined(subject: Subject, *, production: bool) -> Report:
    report = Report((), ())
    with _progress() as tell:
        for check in checks_for(subject):
            tell(check.name)
            report.checks.append(Line(check.name, finding_of(check, subject)))
        for item in ITEMS if production else ():
            tell(item.check.name)
            report.production.append(Line(item.check.name, finding_of(item.check, subject), item.title))
    report.settings, report.secrets = subject.settings, subject.secrets
    return report


def _dotenv(path: Path) -> Mapping[str, str]:
    try:
        return read_dotenv(path)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"Cannot read {path.name}: {error}. `chmod 600 .env` as its owner, in UTF-8"
        ) from None


def _claims(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"Cannot read {path}: {error}") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path} must hold one JSON object: the claims of an access token")
    return found


@contextmanager
def _progress() -> Iterator[Any]:
    """Which check it is at, for people who watch."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    with Console(stderr=True).status("Looking") as status:
        yield lambda name: status.update(f"Looking at {name}")

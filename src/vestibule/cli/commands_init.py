"""`vestibule init`: sign-in for an app that exists, or a small app with it."""

import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from vestibule.cli.starting.apps import App
from vestibule.cli.starting.changes import apply_all
from vestibule.cli.starting.environment_files import Wanted
from vestibule.cli.starting.frameworks import FRAMEWORKS, Framework
from vestibule.cli.starting.plan import Plan, make_plan
from vestibule.cli.starting.project import Project, read_project
from vestibule.cli.starting.showing import console, show_changes, show_left, show_next
from vestibule.errors import ConfigError, VestibuleError

NOTHING_WRITTEN = 1

Directory = Annotated[Path, typer.Argument(help="Where the app is, or shall be.")]
WhichFramework = Annotated[
    str | None, typer.Option("--framework", help="fastapi, starlette, flask, django or litestar.")
]
WhichApp = Annotated[
    str | None, typer.Option("--app", help="Which app, where there are several: main.py:app")
]
Url = Annotated[str, typer.Option(help="The identity server.")]
ClientId = Annotated[str, typer.Option(help="The client ID that it printed.")]
AppUrl = Annotated[str, typer.Option(help="Where the app answers.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")]


def init(
    directory: Directory = Path(),
    framework: WhichFramework = None,
    app: WhichApp = None,
    url: Url = "http://localhost:8100",
    client_id: ClientId = "",
    app_url: AppUrl = "http://localhost:8000",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> int:
    """Add sign-in to the app in a directory, or write a small app into an empty one. Shows a diff first."""
    if directory.exists() and not directory.is_dir():
        raise ConfigError(f"{directory} is a file: name the directory the app is in")
    project = read_project(directory)
    chosen_app = _choose_app(project, app)
    chosen = _choose_framework(project, framework, chosen_app, ask=not yes)
    wanted = Wanted(url=url, client_id=client_id, app_url=app_url)
    if chosen_app is not None and chosen_app.framework is not chosen:
        raise ConfigError(f"{chosen_app.place} is an app of {chosen_app.framework.title}, not {chosen.title}")
    plan = make_plan(project, chosen, chosen_app, wanted, port=_port(app_url))
    return _carry_out(plan, directory, yes=yes, dry_run=dry_run)


def _carry_out(plan: Plan, directory: Path, *, yes: bool, dry_run: bool) -> int:
    out = console()
    show_changes(plan, out)
    show_left(plan, out)
    if not plan.changes:
        out.print("Nothing to do: what `vestibule init` writes is there already.")
        return 0
    if dry_run:
        out.print("Nothing was written: this was a dry run.")
        return 0
    if not yes and not _agreed():
        out.print("Nothing was written. `--yes` writes without asking.")
        return NOTHING_WRITTEN
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise VestibuleError(f"Cannot make {directory}: {error.strerror}") from None
    apply_all(tuple(plan.changes), directory)
    out.print(f"Wrote {', '.join(change.path.as_posix() for change in plan.changes)}.\n")
    show_next(plan, directory, out)
    return 0


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    return bool(typer.confirm("Write this?", default=True))


def _choose_app(project: Project, named: str | None) -> App | None:
    """The one that is named, else the only one. Raises ConfigError where that is not clear."""
    apps = [each for each in project.apps if each.name is not None] or list(project.apps)
    if named is not None:
        found = [
            each for each in apps if named in (each.place, each.place.replace(".py:", ":").replace("/", "."))
        ]
        if len(found) != 1:
            raise ConfigError(f"There is no app {named} here. {_listed(project.apps)}")
        return found[0]
    if len(apps) > 1 and not project.is_wired:
        raise ConfigError(f"There are several apps here: say which with --app. {_listed(apps)}")
    return apps[0] if apps else None


def _listed(apps: "list[App] | tuple[App, ...]") -> str:
    return "Found: " + (", ".join(each.place for each in apps) or "none") + "."


def _choose_framework(project: Project, named: str | None, app: App | None, *, ask: bool) -> Framework:
    choices = ", ".join(sorted(FRAMEWORKS))
    if named is not None:
        if named.lower() not in FRAMEWORKS:
            raise ConfigError(f"--framework is one of {choices}, not {named!r}")
        return FRAMEWORKS[named.lower()]
    found = app.framework if app else project.framework
    if found is not None:
        return found
    if not ask or not sys.stdin.isatty():
        raise ConfigError(f"No framework was found here: choose with --framework ({choices})")
    while (answer := str(typer.prompt(f"Which framework? ({choices})")).strip().lower()) not in FRAMEWORKS:
        print(f"One of {choices}.")
    return FRAMEWORKS[answer]


def _port(app_url: str) -> int:
    try:
        parts = urlsplit(app_url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        port = None
    if port is None or not parts.hostname or parts.path.strip("/"):
        raise ConfigError(f"--app-url is an origin such as http://localhost:8000, not {app_url!r}")
    return port

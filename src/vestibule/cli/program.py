"""The commands, and how they fail: with a sentence. 1: it went wrong; 2: it is set up wrong."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated, Final

import typer

from vestibule.cli import (
    commands_backup,
    commands_dev,
    commands_export,
    commands_impersonate,
    commands_import,
    commands_keys,
    commands_serve,
    commands_users,
)
from vestibule.errors import ConfigError, VestibuleError
from vestibule.server.identity.errors import IdentityError

FAILED: Final = 1
MISCONFIGURED: Final = 2

program = typer.Typer(
    name="vestibule",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print the values of variables, which may be secrets
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"vestibule {version('vestibule')}")
        raise typer.Exit


@program.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Sign-in for Python apps: the identity server and what it needs."""


program.command("serve")(commands_serve.serve)
program.command("dev", context_settings={"allow_interspersed_args": False})(commands_dev.dev)
program.command("migrate")(commands_serve.migrate)
program.command("backup")(commands_backup.backup)
program.command("restore")(commands_backup.restore)
program.command("export")(commands_export.export)
program.add_typer(commands_import.bringing, name="import")
program.command("keygen")(commands_keys.keygen)
program.add_typer(commands_keys.keys, name="keys")
program.command("impersonate")(commands_impersonate.impersonate)
program.add_typer(commands_users.users, name="users")


def run(arguments: list[str] | None = None) -> int:
    """The exit code. Errors are printed for people, on stderr."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        code = program(arguments, prog_name="vestibule", standalone_mode=False)
    except ConfigError as error:
        return _explain(error.problems, MISCONFIGURED)
    except VestibuleError as error:
        return _explain([error.message], FAILED)
    except IdentityError as error:
        return _explain(
            [error.message, *[each.get("message", "") for each in getattr(error, "errors", ())]], FAILED
        )
    except typer.Abort:
        return _explain(["Stopped."], FAILED)
    except typer.TyperException as error:
        return _explain([error.format_message()], error.exit_code)
    return code if isinstance(code, int) else 0


def _explain(problems: list[str] | tuple[str, ...], code: int) -> int:
    for problem in filter(None, problems):
        print(f"vestibule: {problem}", file=sys.stderr)
    return code

"""The commands, and how they fail: with a sentence. 1: it went wrong; 2: it is set up wrong."""

import logging
import sys
from importlib.metadata import version
from typing import Annotated, Any, Final, cast

import typer
from typer.core import TyperGroup

from vestibule.cli.loading import Commands, Place
from vestibule.errors import ConfigError, VestibuleError
from vestibule.server.identity.errors import IdentityError

FAILED: Final = 1
MISCONFIGURED: Final = 2

# The first need the toolkit and `vestibule[cli]` alone, the others the server.
COMMANDS: Final = {
    "init": Place("commands_init", "init"),
    "doctor": Place("commands_doctor", "doctor"),
    "audit": Place("commands_audit", "audit"),
    "keygen": Place("commands_keygen", "keygen"),
    "serve": Place("commands_serve", "serve"),
    "dev": Place("commands_dev", "dev", {"allow_interspersed_args": False}),
    "migrate": Place("commands_serve", "migrate"),
    "backup": Place("commands_backup", "backup"),
    "restore": Place("commands_backup", "restore"),
    "export": Place("commands_export", "export"),
    "import": Place("commands_import", "bringing"),
    "keys": Place("commands_keys", "keys"),
    "impersonate": Place("commands_impersonate", "impersonate"),
    "operators": Place("commands_operators", "operators"),
    "users": Place("commands_users", "users"),
}


class Program(TyperGroup):
    """Imports what the command that was asked for needs, and nothing else."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = cast(Any, Commands(COMMANDS))


program = typer.Typer(
    name="vestibule",
    cls=Program,
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
    """Sign-in for Python apps: begin one, look into it, and run its identity server."""


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

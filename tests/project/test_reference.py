"""The reference is right in what it says of each thing: names, defaults, ranges, options, codes."""

import re
from dataclasses import MISSING, fields
from typing import Any

import pytest
import typer.main

from tests.project import facts
from tests.project.codes import CODE
from tests.project.tree import ROOT, modules
from vestibule.cli.program import program
from vestibule.errors import ConfigError
from vestibule.server.identity.event_names import OWN
from vestibule.server.settings import PREFIX, Settings
from vestibule.session import events
from vestibule.session.config import Config, variable_names

REFERENCE = ROOT / "docs" / "reference"
SECTION = re.compile(r"(?ms)^#{2,4} `([^`]+)`$(.*?)(?=^#{1,4} |\Z)")
RANGE = re.compile(r"From ([\d,]+) to ([\d,]+)\.")
EVENT = re.compile(r"[a-z_]+\.[a-z_]+")
SERVER_EVENT = re.compile(
    r'"((?:user|session|organization|organization_membership|role|email_verification|password_reset)\.[a-z_]+)"'
)
SOURCE = "\n".join(path.read_text("utf-8") for path in modules("src"))
IDENTITY = "\n".join(path.read_text("utf-8") for path in modules("src") if path.parent.name == "identity")
SECRET = "nothing is sealed with this one, 0123456789"
MADE_OF_PARTS = {"http_401"}


def sections(page: str) -> dict[str, str]:
    return dict(SECTION.findall((REFERENCE / page).read_text("utf-8")))


def written(default: object) -> str:
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


@pytest.mark.parametrize("name", [each.name for each in fields(Config)])
def test_a_setting_of_the_toolkit_names_its_variables(name: str) -> None:
    section = sections("settings.md")[name]
    assert [variable for variable in variable_names(name) if f"`{variable}`" not in section] == []


@pytest.mark.parametrize("setting", [*fields(Config), *fields(Settings)], ids=lambda setting: setting.name)
def test_a_setting_says_its_default(setting: Any) -> None:
    known = sections("settings.md")
    section = known.get(setting.name) or known[PREFIX + setting.name.upper()]
    if setting.default is MISSING:
        assert "Required" in section
    elif setting.default in (None, ()):
        assert "Default" in section
    else:
        assert written(setting.default) in section


NUMBERS = [each.name for each in fields(Settings) if type(each.default) is int]


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_of_the_server_has_the_range_it_says(name: str) -> None:
    found = RANGE.search(sections("settings.md")[PREFIX + name.upper()])
    assert found
    least, most = (int(text.replace(",", "")) for text in found.groups())
    for within in (least, most):
        assert getattr(server(name, within), name) == within
    for beyond in (least - 1, most + 1):
        with pytest.raises(ConfigError, match=PREFIX + name.upper()):
            server(name, beyond)


def server(name: str, value: int) -> Settings:
    return Settings(public_url="http://localhost", secret=SECRET, **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("path", sorted(facts.commands()))
def test_a_command_lists_its_options(path: str) -> None:
    command: Any = typer.main.get_command(program)
    for name in path.split()[1:]:
        command = command.commands[name]
    options = {option for each in command.params for option in each.opts if option.startswith("--")}
    table = re.findall(r"(?m)^\| `(--[\w-]+)`", sections("commands.md")[path])
    assert sorted(table) == sorted(options - {"--help"})


def test_no_error_code_is_documented_that_has_gone() -> None:
    documented = {code for code in facts.first_cells("errors.md") if CODE.fullmatch(code)}
    assert sorted(code for code in documented - MADE_OF_PARTS if f'"{code}"' not in SOURCE) == []


def test_every_event_is_documented() -> None:
    constants = {value for name, value in vars(events).items() if name.isupper()}
    of_toolkit = {value for value in constants if isinstance(value, str) and EVENT.fullmatch(value)}
    of_server = set(SERVER_EVENT.findall(IDENTITY))
    assert of_toolkit
    assert sorted((of_toolkit | of_server) - facts.first_cells("events.md")) == []


def test_every_event_of_our_own_is_documented() -> None:
    assert sorted(OWN - facts.first_cells("events.md")) == []


def test_no_event_is_documented_that_has_gone() -> None:
    documented = {code for code in facts.first_cells("events.md") if not code.startswith("authentication.")}
    assert documented
    assert sorted(code for code in documented if not re.search(rf'"{re.escape(code)}\b', SOURCE)) == []

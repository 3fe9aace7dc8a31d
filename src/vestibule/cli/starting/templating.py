"""The files that `vestibule init` writes, from the package's own data."""

from importlib.resources import files
from string import Template


def render(template: str, /, **values: str) -> str:
    """`$name` stands for a value, `$$` for a dollar."""
    text = files("vestibule.cli.starting").joinpath("templates", f"{template}.txt").read_text("utf-8")
    return Template(text).substitute(values)


def indented(text: str, indent: str) -> str:
    return "".join(indent + line if line.strip() else line for line in text.splitlines(keepends=True))

"""The plan and what came of it: in colour for people who watch, plain for everything else."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from vestibule.cli.starting.plan import Plan

STYLES = (("+++", "bold"), ("---", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


def console() -> Console:
    """rich writes no colour into pipes, and none where NO_COLOR is set."""
    return Console(highlight=False, markup=False, soft_wrap=True)


def show_changes(plan: Plan, out: Console) -> None:
    for change in plan.changes:
        for line in change.diff():
            style = next((style for start, style in STYLES if line.startswith(start)), "")
            out.print(Text(line, style=style))
        out.print()


def show_left(plan: Plan, out: Console) -> None:
    for sentence in plan.left:
        out.print(Text(sentence, style="yellow"))
        out.print()


def show_next(plan: Plan, directory: Path, out: Console) -> None:
    commands = [f"cd {directory}"] if directory.resolve() != Path.cwd() else []
    commands += plan.commands
    if commands:
        out.print("Next:\n")
        for command in commands:
            out.print(Text(f"    {command}", style="bold"))
        out.print()

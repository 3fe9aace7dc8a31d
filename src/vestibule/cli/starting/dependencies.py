"""Declaring the dependency: in the file that people edit, or by the tool that owns the file."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from vestibule.cli.starting.changes import Change
from vestibule.cli.starting.frameworks import Framework
from vestibule.cli.starting.project import Project

ADD: Final = {"uv": "uv add", "poetry": "poetry add", "pdm": "pdm add"}
OPENING: Final = re.compile(r"^dependencies\s*=\s*\[(\s*)", re.M)


def plan_dependency(project: Project, framework: Framework) -> tuple[Change | None, tuple[str, ...]]:
    """The change of a file, if it is ours to make, and the commands that install."""
    requirement = framework.requirement
    if "vestibule" in project.declared:
        return None, ()
    if project.tool in ADD:
        return None, (f"{ADD[project.tool]} '{requirement}'",)
    return next(_edits(project, requirement), (None, (f"pip install '{requirement}'",)))


def _edits(project: Project, requirement: str) -> Iterator[tuple[Change, tuple[str, ...]]]:
    for path in project.requirement_files[:1]:
        text = project.text(path)
        if text is not None and "--hash=" not in text.content:
            change = Change(path, after=text.appended(f"{requirement}\n").content, before=text.content)
            install = f"pip install -r {path}"
            compiled = (f"pip-compile {path}", f"pip install -r {path.with_suffix('.txt')}")
            yield change, compiled if path.suffix == ".in" else (install,)
    text = project.text("pyproject.toml")
    after = _in_project_table(text.content, requirement) if text else None
    if text and after:
        yield Change(Path("pyproject.toml"), after=after, before=text.content), ("pip install -e .",)


def _in_project_table(text: str, requirement: str) -> str | None:
    """With one requirement more, if the result reads so; None where that cannot be seen."""
    found = [*OPENING.finditer(text)]
    before = _dependencies(text)
    if len(found) != 1 or before is None:
        return None
    end = found[0].end()
    gap = found[0][1] if text[end : end + 1] != "]" else ""
    after = f'{text[:end]}"{requirement}",{gap or " "}{text[end:]}' if gap or before else ""
    if not after:
        after = f'{text[:end]}"{requirement}"{text[end:]}'
    return after if _dependencies(after) == [requirement, *before] else None


def _dependencies(text: str) -> list[Any] | None:
    try:
        listed = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n")).get("project", {})
    except tomllib.TOMLDecodeError:
        return None
    found = listed.get("dependencies", [])
    return found if isinstance(found, list) else None

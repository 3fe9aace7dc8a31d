"""The shape of the tree: a ratchet that a growing project would otherwise lose file by file."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.project.tree import ROOT, SOURCE, modules, nodes, parsed, shown, tracked

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
VAGUE = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
READS_THE_ENVIRONMENT = {"session/config.py", "server/settings.py"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}
JAVASCRIPT_LOCKS = tuple(path for path in tracked() if path.name == "package-lock.json")
LOCK_FILES = (*sorted((ROOT / "requirements").glob("*.txt")), *JAVASCRIPT_LOCKS)

# Spelled in pieces so that this file does not find itself.
MACHINE_PATHS = [
    re.compile(r"(?<![\w./-])/" + top) for top in ("work/", r"root/\.", "opt" + "/wheels", "opt" + "/pypi")
]
PACKAGE_HOSTS = [
    re.compile(host) for host in ("files.python" + "hosted", "registry.npm" + "js", "pypi" + r"\.org/simple")
]


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    long = {
        shown(path): lines
        for path in modules()
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{shown(path)}:{node.lineno} {node.name}": lines
        for path, node in nodes("src", "examples")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
        and "migrations/versions" not in shown(path)
    }
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = [shown(path) for path in modules() if VAGUE & set(path.relative_to(ROOT).with_suffix("").parts)]
    assert vague == []


def test_every_module_of_the_package_says_why_it_exists() -> None:
    silent = [
        shown(path)
        for path in modules("src")
        if path.stat().st_size
        and not ast.get_docstring(parsed(path))
        and "migrations/versions" not in shown(path)
    ]
    assert silent == []


def test_only_the_settings_modules_read_the_environment() -> None:
    readers = {
        path.relative_to(SOURCE).as_posix() for path, node in nodes("src") if _reads_the_environment(node)
    }
    passes_it_on = {"cli/commands_dev.py"}  # hands its own environment to the program it starts
    assert readers - passes_it_on <= READS_THE_ENVIRONMENT


def _reads_the_environment(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="os"), attr=name):
            return name in ENVIRONMENT
        case ast.ImportFrom(module="os", names=names):
            return any(alias.name in ENVIRONMENT for alias in names)
    return False


@pytest.mark.parametrize("lock", LOCK_FILES, ids=shown)
def test_lock_files_hold_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text("utf-8")
    if lock.suffix == ".json":
        text = re.sub(r'"funding": (\{[^}]*\}|\[[^\]]*\])|"url": "[^"]*"', "", text)
        assert '"integrity"' in text
        assert '"resolved"' not in text
    else:
        names = re.findall(r"(?m)^[a-z0-9][\w.\-\[\]]*==", text)
        assert names
        assert text.count("--hash=sha256:") >= len(names)
        assert not re.search(r"(?m)^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", text)
    assert "://" not in text


def test_no_tracked_file_names_a_machine_path_or_a_package_host() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{shown(path)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if any(pattern.search(line) for pattern in (*MACHINE_PATHS, *PACKAGE_HOSTS))
        ]
    assert found == []


def test_nothing_is_left_to_do_later() -> None:
    marker = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [shown(path) for path in modules() if marker.search(path.read_text("utf-8"))]
    assert found == []


def test_the_newest_changelog_entry_is_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    headings = re.findall(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert headings[0] == version

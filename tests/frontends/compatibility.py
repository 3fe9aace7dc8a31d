"""docs/compatibility.md: which version of which official client passed what. Written by the run that saw it.

`VESTIBULE_COMPATIBILITY=1` writes the sections of the examples that ran; the others stay as they are.
"""

import json
import os
import re
from typing import Any

from tests.frontends.example import ROOT, Example
from tests.frontends.stories import PROOFS, sentence

PAGE = ROOT / "docs" / "compatibility.md"
EXAMPLES = ROOT / "examples"
OFFICIAL = re.compile(r"^@workos(-inc)?/")
HEAD = """# Compatibility

Every example with a front end runs in a real browser with the packages that its `package.json`
pins, taken from the registry and not modified, against a Vestibule server and a Python back end.
`make frontends` does that for all of them and writes this page from what passed. What a package
cannot do by itself is in [Where we differ](differences.md#front-ends-we-do-not-change).
"""

_passed: dict[str, tuple[Example, set[str]]] = {}


def note(example: Example, proof: str) -> None:
    _passed.setdefault(example.name, (example, set()))[1].add(proof)


def pinned(name: str) -> dict[str, str]:
    """The packages that an example runs on, and its versions of them. Those of this repository have none."""
    manifest = EXAMPLES / name / "package.json"
    if not manifest.exists():
        return {}
    read: dict[str, Any] = json.loads(manifest.read_text("utf-8"))
    found: dict[str, str] = read.get("dependencies", {})
    return {package: version for package, version in found.items() if not version.startswith("file:")}


def official(name: str) -> dict[str, str]:
    return {package: version for package, version in pinned(name).items() if OFFICIAL.match(package)}


def examples() -> list[str]:
    """Those with packages of their own."""
    return sorted(manifest.parent.name for manifest in EXAMPLES.glob("*/package.json"))


def sections() -> dict[str, str]:
    """The page's, by example."""
    if not PAGE.exists():
        return {}
    _, *found = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return {text.split("\n", 1)[0].strip(): f"## {text.strip()}\n" for text in found}


def write_page() -> None:
    if not _passed or not os.environ.get("VESTIBULE_COMPATIBILITY"):
        return
    written = {name: _section(example, proofs) for name, (example, proofs) in _passed.items()}
    known = sections() | written
    PAGE.write_text("\n".join([HEAD, *(known[name] for name in sorted(known))]), "utf-8")


def _section(example: Example, proofs: set[str]) -> str:
    versions, client = pinned(example.name), example.client
    first = [client, *(name for name in official(example.name) if name != client)]
    rows = [
        f"| {'official client' if name in first else 'with'} | `{name}` | {version} |"
        for name, version in sorted(versions.items(), key=lambda item: (item[0] not in first, item[0]))
    ]
    own = [] if client in versions else [f"| own client | `{client}` | of this repository |"]
    order = [proof.__name__ for proof in PROOFS if proof.__name__ in proofs]
    lines = [
        f"## {example.name}",
        "",
        "| | package | version |",
        "| --- | --- | --- |",
        *own,
        *rows,
        f"| back end | {example.back_end} | of `requirements/dev.txt` |",
        "",
        *(f"- {sentence(name)}" for name in [*order, *sorted(proofs - set(order))]),
    ]
    return "\n".join(lines) + "\n"

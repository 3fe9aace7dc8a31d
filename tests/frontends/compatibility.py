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

Every [example with a front end](https://github.com/vestibule/vestibule/tree/main/examples) runs in a real browser with the
packages that its `package.json` pins, taken from the registry and not modified, against a Vestibule server and a Python
back end. `make frontends` does that for all of them and writes this page from what passed.
"""

_passed: dict[str, tuple[Example, list[str]]] = {}


def note(example: Example, proof: str) -> None:
    _passed.setdefault(example.name, (example, []))[1].append(proof)


def pinned(name: str) -> dict[str, str]:
    """The example's packages, and its versions of them."""
    text = (EXAMPLES / name / "package.json").read_text("utf-8")
    manifest: dict[str, Any] = json.loads(text)
    return dict(manifest.get("dependencies", {}))


def official(name: str) -> dict[str, str]:
    return {package: version for package, version in pinned(name).items() if OFFICIAL.match(package)}


def sections() -> dict[str, str]:
    """The page's, by example."""
    if not PAGE.exists():
        return {}
    _, *found = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.M)
    return {text.split("\n", 1)[0].strip(): f"## {text.strip()}\n" for text in found}


def write_page() -> None:
    if not _passed or not os.environ.get("VESTIBULE_COMPATIBILITY"):
        return
    known = sections()
    for name, (example, proofs) in _passed.items():
        known[name] = _section(example, proofs)
    PAGE.write_text("\n".join([HEAD, *(known[name] for name in sorted(known))]), "utf-8")


def _section(example: Example, proofs: list[str]) -> str:
    versions = pinned(example.name)
    packages = [example.client, *(name for name in official(example.name) if name != example.client)]
    others = [name for name in versions if name not in packages]
    order = [proof.__name__ for proof in PROOFS]
    seen = sorted(set(proofs), key=lambda name: (order.index(name) if name in order else len(order), name))
    lines = [
        f"## {example.name}",
        "",
        ", ".join(f"`{name}` {versions[name]}" for name in packages if name in versions),
        f"with {', '.join(f'`{name}` {versions[name]}' for name in others)}, and {example.back_end} behind it.",
        "",
        *(f"- {sentence(name)}" for name in seen),
    ]
    return "\n".join(lines) + "\n"

"""Known vulnerabilities in the pinned requirements, by pip-audit.

Ends with 1 when one is found, or when only some of the packages could be looked up. When none could,
because the advisory service does not answer, it says so and ends with 0: no finding, and no all-clear.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLANTED = "jinja2==2.4.1"
"""Has had advisories for years: an audit that does not find them finds nothing."""
REQUIREMENTS = ("requirements/server.txt", "requirements/dev.txt")


@dataclass(frozen=True, slots=True)
class Verdict:
    lines: tuple[str, ...]
    exit_code: int


def judge(name: str, dependencies: Sequence[dict[str, object]]) -> Verdict:
    """`dependencies` as in pip-audit's JSON report."""
    skipped = [str(each["name"]) for each in dependencies if "skip_reason" in each]
    findings = [
        f"{name}: {each['name']} {each['version']}: {found['id']}, mended in "
        + (", ".join(found["fix_versions"]) or "no release yet")
        for each in dependencies
        for found in each.get("vulns", ())  # type: ignore[attr-defined]
    ]
    if findings:
        return Verdict(tuple(findings), 1)
    if skipped and len(skipped) == len(dependencies):
        return Verdict((f"{name}: NOT CHECKED: the advisory service could not be reached",), 0)
    if skipped:
        return Verdict((f"{name}: not looked up: {', '.join(skipped)}",), 1)
    return Verdict((f"{name}: no known vulnerability in {len(dependencies)} packages",), 0)


def trust(dependencies: Sequence[dict[str, object]]) -> Verdict:
    """Whether an audit can find anything here: `dependencies` is the report on the planted version."""
    if not dependencies or any("skip_reason" in each for each in dependencies):
        return Verdict((f"{PLANTED}: NOT CHECKED: the advisory service could not be reached",), 0)
    if any(each.get("vulns") for each in dependencies):
        return Verdict((f"{PLANTED}: found, as a planted one must be",), 0)
    return Verdict((f"{PLANTED}: NOT FOUND although it is vulnerable: what follows means nothing",), 1)


def report_on_planted() -> list[dict[str, object]]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(PLANTED)
        file.flush()
        return _audit("--no-deps", "--requirement", file.name)


def report(requirements: str) -> list[dict[str, object]]:
    """Empty when pip-audit itself could not finish, which is how it ends without a network."""
    return _audit("--require-hashes", "--requirement", requirements)


def _audit(*options: str) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--format=json", "--progress-spinner=off"]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except (ValueError, KeyError):
        print(done.stderr.strip().rpartition("\n")[2], file=sys.stderr)
        return []


def main() -> int:
    planted = trust(report_on_planted())
    print(*planted.lines, sep="\n")
    worst = planted.exit_code
    for requirements in REQUIREMENTS:
        dependencies = report(requirements)
        verdict = judge(requirements, dependencies or [{"name": requirements, "skip_reason": "no report"}])
        print(*verdict.lines, sep="\n")
        worst = max(worst, verdict.exit_code)
    return worst


if __name__ == "__main__":
    sys.exit(main())

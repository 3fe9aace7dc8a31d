"""Known vulnerabilities in the pinned requirements, by pip-audit.

Ends with 1 when one is found, or when only some of the packages could be looked up. When none could,
because the advisory service does not answer, it says so and ends with 0: no finding, and no all-clear.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
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


def report(requirements: str) -> list[dict[str, object]]:
    """Empty when pip-audit itself could not finish, which is how it ends without a network."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format=json"]
    done = subprocess.run(
        [*command, "--progress-spinner=off", "--requirement", requirements],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except (ValueError, KeyError):
        print(done.stderr.strip().rpartition("\n")[2], file=sys.stderr)
        return []


def main() -> int:
    worst = 0
    for requirements in REQUIREMENTS:
        dependencies = report(requirements)
        verdict = judge(requirements, dependencies or [{"name": requirements, "skip_reason": "no report"}])
        print(*verdict.lines, sep="\n")
        worst = max(worst, verdict.exit_code)
    return worst


if __name__ == "__main__":
    sys.exit(main())

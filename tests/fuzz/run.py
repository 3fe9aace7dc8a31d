"""`python -m tests.fuzz.run SECONDS [target …]`: each target for so long, and how often it ran.

Coverage-guided with atheris where it is installed, else by hypothesis, which only draws at random.
With `--record` the figures go to docs/security/fuzzing.md.
"""

import argparse
import datetime as dt
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security" / "fuzzing.md"
TEN_MINUTES = 600
NAMES = ("unseal", "token", "cookies", "return_path", "redirect_uri", "email", "aura_token", "aura_redirect")

HEAD = """\
# Fuzzing

Text from strangers goes through these parsers. Each is given inputs that a fuzzer makes up, and must neither
fail with an error of another kind than it documents nor break what holds for its result: a seal opens only
as it was made, a token that nobody signed is refused, a return path stays on its origin, a redirect URI is a
registered one, an address is one address. Likewise for the tokens and redirects of direct mode's other
dialect, Aura's.

The targets are in `tests/fuzz/targets.py`. `scripts/fuzz.sh 600 --record` runs them and writes this page;
`make verify` gives each ten minutes.

"""


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    executions: int
    seconds: int
    crashed: bool
    output: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run")
    parser.add_argument("seconds", type=int)
    parser.add_argument("targets", nargs="*", choices=[[], *NAMES])
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--child", choices=["atheris", "hypothesis"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        return _child(given.child, given.targets[0], given.seconds)
    engine = "atheris" if find_spec("atheris") else "hypothesis"
    with ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as workers:
        results = list(workers.map(lambda name: _run(engine, name, given.seconds), given.targets or NAMES))
    for each in results:
        print(f"{each.name:14} {each.executions:>12,} executions {each.seconds:>6} s", _verdict(each))
        if each.crashed:
            print(each.output[-4_000:])
    if given.record:
        PAGE.write_text(_page(engine, results))
    return 1 if any(each.crashed for each in results) else 0


def _run(engine: str, name: str, seconds: int) -> Result:
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.fuzz.run", str(seconds), name, "--child", engine]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    counted = re.findall(r"(?m)^#([0-9]+)\s", output)
    executions = max(map(int, counted), default=0)
    return Result(name, executions, round(time.monotonic() - began), done.returncode != 0, output)


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def _child(engine: str, name: str, seconds: int) -> int:
    return _atheris(name, seconds) if engine == "atheris" else _hypothesis(name, seconds)


def _atheris(name: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["vestibule"]):
        from tests.fuzz.targets import SEEDS, TARGETS
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[name]):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-max_len=512", "-print_final_stats=1", "-timeout=10"]
        artifacts = f"-artifact_prefix={corpus}/"
        atheris.Setup(["fuzz", *options, artifacts, corpus], TARGETS[name])
        atheris.Fuzz()
    return 0


def _hypothesis(name: str, seconds: int) -> int:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import strategies as st

    from tests.fuzz.targets import SEEDS, TARGETS

    counted = 0

    @settings(max_examples=1_000, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.binary(max_size=512), st.sampled_from(SEEDS[name])))
    def once(data: bytes) -> None:
        nonlocal counted
        counted += 1
        TARGETS[name](data)

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        once()
    print(f"#{counted} DONE")
    return 0


def _verdict(result: Result) -> str:
    return "a finding" if result.crashed else "nothing found"


def _page(engine: str, results: list[Result]) -> str:
    today = dt.datetime.now(dt.UTC).date()
    rows = [
        f"| `{each.name}` | {each.executions:,} | {each.seconds} | {_verdict(each)} |" for each in results
    ]
    made = (
        f"Run of {today}: {engine} {version(engine)}, Python {platform.python_version()}, two shared cores."
    )
    if any(each.seconds < TEN_MINUTES for each in results):
        made += " A short run."
    table = "\n".join(["| Target | Executions | Seconds | Result |", "| --- | --- | --- | --- |", *rows])
    return f"{HEAD}{made}\n\n{table}\n"


if __name__ == "__main__":
    sys.exit(main())

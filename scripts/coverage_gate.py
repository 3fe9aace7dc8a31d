"""Branch coverage, held where a wrong branch lets somebody in. Prints only what falls short."""

import subprocess
import sys

FLOORS = {
    "toolkit core": (
        (
            *("errors.py", "flow.py", "cookies.py", "send.py", "alongside.py", "direct_door.py"),
            *("wire/*", "crypto/*", "oauth/*", "session/*", "direct/*"),
        ),
        100,
    ),
    "adapters": (
        (
            *("asgi.py", "wsgi.py", "entry.py", "installation.py", "templating.py", "rates.py"),
            *("datastores.py", "starlette.py", "fastapi.py", "flask.py"),
        ),
        100,
    ),
    "adapters of Django and Litestar": (("django/*", "litestar/*"), 97),
    "laboratory and guard report": (("testing/*", "audit/*"), 90),
    "server": (("server/*", "embedded/*"), 90),
}


def main() -> int:
    coverage = [sys.executable, "-m", "coverage"]
    short = 0
    for name, (parts, floor) in FLOORS.items():
        include = ",".join(f"*/vestibule/{part}" for part in parts)
        report = subprocess.run(
            [*coverage, "report", f"--include={include}", f"--fail-under={floor}", "--skip-covered"],
            capture_output=True,
            text=True,
            check=False,
        )
        if report.returncode:
            short += 1
            print(f"\nbranch coverage of the {name} is under {floor} %\n{report.stdout}{report.stderr}")
    return min(short, 1)


if __name__ == "__main__":
    sys.exit(main())

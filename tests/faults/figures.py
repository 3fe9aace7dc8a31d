"""What a fault run found, kept until `python -m tests.faults.report` writes it to docs/reliability.md."""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT_IN = Path(__file__).parents[2] / ".cache" / "faults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`name` is unique and sorts the table; `test` is what to give to pytest."""

    name: str
    fault: str
    done: str
    figure: str
    test: str
    date: str = ""


def record(figure: Figure) -> None:
    KEPT_IN.mkdir(parents=True, exist_ok=True)
    dated = asdict(figure) | {"date": dt.datetime.now(dt.UTC).date().isoformat()}
    (KEPT_IN / f"{figure.name}.json").write_text(json.dumps(dated, indent=1), "utf-8")


def recorded() -> list[Figure]:
    return [Figure(**json.loads(path.read_text("utf-8"))) for path in sorted(KEPT_IN.glob("*.json"))]

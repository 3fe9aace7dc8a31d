"""What an import writes down: how far it has come, so that it can go on; and every row that was refused."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vestibule.errors import ConfigError

EVERY: Final = 500


@dataclass(slots=True)
class Tally:
    """`rows` is all of them; those that were here already and lacked nothing are the rest."""

    rows: int = 0
    created: int = 0
    completed: int = 0
    refused: int = 0

    @property
    def present(self) -> int:
        return self.rows - self.created - self.completed - self.refused

    def __str__(self) -> str:
        return (
            f"{self.rows:,} rows: {self.created:,} created, {self.completed:,} completed, "
            f"{self.present:,} were here, {self.refused:,} refused"
        )


@dataclass(slots=True)
class Notes:
    """`begin` before the first row, `noted` after each, `end` after the last, `leave` on every way out."""

    fingerprint: str
    checkpoint: Path
    report: Path
    tally: Tally = field(default_factory=Tally)

    def begin(self, *, restart: bool = False) -> int:
        """How many rows of this very source are done already."""
        known = {} if restart else _read(self.checkpoint)
        if known.get("source") != self.fingerprint:
            self.report.unlink(missing_ok=True)
            return 0
        self.tally = Tally(**known["tally"])
        if self.report.exists():
            os.truncate(self.report, known["report"])
        return self.tally.rows

    def refuse(self, *, line: int, who: str, reason: str) -> None:
        self.tally.refused += 1
        entry = {"line": line, "who": who[:320], "reason": reason}
        try:
            handle = os.open(self.report, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with open(handle, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        except OSError as error:
            raise ConfigError(f"Cannot write {self.report}: {error.strerror}") from None

    def noted(self) -> None:
        self.tally.rows += 1
        if self.tally.rows % EVERY == 0:
            self.save()

    def save(self) -> None:
        """Written beside and moved over: a kill leaves the old one or the new one."""
        tally = self.tally
        content = {
            "source": self.fingerprint,
            "tally": {
                "rows": tally.rows,
                "created": tally.created,
                "completed": tally.completed,
                "refused": tally.refused,
            },
            "report": self.report.stat().st_size if self.report.exists() else 0,
        }
        beside = self.checkpoint.with_name(f"{self.checkpoint.name}.{os.getpid()}")
        beside.write_text(json.dumps(content), "utf-8")
        beside.replace(self.checkpoint)

    def end(self) -> None:
        self.checkpoint.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text("utf-8"))
        return {"source": known["source"], "tally": dict(known["tally"]), "report": int(known["report"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}

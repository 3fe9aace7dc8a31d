"""An export on disk: a line of JSON for each row, a file for each kind, and a page that says what it is."""

import gzip
import io
import json
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import timestamp
from vestibule.server.identity.secrets import open_at_rest
from vestibule.server.store import portable

FORMAT: Final = "vestibule-export"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
TAR_ENDINGS: Final = (".tar", ".tar.gz", ".tgz")
LARGEST_MANIFEST: Final = 1_000_000
CHUNK: Final = 1_048_576


@dataclass(frozen=True, slots=True)
class Export:
    """One that was made before."""

    directory: Path
    manifest: Mapping[str, Any] = field(repr=False)

    @property
    def has_secrets(self) -> bool:
        return self.manifest.get("secrets") is True

    def rows(self, kind: str) -> int:
        """As many as were written."""
        rows = self.manifest.get("rows")
        number = rows.get(kind) if isinstance(rows, dict) else None
        return number if isinstance(number, int) else 0

    def path(self, kind: str) -> Path:
        return self.directory / f"{kind}.ndjson"


def write_export(
    identity: Identity, target: Path, *, secrets: bool, seen: Callable[[str, int], None]
) -> dict[str, int]:
    """How many rows of each kind. A directory, or a tar file when the name ends like one's.

    Raises ConfigError when there is something at `target`, or it cannot be written.
    """
    if target.exists():
        raise ConfigError(f"{target} exists already: name another one, or move it away")
    packed = target.name.endswith(TAR_ENDINGS)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.absolute().parent) as name:
            counts = _write_directory(identity, Path(name), secrets=secrets, seen=seen)
            if packed:
                _pack(Path(name), target)
            else:
                target.mkdir(mode=0o700)
                for file in Path(name).iterdir():
                    file.replace(target / file.name)
    except OSError as error:
        raise ConfigError(f"Cannot write {target}: {error.strerror or error}") from None
    return counts


def _write_directory(
    identity: Identity, directory: Path, *, secrets: bool, seen: Callable[[str, int], None]
) -> dict[str, int]:
    counts: dict[str, int] = {}

    def unseal(sealed: str) -> Any:
        return open_at_rest(sealed, identity.settings.secret)

    with portable.snapshot(identity.store, unseal=unseal if secrets else None) as moment:
        for table in portable.tables():
            with _private(directory / f"{table.name}.ndjson") as file:
                number = 0
                for number, line in enumerate(moment.lines(table), start=1):
                    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
                    if number % portable.AT_ONCE == 0:
                        seen(table.name, number)
            counts[table.name] = number
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "schema": moment.revision,
            "environment": identity.settings.environment,
            "issuer": identity.settings.public_url,
            "secrets": secrets,
            "made_at": timestamp(identity.now),
            "rows": counts,
        }
    with _private(directory / MANIFEST) as file:
        json.dump(manifest, file, indent=1)
    return counts


@contextmanager
def _private(path: Path) -> Iterator[io.TextIOBase]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8", newline="\n") as file:
        yield file


def _pack(directory: Path, target: Path) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    mode = "w:" if target.name.endswith(".tar") else "w:gz"
    with open(handle, "wb") as raw, tarfile.open(fileobj=raw, mode=mode) as tar:  # type: ignore[call-overload]
        for file in sorted(directory.iterdir()):
            tar.add(file, arcname=file.name)


@contextmanager
def opened_export(source: Path) -> Iterator[Export]:
    """Raises ConfigError when it is none, or of a newer version."""
    if source.is_dir():
        yield _checked(source, source)
        return
    with tempfile.TemporaryDirectory(prefix="vestibule-import-") as name:
        try:
            _check_whole(source)
            with tarfile.open(source) as tar:
                _unpack(tar, Path(name))
        except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
            raise ConfigError(f"Cannot read {source}: {error}") from None
        yield _checked(source, Path(name))


def _unpack(tar: tarfile.TarFile, directory: Path) -> None:
    """An export is plain files side by side. Paths, links and devices are refused here: the filters of
    `tarfile` are not in every Python 3.11."""
    for member in tar:
        content = tar.extractfile(member) if member.isfile() else None
        if content is None or "/" in member.name or member.name in ("", ".", ".."):
            raise tarfile.TarError(f"{member.name!r} has no place in an export")
        with content, _private_bytes(directory / member.name) as file:
            shutil.copyfileobj(content, file)


@contextmanager
def _private_bytes(path: Path) -> Iterator[io.BufferedIOBase]:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file:
        yield file


def _check_whole(source: Path) -> None:
    """By the checksum at its end, which unpacking does not come to. Raises OSError, EOFError, zlib.error."""
    if not source.name.endswith(TAR_ENDINGS[1:]):
        return
    with gzip.open(source) as file:
        while file.read(CHUNK):
            pass


def _checked(source: Path, directory: Path) -> Export:
    try:
        with (directory / MANIFEST).open("rb") as file:
            manifest = json.loads(file.read(LARGEST_MANIFEST))
    except (OSError, ValueError):
        raise ConfigError(f"{source} is no export: `vestibule export` makes one") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ConfigError(f"{source} is no export: `vestibule export` makes one")
    if manifest.get("version") != VERSION:
        raise ConfigError(f"{source} was made by another version of Vestibule: {manifest.get('version')!r}")
    export = Export(directory, manifest)
    for table in portable.tables():
        if export.rows(table.name) and not export.path(table.name).exists():
            raise ConfigError(f"Cannot read {source}: {table.name}.ndjson is missing, it came in part only")
    return export

"""A branding in a TOML file beside the settings: for those who keep such things with their code."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vestibule.errors import ConfigError
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.models import Picture

SETTING: Final = "VESTIBULE_SERVER_BRANDING"


@dataclass(frozen=True, slots=True)
class BrandingFile:
    choices: Mapping[str, Any]
    pictures: Mapping[str, tuple[Picture, bytes]]

    @property
    def names(self) -> frozenset[str]:
        return frozenset({*self.choices, *self.pictures})


NONE: Final = BrandingFile({}, {})


def read(
    path: str,
    clean: Callable[[str, Any], Any],
    picture: Callable[[bytes, str], Picture],
    places: Sequence[str],
) -> BrandingFile:
    """Pictures are named by their path from the file. Raises ConfigError with everything that is wrong."""
    file = Path(path)
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError([f"{SETTING}: {file} cannot be read: {reason}"]) from None
    problems: list[str] = []
    choices: dict[str, Any] = {}
    pictures: dict[str, tuple[Picture, bytes]] = {}
    for name, value in given.items():
        try:
            if name in places:
                content = _content(file, value)
                pictures[name] = picture(content, name), content
            else:
                choices[name] = clean(name, value)
        except (ValueError, Invalid) as error:
            problems.append(f"{SETTING}: {file}: {name}: {error}")
    if problems:
        raise ConfigError(problems)
    return BrandingFile(choices, pictures)


def _content(file: Path, name: object) -> bytes:
    if not isinstance(name, str):
        raise ValueError("must be the path of a picture, in quotes")
    try:
        return (file.parent / name).read_bytes()
    except OSError as error:
        raise ValueError(f"{name} cannot be read: {error.strerror}") from None

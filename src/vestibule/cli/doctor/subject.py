"""What is examined: the settings, the app if one is named, the directory, and whom may be asked."""

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from vestibule.audit import load, read_allow_list
from vestibule.audit.judging import judge
from vestibule.audit.model import Report, Surface
from vestibule.audit.reading import read
from vestibule.cli.doctor.asking import Asking
from vestibule.cli.doctor.sources import SECRET, Setting, Variables, settings_of
from vestibule.cli.starting.project import Project, read_project
from vestibule.errors import ConfigError
from vestibule.installation import Installation
from vestibule.session.config import Config, variable_names

STAND_INS: Final = {"client_id": "client_unset", "redirect_uri": "http://unset.invalid/auth/callback"}
# What the server inside an app says itself.
GIVEN: Final = frozenset({"url", "client_id", "api_key", "issuer", "profile"})


@dataclass(frozen=True)
class Subject:
    """`config` is None where the settings cannot be used; `nearly` then has what is right in them."""

    directory: Path
    variables: Variables = field(repr=False)
    asking: Asking
    target: str | None = None
    url: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def loaded(self) -> tuple[Any, str | None]:
        """The app, or why there is none."""
        if self.target is None:
            return None, None
        try:
            return load(self.target, self.directory), None
        except ConfigError as error:
            return None, error.message

    @cached_property
    def surface(self) -> Surface | None:
        app, _ = self.loaded
        if app is None:
            return None
        with contextlib.suppress(ConfigError):
            return read(app)
        return None

    @cached_property
    def audited(self) -> Report | None:
        surface = self.surface
        if surface is None:
            return None
        return judge(surface, app=self.target or "", allow=read_allow_list(self.directory))

    @property
    def installation(self) -> Installation | None:
        return self.surface.installation if self.surface is not None else None

    @cached_property
    def _configured(self) -> tuple[Config | None, tuple[str, ...]]:
        try:
            if self.installation is not None:
                return self.installation.config, ()
            return self._read(), ()
        except ConfigError as error:
            return None, error.problems

    @property
    def config(self) -> Config | None:
        return self._configured[0]

    @property
    def problems(self) -> tuple[str, ...]:
        return self._configured[1]

    @cached_property
    def nearly(self) -> Config | None:
        """The settings with stand-ins for what is missing or cannot be used, as few as will do, so that the
        rest can be looked at."""
        return self.config or next(self._mended(), None)

    def _mended(self) -> Iterator[Config]:
        given = {"cookie_passwords": (secrets.token_urlsafe(32),)}
        unset = dict.fromkeys(variable_names("cookie_passwords"), "")
        for missing in ((), ("client_id",), ("redirect_uri",), ("client_id", "redirect_uri")):
            with contextlib.suppress(ConfigError):
                yield self._read(unset, **given, **{name: STAND_INS[name] for name in missing})

    def _read(self, unset: Mapping[str, str] | None = None, **defaults: Any) -> Config:
        merged = {**self.variables.dotenv, **{k: v for k, v in self.variables.environ.items() if v.strip()}}
        return Config.from_env({**merged, **(unset or {})}, **{**defaults, **self.code})

    @cached_property
    def code(self) -> Mapping[str, Any]:
        """What the app passes to `Auth` itself."""
        found = self.installation
        if found is None:
            return {}
        given = dict(found._defaults)
        if found._config is not None:
            given |= {
                each.name: value
                for each in fields(Config)
                if (value := getattr(found._config, each.name)) != each.default
            }
        if found._redirect_uri is not None:
            given["redirect_uri"] = found._redirect_uri
        return given

    @cached_property
    def settings(self) -> tuple[Setting, ...]:
        found = tuple(settings_of(self.config, self.variables, self.code))
        if not self.embedded:
            return found
        inside = "the server inside the app"
        return tuple(replace(each, source=inside) if each.name in GIVEN else each for each in found)

    @property
    def asked(self) -> Config | None:
        """The settings, if they name a server: nobody is asked whom they do not name."""
        named = self.embedded or self.is_set("url") or self.is_set("client_id")
        return self.nearly if named and not self.direct else None

    @property
    def embedded(self) -> bool:
        """Whether the identity server is inside the app: it says itself who it is."""
        return self.installation is not None and self.installation.mounted is not None

    @property
    def direct(self) -> bool:
        """Whether the app signs people in at providers itself."""
        return self.installation is not None and self.installation.way is not None

    def is_set(self, name: str) -> bool:
        """And can be used."""
        if name == "redirect_uri" and self.direct:
            return self.config is not None  # it follows from base_url
        if name in STAND_INS and self.nearly is not None and getattr(self.nearly, name) == STAND_INS[name]:
            return False
        return any(each.name == name and each.source != "default" for each in self.settings)

    @cached_property
    def project(self) -> Project:
        return read_project(self.directory)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Longest first, so that no part of one is left over."""
        known = set(self.variables.all_secrets())
        config = self.config
        if config is not None:
            known |= {config.api_key or "", *config.cookie_passwords, *config.workos_python_passwords}
        for given in (self.code.get(name) or () for name in SECRET):
            known |= {given} if isinstance(given, str) else set(given)
        return tuple(sorted((text for text in known if len(text) > 3), key=len, reverse=True))

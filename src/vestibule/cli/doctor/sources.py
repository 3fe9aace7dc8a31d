"""Each setting with where its value came from, and which values must never be shown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from vestibule.session.config import Config, variable_names, workos_url

SECRET: Final = frozenset({"api_key", "cookie_passwords", "workos_python_passwords", "rate_store"})
NOT_SHOWN: Final = frozenset({"own_sealer"})
WORKOS_ADDRESS: Final = ("WORKOS_API_HOSTNAME", "WORKOS_API_PORT", "WORKOS_API_HTTPS")
USER_INFO: Final = re.compile(r"//[^/@\s'\"]+@")
SHORTEST_SECRET: Final = 4


@dataclass(frozen=True, slots=True)
class Variables:
    """Those of the process and those of the `.env` file; empty ones count as unset."""

    environ: Mapping[str, str] = field(repr=False)
    dotenv: Mapping[str, str] = field(repr=False)

    def where(self, name: str) -> str | None:
        if self.environ.get(name, "").strip():
            return "environment"
        return ".env" if self.dotenv.get(name, "").strip() else None

    def value(self, name: str) -> str:
        return (self.environ.get(name, "").strip() or self.dotenv.get(name, "")).strip()

    def all_secrets(self) -> Iterator[str]:
        """Of both places, also where one wins over the other."""
        for setting in SECRET:
            for name in variable_names(setting):
                for place in (self.environ, self.dotenv):
                    text = place.get(name, "").strip()
                    yield text
                    yield from text.split()


@dataclass(frozen=True, slots=True)
class Setting:
    """`value` is as it may be shown."""

    name: str
    value: str
    source: str
    overruled: tuple[str, ...] = ()


def settings_of(config: Config | None, variables: Variables, code: Mapping[str, Any]) -> Iterator[Setting]:
    """`code` is what the app itself passes to `Auth`. `config` None: the values are as they were written."""
    for each in fields(Config):
        if each.name not in NOT_SHOWN:
            source, name, overruled = _source(each.name, variables, code)
            raw = variables.value(name) if name else str(code.get(each.name, _default(each)))
            value = getattr(config, each.name) if config is not None else raw
            yield Setting(each.name, _shown(each.name, value), source, overruled)


def _source(
    setting: str, variables: Variables, code: Mapping[str, Any]
) -> tuple[str, str | None, tuple[str, ...]]:
    """Where it came from, by which variable, and which others say something else."""
    names = [name for name in variable_names(setting) if variables.where(name)]
    if setting == "url" and any(variables.where(name) for name in WORKOS_ADDRESS):
        names += [next(name for name in WORKOS_ADDRESS if variables.where(name))]
    if setting == "redirect_uri" and code.get("redirect_uri") is not None:
        return "the app's code", None, tuple(names)
    if not names:
        return ("the app's code" if setting in code else "default"), None, ()
    first = names[0]
    address = first in WORKOS_ADDRESS
    others = () if address else tuple(n for n in names[1:] if _said(n, variables) != variables.value(first))
    return f"{variables.where(first)}: {first}", None if address else first, others


def _said(name: str, variables: Variables) -> str | None:
    """What a variable says for its setting: the three of an address say one thing together."""
    if name not in WORKOS_ADDRESS:
        return variables.value(name)
    return workos_url({each: variables.value(each) for each in WORKOS_ADDRESS if variables.where(each)})


def _default(each: Any) -> object:
    return "" if each.default is each.default_factory else each.default


def _shown(name: str, value: object) -> str:
    if name in SECRET:
        texts = [value] if isinstance(value, str) else list(value) if isinstance(value, tuple) else []
        hidden_texts = [f"hidden, {len(str(text))} characters" for text in texts if text]
        return "; ".join(hidden_texts) or "not set"
    if callable(value):
        return "computed by a function"
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return "not set" if value in (None, "", "None") else str(value)


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """Whatever a message quotes, no secret leaves; nor what stands before the @ of an address."""
    for secret in secrets:
        text = text.replace(secret, "…")
    return USER_INFO.sub("//…@", text)

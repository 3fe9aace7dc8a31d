"""Web addresses as this server accepts them: one spelling each, so that equal text is an equal place."""

import re
from dataclasses import dataclass
from typing import Final

from vestibule.server.identity.errors import Invalid

MAX_ADDRESS: Final = 2_000
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
PORTS: Final = range(1, 65_536)

# Lower-case ASCII hosts without a final dot, no user information, no fragment, no backslash, no blank.
ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9*_-]+(?:\.[a-z0-9*_-]+)*)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*)?"
    r"(?:\?(?P<query>[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*))?",
    re.ASCII,
)
# The one wildcard stands for a label or a part of one: the first, with at least two others after it.
WILDCARD_HOST: Final = re.compile(r"[a-z0-9_-]*\*[a-z0-9_-]*(?:\.[a-z0-9_-]+){2,}", re.ASCII)
LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


@dataclass(frozen=True, slots=True)
class Address:
    scheme: str
    host: str
    port: str | None
    path: str | None
    query: str | None

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port else "")

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK

    @property
    def is_wildcard(self) -> bool:
        return "*" in self.host

    def is_reached_by(self, asked: "Address") -> bool:
        """Whether `asked`, which is concrete, is what this registered address stands for."""
        same_rest = (self.scheme, self.path, self.query) == (asked.scheme, asked.path, asked.query)
        if not same_rest or asked.is_wildcard:
            return False
        if self.is_loopback:  # RFC 8252 §7.3: the port of a loopback address is chosen at run time
            return self.host == asked.host
        return self.port == asked.port and self._host_reaches(asked.host)

    def _host_reaches(self, host: str) -> bool:
        if not self.is_wildcard:
            return self.host == host
        before, after = self.host.split("*")
        label, dot, parents = host.partition(".")
        if dot + parents != after[len(after.partition(".")[0]) :]:
            return False
        pattern = re.escape(before) + "[a-z0-9-]+" + re.escape(after.partition(".")[0])
        return re.fullmatch(pattern, label) is not None and re.fullmatch(LABEL, label) is not None


def parse_address(text: str) -> Address | None:
    """None for anything that could be read in two ways, or is no http address."""
    found = ADDRESS.fullmatch(text) if len(text) <= MAX_ADDRESS else None
    if found is None:
        return None
    address = Address(**found.groupdict())
    if address.port is not None and (int(address.port) not in PORTS or address.port.startswith("0")):
        return None
    if {".", ".."} & set((address.path or "").split("/")):
        return None
    return address


def check_registrable(text: str, *, field: str, staging: bool) -> str:
    """An address sign-ins or sign-outs may lead to. Raises Invalid, saying which rule it breaks."""
    address = parse_address(text)
    if address is None:
        raise _refused(
            field, f"{field} must be an absolute http or https address, without user name and fragment."
        )
    if not address.is_loopback and not staging:
        _check_production(address, field)
    if address.is_wildcard and (
        WILDCARD_HOST.fullmatch(address.host) is None or address.host.count("*") != 1
    ):
        raise _refused(
            field,
            f"{field} may have one *, in the first label of its host, with two labels or more after it.",
        )
    if "*" in (address.path or "") or "*" in (address.query or ""):
        raise _refused(field, f"{field} may have a * in its host only.")
    return text


def _check_production(address: Address, field: str) -> None:
    if address.scheme != "https":
        raise _refused(field, f"{field} must be https in production; http is for loopback only.")
    if address.is_wildcard:
        raise _refused(field, f"{field} may have wildcards in staging only.")
    if address.query is not None:
        raise _refused(field, f"{field} may have a query string in staging only.")


def check_web_address(text: str, *, field: str, staging: bool) -> str:
    """One concrete address. Raises Invalid."""
    address = parse_address(text)
    if address is None or address.is_wildcard:
        raise _refused(field, f"{field} must be an absolute http or https address.")
    if address.scheme != "https" and not staging and not address.is_loopback:
        raise _refused(field, f"{field} must be https in production.")
    return text


def origin_of(text: str) -> str | None:
    address = parse_address(text)
    return None if address is None or address.is_wildcard else address.origin


def _refused(field: str, message: str) -> Invalid:
    return Invalid.field(field, "invalid_uri", message)

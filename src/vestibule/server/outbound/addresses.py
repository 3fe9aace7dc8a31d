"""Which addresses a customer may send this server to: none that only its own network can reach."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from vestibule.errors import Unreachable

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve: TypeAlias = Callable[[str], Sequence[Address]]

MAX_URL: Final = 2_048
PLAIN: Final = re.compile(r"[!-~]+")
"""Printable ASCII: everything else means different things to different readers."""
NUMBER: Final = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1
INNER_NAMES: Final = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")
LOOPBACK_NAMES: Final = ("localhost", "localhost.localdomain")


class AddressRefused(Unreachable):
    """Not a matter of time: this address is none that may be asked."""


@dataclass(frozen=True, slots=True)
class Reach:
    """`development` adds loopback and plain http; `networks` are private ones that may be reached too."""

    development: bool = False
    networks: Sequence[Network] = ()

    def problem_of(self, url: str) -> str | None:
        """Why this URL will never be asked, as far as it can be said without looking up its name."""
        if len(url) > MAX_URL or not PLAIN.fullmatch(url) or "\\" in url:
            return f"it must be printable ASCII, at most {MAX_URL} characters"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return "it is not a URL"
        return self._problem_of_form(parts, port) or self._problem_of_host((parts.hostname or "").rstrip("."))

    def allows(self, address: Address) -> bool:
        """Whether to connect to this very address."""
        address = _meant(address)
        if any(address.version == network.version and address in network for network in self.networks):
            return True
        if self.development and address.is_loopback:
            return True
        return address.is_global and not _is_special(address)

    def _problem_of_form(self, parts: SplitResult, port: int | None) -> str | None:
        if parts.scheme != "https" and not (self.development and parts.scheme == "http"):
            return "it must begin with https://"
        if not parts.hostname or port == 0:
            return "it names no host"
        if parts.username is not None or parts.password is not None:
            return "it must not carry a user name or password"
        return "it must not have a fragment" if parts.fragment else None

    def _problem_of_host(self, host: str) -> str | None:
        literal = parse_address(host)
        if literal is not None:
            return None if self.allows(literal) else "its address is not a public one"
        if NUMBER.fullmatch(host.rpartition(".")[2]):  # what some resolvers read as an IPv4 address
            return "its host is a number that is not written as an address"
        if self.networks or (self.development and _ends_in(host, LOOPBACK_NAMES)):
            return None
        if "." not in host or _ends_in(host, INNER_NAMES):
            return "its name is not a public one"
        return None


def parse_address(host: str) -> Address | None:
    """Of its one canonical spelling only; a zone names an interface of this machine."""
    try:
        return None if "%" in host else ipaddress.ip_address(host)
    except ValueError:
        return None


def _ends_in(host: str, names: Sequence[str]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one only wraps."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_special(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address.teredo is not None):
        return True
    return any(
        (
            address.is_private,
            address.is_loopback,
            address.is_link_local,
            address.is_multicast,
            address.is_reserved,
            address.is_unspecified,
        )
    )

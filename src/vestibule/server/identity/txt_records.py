"""TXT records of a name: how an organization shows that a domain is its own."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from dns.resolver import Resolver

TxtRecords: TypeAlias = Callable[[str], Sequence[str]]
"""The texts at a name: none when there are none, or when nobody answers."""

SECONDS: Final = 3.0


def look_up_txt(name: str, *, resolver: "Resolver | None" = None, seconds: float = SECONDS) -> Sequence[str]:
    """Asks the resolver of this machine, unless told which."""
    # Loaded here: it takes longer than many a start of the server should.
    from dns.exception import DNSException
    from dns.rdatatype import TXT
    from dns.resolver import get_default_resolver

    try:
        asked = resolver or get_default_resolver()
        answer = asked.resolve(f"{name}.", TXT, lifetime=seconds, search=False)
    except (DNSException, OSError):
        return ()
    # RFC 1035 §3.3.14: one record may be several strings, each of 255 bytes at most.
    return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer)

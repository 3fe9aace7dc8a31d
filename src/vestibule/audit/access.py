"""Who gets in where: endpoints against people who are signed out, signed in, or have a role."""

from dataclasses import dataclass
from enum import StrEnum

from vestibule.audit.model import Endpoint, Kind
from vestibule.audit.words import lacking
from vestibule.session.answers import in_words
from vestibule.session.guards import All


class Way(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    NEEDS = "needs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Access:
    """`needs`: what else it takes, in words."""

    way: Way
    needs: str = ""


OPEN, CLOSED, UNKNOWN = Access(Way.OPEN), Access(Way.CLOSED), Access(Way.UNKNOWN)


def signed_out(endpoint: Endpoint) -> Access:
    if endpoint.guarded or endpoint.page.guarded:
        return CLOSED
    return UNKNOWN if endpoint.kind is Kind.OPAQUE else OPEN


def signed_in(endpoint: Endpoint, role: str | None = None) -> Access:
    """Somebody who has that role and nothing else; a fresh sign-in is taken for granted."""
    if endpoint.lacks_auth:
        return CLOSED
    names = [guard.name for guard in endpoint.holding if guard.requirement is None]
    requirements = [guard.requirement for guard in endpoint.holding if guard.requirement is not None]
    missing = lacking(All(tuple(requirements)), role=role)
    if missing is None:
        return UNKNOWN
    needs = " and ".join(filter(None, [in_words(missing), *names]))
    if needs:
        return Access(Way.NEEDS, needs)
    return UNKNOWN if endpoint.kind is Kind.OPAQUE else OPEN

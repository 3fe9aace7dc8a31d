"""What a request to Aura's routes asks for: where to go afterwards, and what is in its body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from vestibule.crypto.strict_json import Json, parse_object
from vestibule.direct.aura import redirects, replies
from vestibule.session.incoming import Incoming, single_fields
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit

YES: Final = frozenset({"true", "1", "yes", "on", "y", "enabled"})
NO: Final = frozenset({"false", "0", "no", "off", "n", "disabled"})


@dataclass(frozen=True, slots=True)
class Asked:
    """`to`: where the browser was told to go, None: nowhere in particular. `here`: the page it is on."""

    redirect: bool
    to: str | None
    here: str | None

    @classmethod
    def read(cls, visit: Visit) -> "Asked | Reply":
        incoming = visit.incoming
        params = dict(parse_qsl(incoming.query, keep_blank_values=True))
        word = params.get("redirect", "true").lower()
        if word not in YES | NO:
            return replies.invalid(redirect="Invalid option: expected true or false.")
        to, referer = redirects.given(params.get("redirectTo")), incoming.headers.get("referer")
        return cls(
            redirect=word in YES,
            to=None if to is None else target(visit, to),
            here=None if referer is None else target(visit, referer),
        )

    def answer(self, visit: Visit, status: int, body: Mapping[str, object]) -> Reply:
        """The end of a change. A page that sent a form goes on to another; a script is sent away only when it
        says where, and else stays where it is."""
        to = self.to or (self.here if visit.incoming.wants_page else None)
        if self.redirect and to is not None:
            return replies.redirect(to, {**body, "redirect": True, "redirectURL": None})
        url = self.to or self.here
        return replies.data(status, {**body, "redirect": False, "redirectURL": url})


def target(visit: Visit, address: str) -> str:
    """Where a browser may be sent instead of `address`."""
    config = visit.config
    return redirects.target(address, own_origin=config.origin, trusted=config.trusted_origins)


def members(incoming: Incoming) -> dict[str, Json] | None:
    """The members of a JSON body, whatever kind it says it is: Aura's client says `text/plain`."""
    try:
        return parse_object(incoming.body)
    except ValueError:
        return None


def param(incoming: Incoming, name: str) -> str | None:
    """Of the query, or of a form."""
    form = single_fields(incoming.body.decode("utf-8", "replace")) if incoming.body else {}
    return incoming.params.get(name) or form.get(name)

"""The answer to an authorize request: where it goes, and how the app asked to get it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import urlencode

from vestibule.crypto.seal import seal, unseal
from vestibule.errors import SealError
from vestibule.server.identity.context import Identity

MODES: Final = ("query", "fragment", "form_post")
FIVE_MINUTES: Final = 300
POSTING: Final = "authorization answer"


@dataclass(frozen=True, slots=True)
class WayBack:
    """To a registered address. `issuer` is named for clients that asked at the standard endpoint only: the
    official front ends leave what they do not know in the address bar.
    """

    redirect_uri: str
    state: str | None = field(default=None, repr=False)
    response_mode: str | None = None
    issuer: str | None = None

    def address(self, identity: Identity, answer: Mapping[str, str]) -> str:
        """Where the browser goes with this answer. Without a page between, except to post a form."""
        answer = dict(answer)
        if self.state is not None:
            answer["state"] = self.state
        if self.issuer is not None:
            answer["iss"] = self.issuer  # RFC 9207
        if self.response_mode == "fragment":
            return f"{self.redirect_uri}#{urlencode(answer)}"
        if self.response_mode == "form_post":
            return f"/oauth2/answer?{urlencode({'sealed': self._sealed(identity, answer)})}"
        return add_query(self.redirect_uri, answer)

    def _sealed(self, identity: Identity, answer: Mapping[str, str]) -> str:
        """Codes do not belong into addresses, and nobody else may make this page post anything."""
        payload = {"purpose": POSTING, "redirect_uri": self.redirect_uri, "answer": dict(answer)}
        now_ms = int(identity.now.timestamp() * 1000)
        return seal(payload, identity.settings.secret, ttl=FIVE_MINUTES, now_ms=now_ms)


@dataclass(frozen=True, slots=True)
class Posting:
    """A form for a page to send."""

    redirect_uri: str
    answer: Mapping[str, str] = field(repr=False)


def open_posting(identity: Identity, sealed: str) -> Posting | None:
    """None for what `address` did not make, or made too long ago."""
    try:
        payload: Any = unseal(sealed, identity.settings.secret, now_ms=int(identity.now.timestamp() * 1000))
    except SealError:
        return None
    if not isinstance(payload, dict) or payload.get("purpose") != POSTING:
        return None
    return Posting(payload["redirect_uri"], cast("dict[str, str]", payload["answer"]))


def add_query(uri: str, query: Mapping[str, str]) -> str:
    """Keeps the query a registered URI may have (RFC 6749 §3.1.2)."""
    return uri + ("&" if "?" in uri else "?") + urlencode(query)

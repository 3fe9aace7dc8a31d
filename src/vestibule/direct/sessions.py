"""From the cookie to a session, in direct mode: no token to verify, no server to ask."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Never

from vestibule.direct.expiry import Expiry
from vestibule.direct.kept import DirectSession, Kept
from vestibule.direct.sealing import SessionCodec, write
from vestibule.direct.stores import is_revoked
from vestibule.errors import ConfigError, Refused
from vestibule.flow import Flow
from vestibule.session import events
from vestibule.session.callers import Callers, Credential
from vestibule.session.config import Config
from vestibule.session.ended import EndedSessions
from vestibule.session.events import Journal
from vestibule.session.model import Loaded, Session, SignedOut
from vestibule.session.payload import Payload
from vestibule.session.session_cookie import delete_session
from vestibule.session.verifier import Verifier
from vestibule.wire.claims import Claims
from vestibule.wire.tokens import TokenAnswer

NO_SERVER = "Direct mode has no identity server"


class DirectSessions:
    """The `SessionSource` of direct mode."""

    callers: Callers | None = None

    def __init__(
        self,
        config: Config,
        *,
        codec: SessionCodec,
        expiry: Expiry,
        revocable: bool,
        clock: Callable[[], float],
    ) -> None:
        self.config = config
        self.clock = clock
        self.expiry = expiry
        self.ended = EndedSessions(clock)
        self._codec = codec
        self.revocable = revocable
        self._trim_recorded = False

    def load(
        self, cookies: Iterable[tuple[str, str]], *, journal: Journal | None = None, may_refresh: bool = True
    ) -> Flow[Loaded]:
        """Raises Unreachable when the list of revoked sessions cannot be asked."""
        values = self._values(cookies)
        if not values:
            return Loaded(reason=SignedOut.NO_COOKIE)
        kept = self._opened(values)
        if kept is None:
            return Loaded(reason=SignedOut.BAD_COOKIE)
        if kept.lifetime.is_over(self.clock()):
            return self._signed_out(SignedOut.EXPIRED)
        if kept.id in self.ended:
            return self._signed_out(SignedOut.REFUSED)
        if self.revocable and (yield from is_revoked(kept)):
            (journal or Journal()).record(events.REVOKED, user_id=kept.user.id, session_id=kept.id)
            return self._signed_out(SignedOut.REFUSED)
        extended = self.expiry.extended(kept.lifetime, int(self.clock())) if may_refresh else None
        if extended is None:
            return Loaded(session=kept.session())
        return self.kept_or_written(replace(kept, lifetime=extended).session(), journal or Journal())

    def begin(self, kept: Kept) -> DirectSession:
        """A new session: id and lifetime are its own, whatever `kept` had."""
        now = int(self.clock())
        kept = replace(kept, id=f"session_{secrets.token_urlsafe(18)}", lifetime=self.expiry.begin(now))
        return kept.session()

    def renew(
        self, payload: Payload, known: Claims | None, *, organization_id: str | None = None
    ) -> Flow[Session]:
        yield from ()
        raise Refused(
            f"{NO_SERVER} that would issue another token: grant what has changed with "
            "`auth.direct.update_session`.",
            error="direct_mode",
            status=400,
        )

    def exchange(self, code: str, verifier: Verifier) -> Flow[tuple[TokenAnswer, Session]]:
        yield from ()
        self.need_server("a code of one")

    def admit(self, answer: TokenAnswer | Mapping[str, object]) -> Flow[Session]:
        yield from ()
        self.need_server("its token answers")

    def load_caller(self, callers: Callers, credential: Credential, journal: Journal) -> Flow[Loaded]:
        yield from ()
        self.need_server("bearer tokens")

    def need_server(self, what: str) -> Never:
        raise ConfigError(f"{NO_SERVER}, so there is no use for {what}.", code="direct_mode")

    def cookies_for(self, session: Session, journal: Journal) -> Loaded:
        """The session with its cookie. Raises SessionTooLarge."""
        kept = kept_of(session)
        cookie, trimmed = write(kept, self._codec, self.config, now=self.clock())
        if trimmed and not self._trim_recorded:
            self._trim_recorded = True
            journal.record(events.COOKIE_TRIMMED, parts=",".join(trimmed))
        return Loaded(session=session, cookies=(cookie,))

    def kept_or_written(self, session: Session, journal: Journal) -> Loaded:
        # It fitted before, and only its times have changed.
        return self.cookies_for(session, journal)

    def id_in(self, cookies: Iterable[tuple[str, str]]) -> str | None:
        kept = self._opened(self._values(cookies))
        return kept.id if kept else None

    def sign_out_url(self, session_id: str, target: str | None) -> str | None:
        return None

    def _values(self, cookies: Iterable[tuple[str, str]]) -> list[str]:
        return [value for name, value in cookies if name == self.config.cookie_name and value]

    def _opened(self, values: list[str]) -> Kept | None:
        """The first usable one: a host-only and a domain cookie may share the name."""
        found = (self._codec.open(value, now=self.clock()) for value in values)
        return next((kept for kept in found if kept is not None), None)

    def _signed_out(self, reason: SignedOut) -> Loaded:
        return Loaded(reason=reason, cookies=(delete_session(self.config),))


def direct_of(session: Session) -> DirectSession:
    """Raises ConfigError for a session of another mode."""
    if not isinstance(session, DirectSession):
        raise ConfigError("This session was not made by `Auth.direct`.", code="direct_mode")
    return session


def kept_of(session: Session) -> Kept:
    """Raises as `direct_of`."""
    return direct_of(session).kept

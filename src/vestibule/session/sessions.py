"""From a sealed cookie to a session that is valid now, and from a code to a first one."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from vestibule.crypto.seal import expires
from vestibule.errors import LoginError, Refused, SessionTooLarge, TokenError, Unreachable
from vestibule.flow import Flow
from vestibule.session import events
from vestibule.session.access_tokens import AccessTokens, sealed_claims
from vestibule.session.callers import Callers, Credential
from vestibule.session.config import Config
from vestibule.session.ended import EndedSessions
from vestibule.session.events import Journal
from vestibule.session.hints import code_refused, token_invalid
from vestibule.session.memory import Memory
from vestibule.session.model import Loaded, Session, SignedOut
from vestibule.session.payload import Payload
from vestibule.session.revoked import RevokedSessions
from vestibule.session.session_cookie import Opened, delete_session, open_with, readers_of, write_session
from vestibule.session.token_requests import exchange_request, refresh_request
from vestibule.session.urls import logout_url
from vestibule.session.verifier import Verifier
from vestibule.wire.claims import Claims
from vestibule.wire.tokens import SUPERSEDED, TokenAnswer, read_token_answer

# After an early refresh met an outage: how long valid tokens are served without trying again.
PAUSE = 10.0


class Sessions:
    """Shared by all requests: keeps the key set, tokens that were verified, and with `cookie_cache` on,
    sessions that were opened."""

    def __init__(self, config: Config, *, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self.clock = clock
        self._tokens = AccessTokens(config, clock=clock)
        self._opened: Memory[Session] = Memory(config.cookie_cache, bound_to=config.cookie_passwords)
        self._readers = readers_of(config)
        self._outage_at = float("-inf")
        self._trim_recorded = False
        self.ended = EndedSessions(clock)
        by_header = config.bearer or config.api_keys
        self.callers = Callers(config, self._tokens, clock=clock) if by_header else None
        self._revoked = RevokedSessions(config, clock=clock) if config.revocation == "list" else None

    def load(
        self, cookies: Iterable[tuple[str, str]], *, journal: Journal | None = None, may_refresh: bool = True
    ) -> Flow[Loaded]:
        """The session in these cookies, refreshed when it has to be. Raises Unreachable."""
        values = [value for name, value in cookies if name == self.config.cookie_name and value]
        if not values:
            return Loaded(reason=SignedOut.NO_COOKIE)
        journal = journal or Journal()
        session = (yield from self._recall(values)) if self._opened.size else None
        if session is not None:
            return (yield from self._serve(session, journal, may_refresh))
        return (yield from self._open(values, journal, may_refresh))

    def load_caller(self, callers: Callers, credential: Credential, journal: Journal) -> Flow[Loaded]:
        """The session of a program that showed a token or a key. Raises Unreachable."""
        try:
            session = yield from callers.load(credential)
        except TokenError as error:
            journal.record(events.CREDENTIAL_REFUSED, reason=error.code)
            return Loaded(reason=SignedOut.BAD_TOKEN)
        if session.api_key is None:
            if self._outlived(session.claims):
                return Loaded(reason=SignedOut.BAD_TOKEN)
            if self._revoked is not None and (yield from self._is_revoked(session, journal)):
                return Loaded(reason=SignedOut.BAD_TOKEN)
        return Loaded(session=session)

    def renew(
        self, payload: Payload, known: Claims | None, *, organization_id: str | None = None
    ) -> Flow[Session]:
        """The next session of the same person, in the same organization unless another is named.
        Raises Refused and Unreachable."""
        if organization_id is None and known is not None:
            organization_id = known.organization_id
        response = yield refresh_request(
            self.config.url,
            client_id=self.config.client_id,
            client_secret=self.config.api_key,
            refresh_token=payload.refresh_token,
            organization_id=organization_id,
        )
        answer = read_token_answer(response)
        try:
            claims = yield from self._tokens.verify(answer.access_token, fresh=True)
        except TokenError as error:
            raise _refused_answer(error.code) from error
        if not claims.sub == answer.user.id == payload.user_id or (
            known is not None and claims.sid != known.sid
        ):
            raise _refused_answer("token_of_another_session")
        return Session(payload=Payload.of(answer, before=payload), claims=claims)

    def exchange(self, code: str, verifier: Verifier) -> Flow[tuple[TokenAnswer, Session]]:
        """Raises LoginError and Unreachable."""
        request = exchange_request(
            self.config.url,
            client_id=self.config.client_id,
            client_secret=self.config.api_key,
            code=code,
            code_verifier=verifier.code_verifier,
        )
        # The callback opened twice at once: one exchange, or the second would spoil the first.
        share = sha256(f"exchange\0{code}\0{verifier.code_verifier}".encode("utf-8", "replace")).hexdigest()
        response = yield replace(request, share=share)
        try:
            answer = read_token_answer(response)
            claims = yield from self._tokens.verify(answer.access_token, fresh=True)
        except Refused as error:
            raise code_refused(error) from error
        except TokenError as error:
            raise token_invalid(error.code, self.config) from error
        if claims.sub != answer.user.id:
            raise LoginError("The token belongs to somebody else.", code="token_invalid")
        return answer, Session(payload=Payload.of(answer), claims=claims)

    def admit(self, answer: TokenAnswer | Mapping[str, object]) -> Flow[Session]:
        """The session of tokens that were got elsewhere. Raises LoginError and Unreachable."""
        try:
            if not isinstance(answer, TokenAnswer):
                answer = TokenAnswer.from_api(answer)
            claims = yield from self._tokens.verify(answer.access_token, fresh=True)
        except ValueError as error:
            raise LoginError(
                f"This is no answer of a token endpoint: {error}.", code="answer_invalid"
            ) from error
        except TokenError as error:
            raise token_invalid(error.code, self.config) from error
        if claims.sub != answer.user.id:
            raise LoginError("The token belongs to somebody else.", code="token_invalid")
        return Session(payload=Payload.of(answer), claims=claims)

    def need_server(self, what: str) -> None:
        """There is one."""

    def id_in(self, cookies: Iterable[tuple[str, str]]) -> str | None:
        """Of the session in these cookies, whether it is still valid or not."""
        values = [value for name, value in cookies if name == self.config.cookie_name]
        opened = open_with(self._readers, values)
        claims = sealed_claims(opened.payload.access_token) if opened else None
        return claims.sid or None if claims else None

    def sign_out_url(self, session_id: str, target: str | None) -> str | None:
        """Where the browser must go, for its session at the identity server to end too."""
        if target is not None and target.startswith("/"):
            target = self.config.origin + target
        return logout_url(self.config.url, session_id=session_id, return_to=target)

    def cookies_for(self, session: Session, journal: Journal) -> Loaded:
        """The session with its cookie. Raises SessionTooLarge."""
        written = write_session(session.payload, self.config)
        if written.trimmed and not self._trim_recorded:
            self._trim_recorded = True
            journal.record(events.COOKIE_TRIMMED, parts=",".join(written.trimmed))
        return Loaded(session=session, cookies=(written.cookie,))

    def kept_or_written(self, session: Session, journal: Journal) -> Loaded:
        """Serves a session that outgrew its cookie, and leaves the browser the old one."""
        try:
            return self.cookies_for(session, journal)
        except SessionTooLarge as error:
            journal.record(events.COOKIE_TOO_LARGE, **events.ids_of(session), **error.parts)
            return Loaded(session=session)

    def _recall(self, values: list[str]) -> Flow[Session | None]:
        """The session that exactly this cookie held a moment ago, if the key set is still the same."""
        keys = self._tokens.keys_at_hand
        session = self._opened.find(values[0], keys) if keys is not None and len(values) == 1 else None
        if session is None:
            return None
        if not self._tokens.keys_in_force and (yield from self._tokens.current_keys()) is not keys:
            return None
        return session if self._tokens.in_time(session.claims) else None

    def _open(self, values: list[str], journal: Journal, may_refresh: bool) -> Flow[Loaded]:
        opened = open_with(self._readers, values)
        if opened is None:
            return Loaded(reason=SignedOut.BAD_COOKIE)
        # Taken before the token is checked, or a later set might vouch for an earlier check.
        keys = self._tokens.keys_at_hand
        try:
            claims = yield from self._tokens.verify(opened.payload.access_token)
        except TokenError:
            return (yield from self._revive(opened, journal, may_refresh))
        if claims.sub != opened.payload.user_id:
            return Loaded(reason=SignedOut.BAD_COOKIE)
        session = Session(payload=opened.payload, claims=claims)
        if keys is not None and self._remembers(values, opened):
            self._opened.keep(values[0], keys, session)
        return (yield from self._serve(session, journal, may_refresh, outdated=opened.outdated))

    def _remembers(self, values: list[str], opened: Opened) -> bool:
        return self._opened.size > 0 and not opened.outdated and is_memorable(values, opened.payload)

    def _serve(
        self, session: Session, journal: Journal, may_refresh: bool, *, outdated: bool = False
    ) -> Flow[Loaded]:
        if self._outlived(session.claims):
            return Loaded(reason=SignedOut.EXPIRED, cookies=(delete_session(self.config),))
        if session.id in self.ended:
            return Loaded(reason=SignedOut.REFUSED, cookies=(delete_session(self.config),))
        if self._revoked is not None and (yield from self._is_revoked(session, journal)):
            return Loaded(reason=SignedOut.REFUSED, cookies=(delete_session(self.config),))
        if may_refresh and self._tokens.due(session.claims) and self.clock() - self._outage_at >= PAUSE:
            return (yield from self._refresh_early(session, journal))
        return self.kept_or_written(session, journal) if outdated else Loaded(session=session)

    def _is_revoked(self, session: Session, journal: Journal) -> Flow[bool]:
        revoked = self._revoked is not None and (yield from self._revoked.has(session, journal))
        if revoked:
            journal.record(events.REVOKED, **events.ids_of(session))
        return revoked

    def _refresh_early(self, session: Session, journal: Journal) -> Flow[Loaded]:
        # Whoever loses this race still holds a valid token, and the winner's cookie must survive.
        try:
            renewed = yield from self.renew(session.payload, session.claims)
        except (Refused, Unreachable) as error:
            journal.refresh_failed(error, session.claims)
            if isinstance(error, Unreachable):
                self._outage_at = self.clock()
            if session.claims.exp > self.clock():
                return Loaded(session=session)
            return self._given_up(error)
        journal.refreshed(renewed)
        return self.kept_or_written(renewed, journal)

    def _revive(self, opened: Opened, journal: Journal, may_refresh: bool) -> Flow[Loaded]:
        known = sealed_claims(opened.payload.access_token)
        if known is not None and known.sub != opened.payload.user_id:
            return Loaded(reason=SignedOut.BAD_COOKIE)
        if known is not None and self._outlived(known):
            return Loaded(reason=SignedOut.EXPIRED, cookies=(delete_session(self.config),))
        if known is not None and known.sid in self.ended:
            return Loaded(reason=SignedOut.REFUSED, cookies=(delete_session(self.config),))
        if not may_refresh:
            return Loaded(reason=SignedOut.EXPIRED)
        try:
            session = yield from self.renew(opened.payload, known)
        except (Refused, Unreachable) as error:
            journal.refresh_failed(error, known)
            return self._given_up(error)
        journal.refreshed(session)
        return self.kept_or_written(session, journal)

    def _given_up(self, error: Refused | Unreachable) -> Loaded:
        if isinstance(error, Unreachable):
            raise error
        if error.fields.get(SUPERSEDED) is True:
            # Another request of this browser was quicker, and the cookie it wrote must survive.
            return Loaded(reason=SignedOut.REFUSED)
        # Nobody can revive it: without the deletion every request would ask the server again.
        return Loaded(reason=SignedOut.REFUSED, cookies=(delete_session(self.config),))

    def _outlived(self, claims: Claims) -> bool:
        limit = self.config.session_max_age
        return limit is not None and claims.auth_time is not None and self.clock() - claims.auth_time > limit


def is_memorable(values: Sequence[str], payload: Payload) -> bool:
    """Whether a cookie's session may serve other requests: nothing in it can be changed by one of them,
    and no end is written on the seal."""
    flat = not any(isinstance(value, dict | list) for value in payload.user.metadata.values())
    return flat and len(values) == 1 and not expires(values[0])


def _refused_answer(code: str) -> Refused:
    # The answer came, but what it holds must never become a session.
    return Refused("The identity server's new token is not acceptable.", error=code, status=200)

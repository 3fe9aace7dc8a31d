"""One request's session: everything that reads or changes it goes through here, and one cookie leaves."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from vestibule.cookies import SetCookie
from vestibule.errors import ConfigError, Refused, SignInNeeded, Unreachable
from vestibule.flow import Flow
from vestibule.session import events, hints
from vestibule.session.callers import Credential
from vestibule.session.config import Config
from vestibule.session.cors import cors_headers
from vestibule.session.data import Data, Shelf
from vestibule.session.events import Journal
from vestibule.session.incoming import Incoming
from vestibule.session.model import Loaded, Session, SignedOut, SignIn
from vestibule.session.pending import PendingSignIns
from vestibule.session.reply import NO_STORE, VARY
from vestibule.session.return_path import sanitize_return_path
from vestibule.session.session_cookie import (
    ACCESS_TOKEN,
    access_token_cookie,
    delete_host_session,
    delete_session,
)
from vestibule.session.targets import sign_out_target
from vestibule.session.urls import authorization_url
from vestibule.session.way import SessionSource
from vestibule.wire.codes import NEEDS_INTERACTION
from vestibule.wire.tokens import TokenAnswer


class Visit:
    """Make one per request with `Core.visit`; put `headers()` on the response, whatever it is."""

    def __init__(
        self,
        incoming: Incoming,
        sessions: SessionSource,
        journal: Journal,
        credential: Credential | None = None,
        *,
        shelf: Shelf | None = None,
    ) -> None:
        self.incoming = incoming
        self.journal = journal
        self.reason: SignedOut | None = None
        self.credential = credential
        self._shelf = shelf
        self._data: Data[Any] | None = None
        self._sessions = sessions
        self._loaded: Loaded | None = None
        self._failure: Unreachable | None = None
        self._session_cookie: SetCookie | None = None
        self._pending = PendingSignIns(incoming, sessions.config)
        self._carried: dict[str, SetCookie] = {}
        self._return_path: str | None = None
        self._touched = self._ended = self._started = self._own_route = False

    @property
    def config(self) -> Config:
        return self._sessions.config

    @property
    def now(self) -> float:
        return self._sessions.clock()

    def load(self) -> Flow[Session | None]:
        """The session, or None with `reason` set. Asks the network only when the token has to be
        refreshed or a key fetched. Raises Unreachable: the session is still good, try later."""
        self._touched = True
        if self._failure is not None:
            raise self._failure
        if self._loaded is None:
            yield from self._load()
        return self._loaded.session if self._loaded else None

    def preload(self) -> Flow[None]:
        """Loads before the response starts, in case the app asks later. An outage is kept for the one
        who asks, and a page that never asks stays cacheable unless a cookie leaves with it."""
        if self._loaded is None and self._failure is None:
            with suppress(Unreachable):
                yield from self._load()

    def peek(self) -> Session | None:
        """What was loaded before, for code that cannot wait. Raises Unreachable if that met an outage,
        ConfigError if nobody loaded what is there."""
        self._touched = True
        if self._failure is not None:
            raise self._failure
        if self._loaded is None and any(name == self.config.cookie_name for name, _ in self.incoming.cookies):
            raise ConfigError(
                "This request's session is not loaded, and a template cannot wait for it. Ask for it in the "
                "handler: `session: OptionalSession`, or `await optional_session(request)`.",
                code="session_not_loaded",
            )
        return self._loaded.session if self._loaded else None

    def refresh(self, *, organization_id: str | None = None) -> Flow[Session]:
        """A new token now; with `organization_id`, in that organization. Raises Refused (the session
        stays as it is) and Unreachable."""
        session = yield from self.load()
        if session is None:
            raise Refused("There is no session to refresh.", error="signed_out", status=401)
        if self.credential is not None:
            raise Refused(
                "An API client gets its own next token: there is no cookie to refresh.",
                error="not_refreshable",
                status=400,
            )
        self._refuse_when_late("a refresh")
        renewed = yield from self._sessions.renew(
            session.payload, session.claims, organization_id=organization_id
        )
        self.journal.refreshed(renewed)
        if not self._ended:
            self._keep(self._sessions.kept_or_written(renewed, self.journal))
        return renewed

    @property
    def was_renewed(self) -> bool:
        """Whether this request's session is newer than the one that came with it."""
        return bool(self._loaded and self._loaded.session and self._loaded.cookies)

    def switch(self, organization_id: str, *, return_to: str | None = None) -> Flow[Session]:
        """`refresh` in another organization. Raises SignInNeeded when it wants more than a switch: another
        way of signing in, or a second factor; that sign-in ends at `return_to`."""
        try:
            return (yield from self.refresh(organization_id=organization_id))
        except Refused as error:
            if error.error not in NEEDS_INTERACTION and "authkit_redirect_url" not in error.fields:
                raise
            raise SignInNeeded.of(error, organization_id, return_to=return_to) from error

    def begin(
        self,
        *,
        screen_hint: str | None = None,
        return_path: str | None = None,
        organization_id: str | None = None,
        login_hint: str | None = None,
        prompt: str | None = None,
        max_age: int | None = None,
        acr_values: str | None = None,
        redirect_uri: str | None = None,
        state: str | None = None,
        domain_hint: str | None = None,
        connection_id: str | None = None,
        invitation_token: str | None = None,
    ) -> str:
        """The address where sign-in begins; its verifier cookie is among `headers()`.
        Raises LoginError `state_too_large`."""
        self._sessions.need_server("an authorization URL")
        config = self.config
        callback = redirect_uri or config.callback_url()
        pending = self._pending.begin(
            now_ms=self._now_ms(),
            callback=callback,
            return_pathname=sanitize_return_path(return_path) if return_path else None,
            state=state,
            own=redirect_uri is not None,
        )
        return authorization_url(
            config.url,
            client_id=config.client_id,
            redirect_uri=callback,
            state=pending.state,
            code_challenge=pending.challenge,
            screen_hint=screen_hint,
            organization_id=organization_id,
            login_hint=login_hint,
            prompt=prompt,
            max_age=max_age,
            acr_values=acr_values,
            domain_hint=domain_hint,
            connection_id=connection_id,
            invitation_token=invitation_token,
        )

    def finish(self) -> Flow[SignIn]:
        """The callback. Nobody is signed in before `commit`. Raises LoginError and Unreachable."""
        self._touched = True
        params = self.incoming.params
        state = params.get("state")
        if "error" in params:
            raise self._pending.error(params, now_ms=self._now_ms())
        verifier = self._pending.take(state, now_ms=self._now_ms())
        code = params.get("code")
        if not code:
            raise hints.code_missing()
        answer, session = yield from self._sessions.exchange(code, verifier)
        home = self.incoming.root_path + self.config.home
        return SignIn(
            session=session,
            return_path=sanitize_return_path(verifier.return_pathname, home),
            state=verifier.custom_state,
            response=answer,
        )

    def commit(self, sign_in: SignIn) -> Session:
        """Makes it the browser's session. Raises SessionTooLarge."""
        return self._enter(sign_in.session)

    def save(self, answer: TokenAnswer | Mapping[str, object]) -> Flow[Session]:
        """Signs the browser in with what the token endpoint or an SDK answered, after the token was verified.
        Never hand it what a browser sent. Raises LoginError, SessionTooLarge and Unreachable."""
        return self._enter((yield from self._sessions.admit(answer)))

    def clear(self) -> None:
        """Forgets the session here; at the identity server it goes on. Wins over anything else in this
        request."""
        self._ended = self._touched = True
        self._loaded, self.reason = Loaded(reason=SignedOut.NO_COOKIE), SignedOut.NO_COOKIE
        self._failure = None
        if self.config.data_ends_with_session and self.keeps_cookies:
            self.data.drop()

    def forget_sign_ins(self) -> None:
        """No sign-in this browser has begun can be finished any more."""
        self._touched = True
        self._pending.forget()

    def end(self, *, return_to: str | None = None) -> str:
        """Signs out and wins over anything else in this request. Where the browser must go next:
        the identity server's sign-out when there was a session, else a page of this app."""
        session_id = self._session_id()
        self.clear()
        target = sign_out_target(return_to, self.config)
        here = target or self.incoming.root_path + self.config.home
        if session_id is None:
            return here
        self._sessions.ended.add(session_id)
        self.journal.record(events.SIGNED_OUT, session_id=session_id)
        return self._sessions.sign_out_url(session_id, target) or here

    def started(self) -> None:
        """The response has started: what changes from here on cannot reach the browser, so nothing does."""
        self._started = True

    @property
    def has_ended(self) -> bool:
        """Whether this request signs out, or forgets the session."""
        return self._ended

    @property
    def has_started(self) -> bool:
        return self._started

    @property
    def keeps_cookies(self) -> bool:
        """Not for an API client: what it shows with each request is all there is."""
        return self.credential is None

    @property
    def data(self) -> Data[Any]:
        """What the app keeps for this browser; `load` it before anything else."""
        self._touched = True
        if self._data is None:
            self._data = Data(self._shelf or Shelf(), self)
        return self._data

    @property
    def is_unsettled(self) -> bool:
        """Whether `settle` has something to write. Adapters of async frameworks ask before `headers`."""
        return self._data is not None and self._data.is_unsettled

    def settle(self) -> None:
        """Writes the app's data to its store. Blocks; `headers` does it where nobody has done it before."""
        if self._data is not None:
            self._data.settle()

    def headers(self) -> list[tuple[str, str]]:
        """What must leave with this response: Set-Cookie lines, and when the session was read or
        written also Cache-Control and Vary; on the package's own routes, what lets trusted origins in."""
        self.settle()
        self.journal.deliver()
        lines = [("Set-Cookie", cookie.header()) for cookie in self._cookies()]
        if lines or self._touched:
            lines += [NO_STORE, VARY]
        return lines + cors_headers(self.incoming, self.config) if self._own_route else lines

    def on_own_route(self) -> None:
        """The package answers this request itself, so it also says which origins may read the answer."""
        self._own_route = True

    @property
    def pending(self) -> bool:
        """Whether cookies wait to leave with the response."""
        return bool(self._cookies()) or self.is_unsettled

    def replace(self, session: Session) -> Session:
        """The same session with other contents, in this request and in its cookie. Raises SessionTooLarge."""
        self._refuse_when_late("a change of the session")
        self._touched = True
        if not self._ended:
            self._keep(self._sessions.cookies_for(session, self.journal))
        return session

    def carry(self, cookie: SetCookie) -> None:
        """One more cookie for this response, in place of an earlier one of its name."""
        self._touched = True
        self._carried[cookie.name] = cookie

    def was_to_lead(self, return_path: str | None) -> None:
        """Where this callback's sign-in was to end, as far as that is known from elsewhere than its state."""
        self._return_path = sanitize_return_path(return_path, self.incoming.root_path + self.config.home)

    def return_path_of_state(self) -> str:
        """Where the sign-in of this callback was to lead, without finishing it; home if it cannot be read."""
        if self._return_path is not None:
            return self._return_path
        home = self.incoming.root_path + self.config.home
        verifier = self._pending.peek(self.incoming.params.get("state"), now_ms=self._now_ms())
        return sanitize_return_path(verifier.return_pathname if verifier else home, home)

    def _load(self) -> Flow[None]:
        try:
            loaded = yield from self._loading()
        except Unreachable as error:
            # Whoever asks again in this request need not wait again.
            self._failure = error
            raise
        # Another task of this request may have been quicker, or may have signed in or out meanwhile.
        if self._loaded is None:
            self._keep(loaded)

    def _loading(self) -> Flow[Loaded]:
        callers = self._sessions.callers
        if self.credential is not None and callers is not None:
            return (yield from self._sessions.load_caller(callers, self.credential, self.journal))
        return (
            yield from self._sessions.load(
                self.incoming.cookies, journal=self.journal, may_refresh=not self._started
            )
        )

    def _enter(self, session: Session) -> Session:
        self._refuse_when_late("a sign-in")
        self._touched = True
        self._failure = None
        if not self._ended:
            self._keep(self._sessions.cookies_for(session, self.journal))
            if self._shelf is not None and self._shelf.store is not None and self.keeps_cookies:
                self.data.rotate()
            self.journal.record(
                events.SIGNED_IN, **events.ids_of(session), method=session.authentication_method
            )
        return session

    def _refuse_when_late(self, what: str) -> None:
        if self._started:
            raise Refused(f"The response has started: {what} would be lost.", error="too_late", status=409)

    def _keep(self, loaded: Loaded) -> None:
        self._loaded, self.reason = loaded, loaded.reason
        if loaded.cookies:
            self._session_cookie = loaded.cookies[-1]

    def _cookies(self) -> list[SetCookie]:
        if self.credential is not None:
            return []  # an API client keeps none
        kept = [] if self._data is None else self._data.cookies
        ours = [*self._session_cookies(), *self._eager_token(), *self._pending.cookies]
        return [*ours, *self._carried.values(), *kept]

    def _eager_token(self) -> list[SetCookie]:
        if not self.config.eager_access_token:
            return []
        session = self._loaded.session if self._loaded and not self._ended else None
        held = [value for name, value in self.incoming.cookies if name == ACCESS_TOKEN]
        if session is None:
            return [access_token_cookie(self.config, "").deletion()] if held and self._loaded else []
        fresh = self.incoming.is_navigation and not self.incoming.is_prefetch
        if not fresh or session.access_token in held:
            return []
        return [access_token_cookie(self.config, session.access_token)]

    def _session_cookies(self) -> list[SetCookie]:
        if not self._ended:
            session = self._loaded.session if self._loaded else None
            if self._session_cookie and session is not None and session.id in self._sessions.ended:
                # Another request has signed out while this one refreshed.
                return [delete_session(self.config)]
            return [self._session_cookie] if self._session_cookie else []
        values = [name for name, _ in self.incoming.cookies if name == self.config.cookie_name]
        if len(values) > 1 and self.config.cookie_domain:
            return [delete_host_session(self.config), delete_session(self.config)]
        return [delete_session(self.config)]

    def _session_id(self) -> str | None:
        if self._loaded is not None:
            return self._loaded.session.id if self._loaded.session else None
        if self.credential is not None:
            return None
        return self._sessions.id_in(self.incoming.cookies)

    def _now_ms(self) -> int:
        return int(self.now * 1000)

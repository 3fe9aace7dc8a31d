"""One request's session: everything that reads or changes it goes through here, and one cookie leaves."""

import hmac
from collections.abc import Mapping
from contextlib import suppress

from vestibule.cookies import SetCookie
from vestibule.errors import LoginError, Refused, Unreachable
from vestibule.flow import Flow
from vestibule.session import events, hints
from vestibule.session.access_tokens import sealed_claims
from vestibule.session.config import Config
from vestibule.session.cors import cors_headers
from vestibule.session.events import Journal
from vestibule.session.incoming import Incoming
from vestibule.session.model import Loaded, Session, SignedOut, SignIn
from vestibule.session.reply import NO_STORE, VARY
from vestibule.session.return_path import sanitize_return_path
from vestibule.session.session_cookie import delete_host_session, delete_session, open_session
from vestibule.session.sessions import Sessions
from vestibule.session.targets import sign_out_target
from vestibule.session.urls import authorization_url, logout_url
from vestibule.session.verifier import (
    Verifier,
    create_state,
    delete_verifier,
    is_verifier_name,
    open_state,
    verifier_cookie,
    verifier_name,
    verifiers_to_evict,
)


class Visit:
    """Make one per request with `Core.visit`; put `headers()` on the response, whatever it is."""

    def __init__(self, incoming: Incoming, sessions: Sessions, journal: Journal) -> None:
        self.incoming = incoming
        self.journal = journal
        self.reason: SignedOut | None = None
        self._sessions = sessions
        self._loaded: Loaded | None = None
        self._failure: Unreachable | None = None
        self._session_cookie: SetCookie | None = None
        self._verifiers: dict[str, SetCookie] = {}
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

    def refresh(self, *, organization_id: str | None = None) -> Flow[Session]:
        """A new token now; with `organization_id`, in that organization. Raises Refused (the session
        stays as it is) and Unreachable."""
        session = yield from self.load()
        if session is None:
            raise Refused("There is no session to refresh.", error="signed_out", status=401)
        if self._started:
            raise Refused("The response has started: a refresh would be lost.", error="too_late", status=409)
        renewed = yield from self._sessions.renew(
            session.payload, session.claims, organization_id=organization_id
        )
        self.journal.record(events.REFRESHED, **_ids(renewed))
        if not self._ended:
            self._keep(self._sessions.kept_or_written(renewed, self.journal))
        return renewed

    def begin(
        self,
        *,
        screen_hint: str | None = None,
        return_path: str | None = None,
        organization_id: str | None = None,
        login_hint: str | None = None,
        prompt: str | None = None,
        max_age: int | None = None,
        redirect_uri: str | None = None,
        state: str | None = None,
        domain_hint: str | None = None,
        connection_id: str | None = None,
        invitation_token: str | None = None,
    ) -> str:
        """The address where sign-in begins; its verifier cookie is among `headers()`.
        Raises LoginError `state_too_large`."""
        config = self.config
        callback = redirect_uri or config.callback_url()
        pending = create_state(
            config.cookie_passwords[0],
            now_ms=self._now_ms(),
            return_pathname=sanitize_return_path(return_path) if return_path else None,
            custom_state=state,
            redirect_uri=redirect_uri,
        )
        self._remember(pending.state, callback)
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
            raise self._provider_error(params, state)
        verifier = self._verifier(state)
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
        self._touched = True
        self._failure = None
        if not self._ended:
            self._keep(self._sessions.cookies_for(sign_in.session, self.journal))
            method = sign_in.session.authentication_method
            self.journal.record(events.SIGNED_IN, **_ids(sign_in.session), method=method)
        return sign_in.session

    def end(self, *, return_to: str | None = None) -> str:
        """Signs out and wins over anything else in this request. Where the browser must go next:
        the identity server's sign-out when there was a session, else a page of this app."""
        session_id = self._session_id()
        self._ended = self._touched = True
        self._loaded, self.reason = Loaded(reason=SignedOut.NO_COOKIE), SignedOut.NO_COOKIE
        self._failure = None
        target = sign_out_target(return_to, self.config)
        if session_id is None:
            return target or self.incoming.root_path + self.config.home
        self.journal.record(events.SIGNED_OUT, session_id=session_id)
        if target is not None and target.startswith("/"):
            target = self.config.origin + target
        return logout_url(self.config.url, session_id=session_id, return_to=target)

    def started(self) -> None:
        """The response has started: what changes from here on cannot reach the browser, so nothing does."""
        self._started = True

    def headers(self) -> list[tuple[str, str]]:
        """What must leave with this response: Set-Cookie lines, and when the session was read or
        written also Cache-Control and Vary; on the package's own routes, what lets trusted origins in."""
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
        return bool(self._cookies())

    def return_path_of_state(self) -> str:
        """Where the sign-in of this callback was to lead, without finishing it; home if it cannot be read."""
        home = self.incoming.root_path + self.config.home
        state = self.incoming.params.get("state")
        try:
            verifier = open_state(state, state, self.config.cookie_passwords, now_ms=self._now_ms())
        except LoginError:
            return sanitize_return_path(home)
        return sanitize_return_path(verifier.return_pathname, home)

    def _load(self) -> Flow[None]:
        try:
            loaded = yield from self._sessions.load(
                self.incoming.cookies, journal=self.journal, may_refresh=not self._started
            )
        except Unreachable as error:
            # Whoever asks again in this request need not wait again.
            self._failure = error
            raise
        # Another task of this request may have been quicker, or may have signed in or out meanwhile.
        if self._loaded is None:
            self._keep(loaded)

    def _keep(self, loaded: Loaded) -> None:
        self._loaded, self.reason = loaded, loaded.reason
        if loaded.cookies:
            self._session_cookie = loaded.cookies[-1]

    def _cookies(self) -> list[SetCookie]:
        return [*self._session_cookies(), *self._verifiers.values()]

    def _session_cookies(self) -> list[SetCookie]:
        if not self._ended:
            return [self._session_cookie] if self._session_cookie else []
        values = [name for name, _ in self.incoming.cookies if name == self.config.cookie_name]
        if len(values) > 1 and self.config.cookie_domain:
            return [delete_host_session(self.config), delete_session(self.config)]
        return [delete_session(self.config)]

    def _session_id(self) -> str | None:
        if self._loaded is not None:
            return self._loaded.session.id if self._loaded.session else None
        values = [value for name, value in self.incoming.cookies if name == self.config.cookie_name]
        opened = open_session(values, self.config.cookie_passwords)
        claims = sealed_claims(opened.payload.access_token) if opened else None
        return claims.sid or None if claims else None

    def _remember(self, state: str, callback: str) -> None:
        config = self.config
        cookie = verifier_cookie(
            state, redirect_uri=callback, same_site=config.cookie_same_site, domain=config.cookie_domain
        )
        names = [name for name, _ in self.incoming.cookies if is_verifier_name(name)]
        for name in verifiers_to_evict(names, keep=cookie.name):
            self._verifiers.setdefault(name, self._forgotten(name, config.callback_url()))
        self._verifiers[cookie.name] = cookie

    def _verifier(self, state: str | None) -> Verifier:
        if not state:
            return open_state(None, None, (), now_ms=0)
        name = verifier_name(state)
        # Whatever comes of it, this cookie has served.
        self._verifiers[name] = self._forgotten(name)
        value = self._verifier_value(name, state)
        if not value:
            others = any(is_verifier_name(each) for each, _ in self.incoming.cookies)
            raise hints.other_sign_in() if others else hints.cookie_missing(self.incoming, self.config)
        verifier = open_state(state, value, self.config.cookie_passwords, now_ms=self._now_ms())
        self._verifiers[name] = self._forgotten(name, verifier.redirect_uri or self.config.callback_url())
        return verifier

    def _verifier_value(self, name: str, state: str) -> str | None:
        values = [value for each, value in self.incoming.cookies if each == name and value]
        fitting = (value for value in values if hmac.compare_digest(_bytes(value), _bytes(state)))
        return next(fitting, values[0] if values else None)

    def _provider_error(self, params: Mapping[str, str], state: str | None) -> LoginError:
        try:
            self._verifier(state)
        except LoginError:
            return hints.provider_error(params["error"], None)
        return hints.provider_error(params["error"], params.get("error_description"))

    def _forgotten(self, name: str, callback: str | None = None) -> SetCookie:
        config = self.config
        return delete_verifier(
            name, redirect_uri=callback, same_site=config.cookie_same_site, domain=config.cookie_domain
        )

    def _now_ms(self) -> int:
        return int(self.now * 1000)


def _ids(session: Session) -> dict[str, object]:
    return {"user_id": session.user.id, "session_id": session.id, "organization_id": session.organization_id}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

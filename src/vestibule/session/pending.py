"""The sign-ins a browser has begun and not finished: one verifier cookie for each, made, read and deleted."""

import hmac
from collections.abc import Mapping

from vestibule.cookies import SetCookie
from vestibule.errors import LoginError
from vestibule.session import hints
from vestibule.session.config import Config
from vestibule.session.incoming import Incoming
from vestibule.session.verifier import (
    PendingLogin,
    Verifier,
    create_state,
    delete_verifier,
    is_verifier_name,
    open_state,
    verifier_cookie,
    verifier_name,
    verifiers_to_evict,
)


class PendingSignIns:
    """Those of one request. `cookies` are the lines that must leave with its response."""

    def __init__(self, incoming: Incoming, config: Config) -> None:
        self._incoming = incoming
        self._config = config
        self._cookies: dict[str, SetCookie] = {}

    @property
    def cookies(self) -> list[SetCookie]:
        return list(self._cookies.values())

    def begin(
        self, *, now_ms: int, callback: str, return_pathname: str | None, state: str | None, own: bool
    ) -> PendingLogin:
        """`own`: the callback is not the one of the settings. Raises LoginError `state_too_large`."""
        pending = create_state(
            self._config.sealer,
            now_ms=now_ms,
            return_pathname=return_pathname,
            custom_state=state,
            redirect_uri=callback if own else None,
        )
        self._remember(pending.state, callback)
        return pending

    def take(self, state: str | None, *, now_ms: int) -> Verifier:
        """The verifier of this callback, whose cookie has served, whatever comes of it. Raises LoginError."""
        if not state:
            return open_state(None, None, self._config.sealer, now_ms=0)
        name = verifier_name(state)
        self._cookies[name] = self._deletion(name)
        value = self._value(name, state)
        if not value:
            others = any(is_verifier_name(each) and text for each, text in self._incoming.cookies)
            raise hints.other_sign_in() if others else hints.cookie_missing(self._incoming, self._config)
        verifier = open_state(state, value, self._config.sealer, now_ms=now_ms)
        self._cookies[name] = self._deletion(name, verifier.redirect_uri or self._config.callback_url())
        return verifier

    def peek(self, state: str | None, *, now_ms: int) -> Verifier | None:
        """What the state says, without the cookie that would prove who began it."""
        try:
            return open_state(state, state, self._config.sealer, now_ms=now_ms)
        except LoginError:
            return None

    def forget(self) -> None:
        """Delete every verifier cookie of this browser: no sign-in begun before can be finished."""
        callback = self._config.callback_url()
        for name in [each for each, _ in self._incoming.cookies if is_verifier_name(each)]:
            self._cookies[name] = self._deletion(name, callback)
        # Those made in this very response never reach the browser.
        for name in [name for name, cookie in self._cookies.items() if cookie.value]:
            del self._cookies[name]

    def error(self, params: Mapping[str, str], *, now_ms: int) -> LoginError:
        """What the identity server said instead of a code; its words only if this browser asked it."""
        try:
            self.take(params.get("state"), now_ms=now_ms)
        except LoginError:
            return hints.provider_error(params["error"], None)
        return hints.provider_error(params["error"], params.get("error_description"))

    def _remember(self, state: str, callback: str) -> None:
        config = self._config
        cookie = verifier_cookie(
            state, redirect_uri=callback, same_site=config.cookie_same_site, domain=config.cookie_domain
        )
        # An empty one is none: authkit-nextjs leaves them behind instead of deleting them.
        names = [name for name, value in self._incoming.cookies if is_verifier_name(name) and value]
        for name in verifiers_to_evict(names, keep=cookie.name):
            self._cookies.setdefault(name, self._deletion(name, config.callback_url()))
        self._cookies[cookie.name] = cookie

    def _value(self, name: str, state: str) -> str | None:
        values = [value for each, value in self._incoming.cookies if each == name and value]
        fitting = (value for value in values if hmac.compare_digest(_bytes(value), _bytes(state)))
        return next(fitting, values[0] if values else None)

    def _deletion(self, name: str, callback: str | None = None) -> SetCookie:
        config = self._config
        return delete_verifier(
            name, redirect_uri=callback, same_site=config.cookie_same_site, domain=config.cookie_domain
        )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

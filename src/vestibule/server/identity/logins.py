"""A sign-in under way on the hosted pages: bound to one browser, finished once."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vestibule.server.identity import browser
from vestibule.server.identity.authorize import AuthorizationRequest, issue_code
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.languages import mark
from vestibule.server.store.logins import LoginRow

ONE_HOUR: Final = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Login:
    """`request` is None when no app began it. `user_id` is set once somebody has proven who they are,
    `progress` is what the steps wrote down."""

    token: str = field(repr=False)
    request: AuthorizationRequest | None
    user_id: str | None
    progress: Mapping[str, Any] = field(repr=False)
    created_at: dt.datetime
    finished_at: dt.datetime | None = None

    @property
    def authentication_method(self) -> str | None:
        """How it was proven in this very sign-in; None while an older session of the browser vouches."""
        method = self.progress.get("authentication_method")
        return method if isinstance(method, str) else None

    @property
    def second_factor(self) -> str | None:
        """How one was shown in this very sign-in, by whoever it is now."""
        kept = self.progress.get("second_factor")
        return str(kept["shown"]) if kept and kept["user_id"] == self.user_id else None


def begin_login(
    identity: Identity, request: AuthorizationRequest | None, browser_token: str, **progress: Any
) -> Login:
    """`browser_token` is the browser's binding cookie: nobody else can take this sign-in further."""
    token, now = new_token(), identity.now
    with identity.store.transaction() as tx:
        row = tx.logins.create(
            id_hash=digest(token),
            browser_hash=digest(browser_token),
            request={} if request is None else request.as_dict(),
            progress=progress,
            expires_at=now + ONE_HOUR,
            created_at=now,
        )
    return _login(token, row)


def get_login(identity: Identity, token: str | None, browser_token: str | None) -> Login | None:
    """None when unknown, expired, or another browser's. A finished one is returned: say so, or go on."""
    if not token or not browser_token:
        return None
    with identity.store.read() as tx:
        row = tx.logins.find(digest(token), browser_hash=digest(browser_token), now=identity.now)
    return None if row is None else _login(token, row)


def update_login(identity: Identity, login: Login, *, user_id: str | None = None, **progress: Any) -> Login:
    """Adds to `progress`, where None removes. Raises Denied `login_finished`, and without `user_id` also when
    somebody else has signed in since `login` was read."""
    merged = {name: value for name, value in {**login.progress, **progress}.items() if value is not None}
    with identity.store.transaction() as tx:
        if user_id is not None:
            row = tx.logins.update(digest(login.token), progress=merged, user_id=user_id)
        else:
            row = tx.logins.update_of(digest(login.token), login.user_id, progress=merged)
    if row is None:
        raise _finished()
    return _login(login.token, row)


@dataclass(frozen=True, slots=True)
class Finished:
    """`redirect_to` is None when no app began the sign-in. `browser_token` is a new cookie value, or None
    when the browser keeps the session it has."""

    redirect_to: str | None = field(repr=False)
    browser: BrowserSession
    browser_token: str | None = field(repr=False)


def finish_login(
    identity: Identity,
    login: Login,
    *,
    present: BrowserSession | None = None,
    organization_id: str | None = None,
    caller: Caller = NOBODY,
) -> Finished:
    """The code for the app, and the browser's session: `present` when it vouched, under a new token when a
    second factor was shown besides; a new one when somebody proved who they are in this sign-in. Raises
    Denied `login_finished` for whoever comes second.
    """
    user_id, method = login.user_id, login.authentication_method
    with identity.store.transaction() as tx:
        if tx.logins.finish(digest(login.token), now=identity.now) is None:
            raise _finished()
        token = None
        if method is not None and user_id is not None:
            if present is not None:
                tx.browser_sessions.end_by_id(present.id, now=identity.now)
            session, token = browser.begin_in(
                tx,
                identity,
                user_id=user_id,
                authentication_method=method,
                second_factor=login.second_factor,
                caller=caller,
            )
            if login.request is None and present is not None and present.user_id == user_id:
                tx.sessions.adopt(present.id, session.id)  # a page of ours asked again, and no app
        elif present is not None and present.user_id == user_id:
            session, token = browser.strengthen_in(tx, identity, present, login.second_factor)
        else:
            raise Denied(mark("Nobody has signed in yet."), code="login_incomplete")
        target = None
        if login.request is not None:
            target = issue_code(tx, identity, login.request, browser=session, organization_id=organization_id)
    return Finished(target, session, token)


def _login(token: str, row: LoginRow) -> Login:
    request = AuthorizationRequest.from_dict(row.request) if row.request else None
    return Login(token, request, row.user_id, row.progress, row.created_at, row.finished_at)


def _finished() -> Denied:
    return Denied(mark("This sign-in is finished already: begin again."), code="login_finished")

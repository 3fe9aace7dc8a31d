"""Which page comes next in a sign-in: the whole policy on one screen, and nothing but policy."""

import datetime as dt
from collections.abc import Collection
from enum import StrEnum

from vestibule.server.identity.authorize import AuthorizationRequest
from vestibule.server.identity.logins import Login
from vestibule.server.identity.models import BrowserSession


class Step(StrEnum):
    SIGN_IN = "sign_in"
    SIGN_UP = "sign_up"
    CONTINUE = "continue"  # the browser's session vouches: take its user over, then ask again
    VERIFY_EMAIL = "verify_email"
    SELECT_ORGANIZATION = "select_organization"
    DONE = "done"
    FINISHED = "finished"  # the code has gone out: a reload, or a second tab
    LOGIN_REQUIRED = "login_required"  # prompt=none, and a page would be needed
    NOT_A_MEMBER = "not_a_member"  # the app asked for an organization the user is not in


def next_step(
    login: Login,
    *,
    now: dt.datetime,
    present: BrowserSession | None = None,
    email_verified: bool = False,
    organizations: Collection[str] = (),
) -> Step:
    """`email_verified` and `organizations` (active memberships) are those of the login's user, once known."""
    if login.finished_at is not None:
        return Step.FINISHED
    silent = login.request is not None and "none" in login.request.prompt
    if login.user_id is None:
        if present is not None and vouches(present, login.request, now=now):
            return Step.CONTINUE
        return Step.LOGIN_REQUIRED if silent else _first_page(login)
    if not email_verified:
        return Step.LOGIN_REQUIRED if silent else Step.VERIFY_EMAIL
    return _organization_step(login, organizations, silent=silent)


def vouches(present: BrowserSession, request: AuthorizationRequest | None, *, now: dt.datetime) -> bool:
    """Whether the browser's session is fresh enough for what the app asks (OpenID Connect Core §3.1.2.1)."""
    if request is None:
        return True
    if {"login", "select_account"} & set(request.prompt):
        return False
    if request.max_age is None:
        return True
    return now - present.authenticated_at < dt.timedelta(seconds=request.max_age)


def _first_page(login: Login) -> Step:
    if "sign_up" in login.progress:
        return Step.VERIFY_EMAIL
    asked = login.progress.get("page") or (login.request and login.request.screen_hint)
    return Step.SIGN_UP if asked == "sign-up" else Step.SIGN_IN


def _organization_step(login: Login, organizations: Collection[str], *, silent: bool) -> Step:
    wanted = login.request.organization_id if login.request else None
    if wanted is not None:
        return Step.DONE if wanted in organizations else Step.NOT_A_MEMBER
    if login.progress.get("organization_id") in organizations or len(organizations) < 2:
        return Step.DONE
    return Step.LOGIN_REQUIRED if silent else Step.SELECT_ORGANIZATION


def chosen_organization(login: Login, organizations: Collection[str]) -> str | None:
    """For the code, once the step is DONE."""
    wanted = login.request.organization_id if login.request else None
    chosen = wanted or login.progress.get("organization_id")
    if chosen in organizations:
        return str(chosen)
    return next(iter(organizations)) if len(organizations) == 1 else None

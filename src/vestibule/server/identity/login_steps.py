"""Which page comes next in a sign-in: the whole policy on one screen, and nothing but policy."""

import datetime as dt
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from vestibule.server.identity.assurance import asked_for
from vestibule.server.identity.authorize import AuthorizationRequest
from vestibule.server.identity.logins import Login
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.policies import DEFAULT, Policy


class Step(StrEnum):
    SIGN_IN = "sign_in"  # who are you? An address, or a passkey
    PASSWORD = "password"  # noqa: S105 (a step)
    MAGIC_CODE = "magic_code"
    STEP_UP = "step_up"  # the browser knows who it is, and the app wants it proven once more
    SIGN_UP = "sign_up"
    CONTINUE = "continue"  # the browser's session vouches: take its user over, then ask again
    VERIFY_EMAIL = "verify_email"
    SELECT_ORGANIZATION = "select_organization"
    METHOD_NOT_ALLOWED = "method_not_allowed"  # the organization does not accept this way of signing in
    SECOND_FACTOR = "second_factor"
    ENROLL_SECOND_FACTOR = "enroll_second_factor"
    OFFER_PASSKEY = "offer_passkey"
    CONSENT = "consent"  # an application of others asks: may it?
    DONE = "done"
    FINISHED = "finished"  # the code has gone out: a reload, or a second tab
    LOGIN_REQUIRED = "login_required"  # prompt=none, and a page would be needed
    CONSENT_REQUIRED = "consent_required"  # the same, and nobody was allowed
    NOT_A_MEMBER = "not_a_member"  # the app asked for an organization the user is not in


PAGES_OF_PROOF: Final = (
    Step.METHOD_NOT_ALLOWED,
    Step.STEP_UP,
    Step.SECOND_FACTOR,
    Step.ENROLL_SECOND_FACTOR,
)
JUST_NOW: Final = dt.timedelta(minutes=10)


def next_step(
    login: Login,
    *,
    now: dt.datetime,
    present: BrowserSession | None = None,
    email_verified: bool = False,
    organizations: Collection[str] = (),
    policy: Policy = DEFAULT,
    enrolled: bool = False,
    has_passkey: bool = False,
    put_off: bool = False,
    another: bool = False,
    consent_owed: bool = False,
) -> Step:
    """`email_verified`, `organizations` (active memberships), `enrolled` (a confirmed second factor) and
    `has_passkey` are those of the login's user, once known; `policy` is that of the chosen organization,
    or of the address somebody has typed; `put_off` is a passkey that was declined on this browser a short
    while ago; `another`: the app means somebody else than the browser's session is of; `consent_owed`: the
    app is of others, and the login's user has not allowed it what it asks for."""
    if login.finished_at is not None:
        return Step.FINISHED
    silent = login.request is not None and "none" in login.request.prompt
    if login.user_id is None:
        asked_again = "fresh" in login.progress  # by a page of ours, before something that matters
        if present is not None and not asked_again and vouches(present, login.request, now=now):
            return Step.CONTINUE
        return Step.LOGIN_REQUIRED if silent else _first_page(login, None if another else present, policy)
    if not email_verified:
        return Step.LOGIN_REQUIRED if silent else Step.VERIFY_EMAIL
    step = _organization_step(login, organizations, silent=silent)
    if step is Step.DONE:
        step = _proof_step(login, present, policy, enrolled=enrolled, has_passkey=has_passkey, now=now)
    unwanted = silent or has_passkey or put_off
    if step is Step.DONE and not unwanted and _offers_passkey(login, policy):
        return Step.OFFER_PASSKEY
    if step is Step.DONE and consent_owed:
        return Step.CONSENT_REQUIRED if silent else Step.CONSENT
    return Step.LOGIN_REQUIRED if silent and step in PAGES_OF_PROOF else step


def vouches(present: BrowserSession, request: AuthorizationRequest | None, *, now: dt.datetime) -> bool:
    """Whether the browser's session is fresh enough for what the app asks (OpenID Connect Core §3.1.2.1)."""
    if request is None:
        return True
    if {"login", "select_account", "create"} & set(request.prompt):
        return False
    if request.max_age is None:
        return True
    return now - present.authenticated_at < dt.timedelta(seconds=request.max_age)


def _first_page(login: Login, present: BrowserSession | None, policy: Policy) -> Step:
    if "sign_up" in login.progress:
        return Step.VERIFY_EMAIL
    if "identified" in login.progress:
        return page_of_proof(login, policy)
    if login.request is not None and login.request.screen_hint == "sign-up":
        return Step.SIGN_UP
    if present is not None and not _wants_a_choice(login):
        return Step.STEP_UP
    return Step.SIGN_IN


def page_of_proof(login: Login, policy: Policy) -> Step:
    """For whoever has typed an address: the same whether or not anybody has it."""
    by_mail = "magic_auth" in policy.methods
    if by_mail and ("magic" in login.progress or "password" not in policy.methods):
        return Step.MAGIC_CODE
    return Step.PASSWORD


def _wants_a_choice(login: Login) -> bool:
    return login.request is not None and not {"select_account", "create"}.isdisjoint(login.request.prompt)


def _organization_step(login: Login, organizations: Collection[str], *, silent: bool) -> Step:
    wanted = login.request.organization_id if login.request else None
    if wanted is not None:
        return Step.DONE if wanted in organizations else Step.NOT_A_MEMBER
    if login.progress.get("organization_id") in organizations or len(organizations) < 2:
        return Step.DONE
    if "back_to" in login.progress:  # a page of ours, which is of no organization
        return Step.DONE
    return Step.LOGIN_REQUIRED if silent else Step.SELECT_ORGANIZATION


def _proof_step(
    login: Login,
    present: BrowserSession | None,
    policy: Policy,
    *,
    enrolled: bool,
    has_passkey: bool,
    now: dt.datetime,
) -> Step:
    method, shown = proof_of(login, present)
    if not policy.allows(method):
        return Step.METHOD_NOT_ALLOWED
    wanted = asked_for(login.request.acr_values if login.request else (), policy)
    owed = wanted.owed(method, shown, enrolled=enrolled, has_passkey=has_passkey)
    if owed is None:
        return Step.DONE
    if owed == "mfa_challenge":
        return Step.SECOND_FACTOR
    return Step.ENROLL_SECOND_FACTOR if _has_just_proven(login, present, now) else Step.STEP_UP


def _has_just_proven(login: Login, present: BrowserSession | None, now: dt.datetime) -> bool:
    """Before a second factor is set up: else whoever finds a laptop open would add their own."""
    if login.authentication_method is not None:
        return True
    return present is not None and now - present.authenticated_at < JUST_NOW


def proof_of(login: Login, present: BrowserSession | None) -> tuple[str, str | None]:
    """The method, and how a second factor was shown. What the browser's session had shown counts while it
    vouches; not for somebody who has just proven who they are, be it the same person."""
    if login.authentication_method is not None:
        return login.authentication_method, login.second_factor
    if present is None or present.user_id != login.user_id:
        return "", login.second_factor
    return present.authentication_method, login.second_factor or present.second_factor


def _offers_passkey(login: Login, policy: Policy) -> bool:
    """To those who have just signed in some other way."""
    wanted = policy.passkey_enrollment == "offer" and "passkey" in policy.methods
    fresh = login.authentication_method not in (None, "Passkey", "SSO", "Impersonation")
    return wanted and fresh and "passkey_offer" not in login.progress


def chosen_organization(login: Login, organizations: Collection[str]) -> str | None:
    """For the code, once the step is DONE."""
    wanted = login.request.organization_id if login.request else None
    chosen = wanted or login.progress.get("organization_id")
    if chosen in organizations:
        return str(chosen)
    return next(iter(organizations)) if len(organizations) == 1 else None

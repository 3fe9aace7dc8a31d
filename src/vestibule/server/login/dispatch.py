"""What comes next? Every step ends here and none knows another: the policy decides, this page leads on."""

from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vestibule.server import browsers
from vestibule.server.identity import social
from vestibule.server.identity.authorize import refusal
from vestibule.server.identity.browser import find_browser_session
from vestibule.server.identity.consents import has_consent
from vestibule.server.identity.domain_policies import join_by_domain, policy_for
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import NotFound, TooMany
from vestibule.server.identity.login_steps import Step, chosen_organization, next_step
from vestibule.server.identity.logins import Login, begin_login, finish_login, update_login
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.people import User
from vestibule.server.identity.users import find_user, get_user
from vestibule.server.identity.verification import send_verification
from vestibule.server.login import invitation, refusals, steps
from vestibule.server.store.transaction import Transaction
from vestibule.server.visitor import SEE_OTHER, NotStarted, Visitor

PAGES: Final = {
    Step.SIGN_IN: "/sign-in",
    Step.PASSWORD: "/sign-in/password",
    Step.MAGIC_CODE: "/magic-code",
    Step.STEP_UP: "/step-up",
    Step.SIGN_UP: "/sign-up",
    Step.VERIFY_EMAIL: "/verify-email",
    Step.SELECT_ORGANIZATION: "/select-organization",
    Step.SECOND_FACTOR: "/second-factor",
    Step.ENROLL_SECOND_FACTOR: "/enroll-second-factor",
    Step.OFFER_PASSKEY: "/passkeys/enroll",
    Step.CONSENT: "/consent",
}
A_MINUTE: Final = 60
OUR_OWN: Final = ("continue_to", "back_to", "device")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a sign-in stands: whose it is so far, and what the policy says comes next."""

    login: Login
    present: BrowserSession | None
    organizations: tuple[str, ...]
    step: Step
    enrolled: bool = False
    has_passkey: bool = False


def standing(visitor: Visitor, login: Login) -> Standing:
    """A session of the browser that vouches counts as proof, but only for now: it is written down nowhere,
    so that choosing another account is always possible."""
    present = find_browser_session(visitor.identity, visitor.session_token)
    found = _standing(visitor, login, present)
    if found.step is not Step.CONTINUE or present is None:
        return found
    return _standing(visitor, replace(login, user_id=present.user_id), present)


def _standing(visitor: Visitor, login: Login, present: BrowserSession | None) -> Standing:
    user = _find_user(visitor, login)
    organizations: tuple[str, ...] = ()
    if user is not None:
        join_by_domain(visitor.identity, user)
        belongs = list_active_memberships(visitor.identity, user.id)
        organizations = tuple(membership.organization_id for membership, _ in belongs)
    if user is None:
        facts = _guesses(visitor, login, present)
    else:
        facts = _requirements(visitor, login, user, organizations)
    step = next_step(
        login,
        now=visitor.identity.now,
        present=present,
        email_verified=user is not None and user.email_verified,
        organizations=organizations,
        **facts,
    )
    factors = {name: facts[name] for name in ("enrolled", "has_passkey") if name in facts}
    return Standing(login, present, organizations, step, **factors)


def _requirements(
    visitor: Visitor, login: Login, user: User, organizations: tuple[str, ...]
) -> dict[str, Any]:
    """What the policy asks of the person, and what they have to meet it with."""
    with visitor.identity.store.read() as tx:
        return {
            "policy": policy_for(tx, user.email, chosen_organization(login, organizations)),
            "enrolled": bool(tx.factors.list_verified(user.id)),
            "has_passkey": tx.passkeys.count(user.id) > 0,
            "put_off": browsers.is_put_off(visitor.request, visitor.identity.settings, account=user.id),
            "consent_owed": _owes_consent(tx, login, user),
        }


def _owes_consent(tx: Transaction, login: Login, user: User) -> bool:
    """To applications of others, unless it was given before, or in this very sign-in by this very person."""
    request = login.request
    if request is None or request.application_id is None or login.progress.get("consented") == user.id:
        return False
    application = tx.applications.find(request.application_id)
    if application is None or application.is_first_party:
        return False
    return "consent" in request.prompt or not has_consent(tx, user.id, application, request.scopes)


def _guesses(visitor: Visitor, login: Login, present: BrowserSession | None) -> dict[str, Any]:
    """While nobody has proven anything: what an address of that domain may use, and whom the app means."""
    typed = str(login.progress.get("identified") or "")
    facts: dict[str, Any] = {"policy": steps.policy_for(visitor, login, typed)} if typed else {}
    meant = lookup_key(steps.hinted_email(login))
    if present is not None and meant is not None:
        known = find_user(visitor.identity, present.user_id)
        facts["another"] = known is not None and lookup_key(known.email) != meant
    return facts


def _find_user(visitor: Visitor, login: Login) -> User | None:
    try:
        return None if login.user_id is None else get_user(visitor.identity, login.user_id)
    except NotFound:
        return None


def proceed(visitor: Visitor) -> Response:
    if visitor.request.method == "HEAD":  # whoever only looks finishes nothing
        return Response()
    login = visitor.login()
    now = standing(visitor, login)
    settled = invitation.settle(visitor, login, now.login.user_id)
    if settled is not None:
        return settled
    match now.step:
        case Step.DONE:
            return _finish(visitor, now)
        case Step.LOGIN_REQUIRED:
            return refuse(
                visitor,
                now.login,
                "login_required",
                "The person has to sign in, and prompt=none forbids asking.",
            )
        case Step.CONSENT_REQUIRED:
            return refuse(
                visitor,
                now.login,
                "consent_required",
                "The person has to allow this application, and prompt=none forbids asking.",
            )
        case Step.NOT_A_MEMBER:
            return _not_a_member(visitor, now.login)
        case Step.METHOD_NOT_ALLOWED:
            return refusals.method_not_allowed(visitor)
        case Step.VERIFY_EMAIL:
            _send_code(visitor, now.login)
        case Step.SIGN_IN | Step.SIGN_UP if (away := _provider(visitor, now.login)) is not None:
            return away
    return visitor.go(PAGES[now.step])


def _provider(visitor: Visitor, login: Login) -> Response | None:
    """Straight to the one that the app names; once, so that who comes back without it has our page."""
    wanted = login.request.provider if login.request else None
    client = social.named(visitor.identity, wanted) if wanted else None
    if client is None or "sent_to_provider" in login.progress:
        return None
    update_login(visitor.identity, login, sent_to_provider=True)
    return visitor.go(f"/sign-in/with/{client.id}")


def _send_code(visitor: Visitor, login: Login) -> None:
    """Once for each sign-in that finds itself owing one; a sign-up under way has sent its own."""
    user = _find_user(visitor, login)
    if user is None or "sign_up" in login.progress or login.progress.get("code_for") == user.email:
        return
    with suppress(TooMany):  # then the code of a moment ago is still good
        send_verification(visitor.identity, user.id)
    sent_at = visitor.identity.now.isoformat()
    update_login(
        visitor.identity, login, user_id=user.id, email=user.email, code_for=user.email, sent_at=sent_at
    )


def resume(visitor: Visitor, login: Login) -> Response:
    """A page of a sign-in that ended. Just now: the answer was lost on the way, so begin the same one again.
    Longer ago: the app has forgotten it, so only a new one can work."""
    ended = login.finished_at
    if ended is None or (visitor.identity.now - ended).total_seconds() > A_MINUTE:
        raise NotStarted
    kept = {name: login.progress[name] for name in OUR_OWN if name in login.progress}
    again = begin_login(visitor.identity, login.request, visitor.binding, **kept)
    return RedirectResponse(f"/continue?login={again.token}", SEE_OTHER)


def _finish(visitor: Visitor, now: Standing) -> Response:
    organization_id = chosen_organization(now.login, now.organizations)
    onwards, back = _page_of_ours(now.login)
    if onwards is not None:
        finished_as = {"user_id": now.login.user_id, "organization_id": organization_id}
        update_login(visitor.identity, now.login, finished_as=finished_as)
    finished = finish_login(
        visitor.identity,
        now.login,
        present=now.present,
        organization_id=organization_id,
        caller=visitor.caller,
    )
    target = finished.redirect_to or back
    if target is None:
        raise NotStarted
    response = RedirectResponse(target, SEE_OTHER, headers={"Cache-Control": "no-store"})
    if finished.browser_token is not None:
        browsers.remember(response, visitor.identity.settings, finished.browser_token)
    return response


def _page_of_ours(login: Login) -> tuple[str | None, str | None]:
    """What no app's request began: a page that goes on from this sign-in, and where to go in any case."""
    onwards = login.progress.get("continue_to")
    if onwards is None:
        return None, login.progress.get("back_to")
    return onwards, f"{onwards}?{urlencode({'login': login.token})}"


def refuse(visitor: Visitor, login: Login, code: str, message: str) -> Response:
    """To the app, which then knows why there is no code."""
    if login.request is None:
        raise NotStarted
    error = refusal(visitor.identity, login.request.way_back, code=code, message=message)
    return RedirectResponse(str(error.redirect_to), SEE_OTHER, headers={"Cache-Control": "no-store"})


def _not_a_member(visitor: Visitor, login: Login) -> Response:
    if login.request is not None and "none" in login.request.prompt:
        return refuse(visitor, login, "access_denied", "The person is not a member of this organization.")
    return visitor.page(
        "error.html",
        status=HTTPStatus.FORBIDDEN,
        title=visitor.say("You are not a member there"),
        message=visitor.say(
            "The application asked for an organization that this account does not belong to."
        ),
        hint=visitor.say(
            "Ask an admin of that organization to add you, or sign in with the account that is a member."
        ),
        code="organization_membership_not_found",
        continue_url=visitor.link("/sign-in"),
        continue_text=visitor.say("Use another account"),
    )

"""Approving a device: its code is typed or confirmed here, then somebody signs in, then they decide.

The decision is always asked for, and always beside what asks: a link with a code in it may come from anybody
(RFC 8628 §5.4).
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from vestibule.server.identity import devices
from vestibule.server.identity.browser import find_browser_session
from vestibule.server.identity.environment import get_environment
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.logins import Login, begin_login, get_login
from vestibule.server.identity.models import BrowserSession
from vestibule.server.identity.organizations import get_organization
from vestibule.server.identity.secrets import open_at_rest, seal_at_rest
from vestibule.server.identity.users import get_user
from vestibule.server.languages import mark
from vestibule.server.login import consent
from vestibule.server.scopes_in_words import scopes_in_words
from vestibule.server.store.device_codes import DeviceCode
from vestibule.server.visitor import SEE_OTHER, Visitor

DECIDE: Final = "/device/confirm"
WRONG: Final = mark(
    "Nothing waits under this code. Compare it with your device; it changes every five minutes."
)


def show(visitor: Visitor) -> Response:
    return _form(visitor, visitor.request.query_params.get("user_code", "")[:64])


def submit(visitor: Visitor) -> Response:
    typed = visitor.form.get("user_code", "")
    user_code = devices.read_user_code(typed)
    if user_code is None or not _guess(visitor, user_code):
        return _form(visitor, typed[:64], error=WRONG)
    sealed = seal_at_rest(user_code, visitor.identity.settings.secret)
    login = begin_login(visitor.identity, None, visitor.binding, continue_to=DECIDE, device=sealed)
    return RedirectResponse(f"/continue?login={login.token}", SEE_OTHER)


def _guess(visitor: Visitor, user_code: str) -> bool:
    place = visitor.caller.ip_address or "unknown"
    found = devices.guess_device(visitor.identity, user_code, place=place, browser=visitor.binding)
    return found is not None


def show_decision(visitor: Visitor) -> Response:
    if visitor.request.method == "HEAD":  # whoever only looks claims nothing
        return Response()
    asked = _asked(visitor)
    if asked is None:
        return RedirectResponse("/device", SEE_OTHER)
    device = devices.claim_device(visitor.identity, asked.user_code, user_id=asked.browser.user_id)
    return _over(visitor) if device is None else _decision(visitor, asked, device)


def submit_decision(visitor: Visitor) -> Response:
    asked = _asked(visitor)
    if asked is None:
        return RedirectResponse("/device", SEE_OTHER)
    approved = visitor.form.get("action") == "approve"
    try:
        if approved:
            devices.approve_device(
                visitor.identity,
                asked.user_code,
                browser=asked.browser,
                organization_id=asked.organization_id,
            )
        else:
            devices.deny_device(visitor.identity, asked.user_code, user_id=asked.browser.user_id)
    except Denied:
        return _over(visitor)
    return _done(visitor, approved=approved)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A sign-in of this browser that ended in front of the decision, and whoever signed in."""

    user_code: str
    browser: BrowserSession
    organization_id: str | None


def _asked(visitor: Visitor) -> _Asked | None:
    login = get_login(visitor.identity, visitor.login_token, visitor.binding)
    browser = find_browser_session(visitor.identity, visitor.session_token)
    if login is None or browser is None or not _belongs(login, browser):
        return None
    user_code = open_at_rest(login.progress["device"], visitor.identity.settings.secret)
    return _Asked(user_code, browser, login.progress["finished_as"]["organization_id"])


def _belongs(login: Login, browser: BrowserSession) -> bool:
    """Every step of the policy was taken by the very person who decides."""
    finished_as = login.progress.get("finished_as")
    return (
        "device" in login.progress
        and login.finished_at is not None
        and finished_as is not None
        and finished_as["user_id"] == browser.user_id
    )


def _form(visitor: Visitor, user_code: str, *, error: str = "") -> Response:
    return visitor.page(
        "login/device.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        values={"user_code": user_code},
        errors={"user_code": visitor.say(error)} if error else {},
    )


def _decision(visitor: Visitor, asked: _Asked, device: DeviceCode) -> Response:
    return visitor.page("login/device-decision.html", **_facts(visitor, asked, device))


def _facts(visitor: Visitor, asked: _Asked, device: DeviceCode) -> dict[str, Any]:
    identity, organization = visitor.identity, ""
    with identity.store.read() as tx:
        asking = tx.applications.find_client(device.client_id)
    foreign = asking is not None and not asking.is_first_party
    if asked.organization_id is not None:
        organization = get_organization(identity, asked.organization_id).name
    return {
        "application": get_environment(identity).name if asking is None else asking.name,
        "scopes": scopes_in_words(visitor, (device.scope or "").split()) if foreign else [],
        "maker": consent.who_made(visitor, asking)["maker"] if asking is not None and foreign else "",
        "foreign": foreign,
        "email": get_user(identity, asked.browser.user_id).email,
        "organization": organization,
        "user_code": asked.user_code,
        "address": device.ip_address or "",
        "user_agent": (device.user_agent or "")[:120],
        "asked_at": f"{device.created_at:%H:%M} UTC",
    }


def _done(visitor: Visitor, *, approved: bool) -> Response:
    if approved:
        title = visitor.say("Your device is signed in")
        message = visitor.say("It goes on by itself within a few seconds.")
    else:
        title = visitor.say("Your device is not signed in")
        message = visitor.say("Nothing was given to it, and its code is over.")
    return visitor.page(
        "signed-out.html",
        title=title,
        message=message,
        hint=visitor.say("You can close this page."),
        request_id="",
    )


def _over(visitor: Visitor) -> Response:
    return visitor.page(
        "error.html",
        status=HTTPStatus.BAD_REQUEST,
        title=visitor.say("This code is over"),
        message=visitor.say("It was decided already, or five minutes have passed. Nothing was changed."),
        hint=visitor.say("Ask your device for a new code."),
        code="device_code_over",
        continue_url=visitor.identity.settings.link("/device"),
        continue_text=visitor.say("Enter another code"),
    )

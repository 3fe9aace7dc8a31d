"""May this application? Asked by an application of others, of whoever has just proven who they are.

The answer is remembered: the page comes again only when the application asks for more, or asks to be asked.
"""

from typing import Any, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from vestibule.server.identity.consents import grant_consent
from vestibule.server.identity.login_steps import Step
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.users import get_user
from vestibule.server.login import dispatch
from vestibule.server.scopes_in_words import scopes_in_words
from vestibule.server.store.applications import Application
from vestibule.server.visitor import Visitor

NO: Final = "The person did not allow it."


def show(visitor: Visitor) -> Response:
    now = dispatch.standing(visitor, visitor.login())
    application = find_asking(visitor, now.login)
    if now.step is not Step.CONSENT or application is None:
        return visitor.go("/continue")
    user = get_user(visitor.identity, str(now.login.user_id))
    request = now.login.request
    return visitor.page(
        "login/consent.html",
        application=application.name,
        email=user.email,
        account=user.id,
        scopes=scopes_in_words(visitor, request.scopes if request else ()),
        target=urlsplit(request.redirect_uri).netloc if request else "",
        **who_made(visitor, application),
    )


def submit(visitor: Visitor) -> Response:
    """Whoever sent an old page, or sent it twice, is led on to where the sign-in is by now. A yes counts for
    the account that the page named, and for no other."""
    login = visitor.login()
    now = dispatch.standing(visitor, login)
    application = find_asking(visitor, now.login)
    if now.step is not Step.CONSENT or application is None or now.login.request is None:
        return visitor.go("/continue")
    if visitor.form.get("account") != now.login.user_id:
        return visitor.go("/consent")
    if visitor.form.get("action") != "allow":
        return dispatch.refuse(visitor, now.login, "access_denied", NO)
    user_id = str(now.login.user_id)
    update_login(visitor.identity, login, consented=user_id)
    grant_consent(visitor.identity, user_id, application, now.login.request.scopes)
    return visitor.go("/continue")


def find_asking(visitor: Visitor, login: Login) -> Application | None:
    if login.request is None or login.request.application_id is None:
        return None
    with visitor.identity.store.read() as tx:
        return tx.applications.find(login.request.application_id)


def who_made(visitor: Visitor, application: Application) -> dict[str, Any]:
    """For a page that asks: the organization behind it, and where it says more of itself."""
    maker = None
    if application.organization_id is not None:
        with visitor.identity.store.read() as tx:
            maker = tx.organizations.find(application.organization_id)
    homepage = application.homepage_url or ""
    return {
        "maker": "" if maker is None else maker.name,
        "homepage": homepage,
        "homepage_host": urlsplit(homepage).netloc,
    }

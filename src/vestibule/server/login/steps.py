"""What several steps of a sign-in need: going on as somebody, and saying what was wrong with a form."""

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from vestibule.server import browsers
from vestibule.server.identity import domain_policies, social
from vestibule.server.identity.branding import find_branding
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.logins import Login, update_login
from vestibule.server.identity.people import User
from vestibule.server.identity.policies import Policy
from vestibule.server.identity.provider_names import name_of
from vestibule.server.languages import mark
from vestibule.server.login import refusals
from vestibule.server.sentences import sentence
from vestibule.server.visitor import Visitor

FORMS: Final = "forms.js"
MAIL_TAKES: Final = 30
NOT_OF_A_CODE: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})
REFUSED_PASSKEY: Final = mark("That passkey did not work. Try again, or sign in another way.")
REFUSED_BY_PROVIDER: Final[Mapping[str, str]] = {
    social.DENIED: mark("You did not agree at %(provider)s. Try again, or sign in another way."),
    social.FAILED: mark("Signing in with %(provider)s did not work. Try again, or sign in another way."),
    social.EMAIL_MISSING: mark(
        "%(provider)s gives no verified email address, and one is needed here. Verify one there, or sign in "
        "another way."
    ),
    social.ACCOUNT_EXISTS: mark(
        "There is an account with the email address that %(provider)s gives. Sign in the way you did before."
    ),
    social.NO_SIGN_UP: mark(
        "There is no account for you here, and new ones are not made. Ask whoever runs the application."
    ),
}
UNNAMED: Final = "Vestibule"


def enter(
    visitor: Visitor, login: Login, user: User, *, method: str | None, second_factor: str | None = None
) -> Response:
    """Go on as `user`. `method` is how that was proven in this sign-in; None while only a session vouches.

    What was shown before, perhaps by somebody else, is forgotten. `second_factor` is for methods that are
    two factors in one."""
    if user.suspended_at is not None:
        return refusals.suspended(visitor)
    update_login(
        visitor.identity,
        login,
        user_id=user.id,
        authentication_method=method,
        second_factor=shown(user.id, second_factor),
        email=user.email,
        sign_up=None,
        code_for=None,
        organization_id=None,
    )
    response, settings = visitor.go("/continue"), visitor.identity.settings
    if method is not None:
        browsers.remember_method(response, settings, visitor.binding, method=method)
    account = lookup_key(user.email)
    if user.email_verified and account is not None:
        browsers.acquaint(response, settings, visitor.binding, account=account)
        browsers.remember_address(response, settings, user.email)
    return response


def shown(user_id: str, second_factor: str | None) -> Mapping[str, str] | None:
    """For the login's progress: a second factor is worth something for its owner only."""
    return None if second_factor is None else {"shown": second_factor, "user_id": user_id}


def policy_for(visitor: Visitor, login: Login, email: str = "") -> Policy:
    """What may sign in here, in the organization that the app named, and by an address of this domain."""
    wanted = login.request.organization_id if login.request else None
    with visitor.identity.store.read() as tx:
        return domain_policies.policy_for(tx, email, wanted)


def allowed_methods(visitor: Visitor, login: Login, email: str = "") -> frozenset[str]:
    return policy_for(visitor, login, email).methods


def ways_in(visitor: Visitor, methods: frozenset[str]) -> dict[str, Any]:
    """For a page that offers them. What was used on this browser last comes first, or is marked."""
    passkeys = "passkey" in methods
    return {
        "passwords": "password" in methods,
        "magic": "magic_auth" in methods,
        "passkeys": passkeys,
        "providers": ways_to_providers(visitor, methods),
        "last_method": browsers.last_method(visitor.request, visitor.identity.settings),
        "script": f"{FORMS} passkeys.js" if passkeys else FORMS,
    }


def ways_to_providers(visitor: Visitor, methods: frozenset[str]) -> Sequence[Mapping[str, str]]:
    return [
        {"id": each.id, "name": each.template.name, "method": name_of(each)}
        for each in social.offered(visitor.identity, methods)
    ]


def refused(visitor: Visitor) -> str:
    """What came of a passkey, or of going to a provider."""
    query = visitor.request.query_params
    if query.get("passkey") == "refused":
        return visitor.say(REFUSED_PASSKEY)
    client = social.named(visitor.identity, query.get("provider", ""))
    sentence = REFUSED_BY_PROVIDER.get(query.get("refused", ""))
    if client is None or sentence is None:
        return ""
    return visitor.say(sentence, provider=client.template.name)


def typed_code(visitor: Visitor) -> str:
    """As it is kept: mails and apps show codes in groups, and keyboards write the digits of their script."""
    text = unicodedata.normalize("NFKC", visitor.form.get("code", ""))
    kept = (letter for letter in text if unicodedata.category(letter) not in NOT_OF_A_CODE)
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in kept)


def wait(visitor: Visitor, login: Login) -> int:
    """In how many seconds another code may be asked for without hurry: mail takes its time."""
    sent = login.progress.get("sent_at")
    if sent is None:
        return 0
    passed = visitor.identity.now - dt.datetime.fromisoformat(sent)
    return max(0, MAIL_TAKES - int(passed.total_seconds()))


def application(visitor: Visitor, login: Login) -> str:
    """What the person signs in to: another application, else the environment by its name, or by where the
    app answers while it has none."""
    if login.request is not None and login.request.application_id is not None:
        with visitor.identity.store.read() as tx:
            asking = tx.applications.find(login.request.application_id)
        if asking is not None:
            return asking.name
    name = find_branding(visitor.identity).product
    return name if name != UNNAMED else urlsplit(login.request.redirect_uri if login.request else "").netloc


def hinted_email(login: Login) -> str:
    """What was typed on an earlier page, else what the app said who it might be."""
    hint = login.request.login_hint if login.request else None
    return str(login.progress.get("email") or hint or "")


def explain(visitor: Visitor, error: Invalid) -> tuple[Mapping[str, str], str]:
    """Each problem in a sentence by its input; what belongs to no input comes second."""
    by_field: dict[str, str] = {}
    for problem in error.errors:
        said = sentence(visitor, problem["code"], otherwise=problem["message"])
        by_field.setdefault(problem.get("field", ""), said)
    loose = by_field.pop("", "" if by_field else visitor.say(error.message))
    return by_field, loose

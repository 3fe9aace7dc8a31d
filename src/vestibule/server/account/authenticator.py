"""An authenticator app: set up by scanning a code, or taken away again."""

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from vestibule.errors import ConfigError
from vestibule.server import browsers, qr
from vestibule.server.account.person import Person
from vestibule.server.account.recovery_codes import show_codes
from vestibule.server.account.sentences import typed_code
from vestibule.server.identity.browser import strengthen
from vestibule.server.identity.enrolling import Offer, accept_totp, offer_totp
from vestibule.server.identity.errors import Denied, NotFound
from vestibule.server.identity.factors import delete_factor
from vestibule.server.identity.second_factors import TOTP
from vestibule.server.languages import mark
from vestibule.server.store.factors import Factor

BLANK: Final = mark("Enter the six digits that your app shows now.")
WRONG: Final = mark(
    "That code is not right. Check that your phone's clock is, and enter the code it shows now."
)
GROUP: Final = 4


def show(person: Person) -> Response:
    if _confirmed(person):
        return person.page("authenticator.html", factors=_confirmed(person))
    return _form(person, offer_totp(person.identity, person.user))


def submit(person: Person) -> Response:
    """The browser's session goes on under another token, as one that has shown a second factor."""
    offer, typed = _offered(person), typed_code(person)
    if not typed:
        return _form(person, offer, error=BLANK)
    try:
        codes = accept_totp(person.identity, person.user.id, offer, typed, caller=person.caller)
    except Denied as error:
        if error.code == "second_factor_exists":
            return person.go("/account/security/authenticator")
        return _form(person, offer, error=WRONG)
    response = show_codes(person, codes)
    token = strengthen(person.identity, person.session, TOTP)
    browsers.remember(response, person.identity.settings, token)
    return response


def remove(person: Person) -> Response:
    factor_id = person.typed("factor_id")
    if factor_id not in {factor.id for factor in _confirmed(person)}:
        raise NotFound.of("Authentication factor", factor_id)
    delete_factor(person.identity, factor_id)
    return person.go("/account/security", done="authenticator-removed")


def _confirmed(person: Person) -> list[Factor]:
    with person.identity.store.read() as tx:
        return list(tx.factors.list_verified(person.user.id))


def _offered(person: Person) -> Offer:
    """What the page carried, so that a wrong code does not void what the phone has scanned."""
    try:
        return offer_totp(person.identity, person.user, person.typed("offer") or None)
    except ConfigError:  # sealed by somebody else
        return offer_totp(person.identity, person.user)


def _form(person: Person, offer: Offer, *, error: str = "") -> Response:
    secret = offer.secret
    return person.page(
        "authenticator-add.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        qr=qr.drawing(offer.uri),
        secret=" ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP)),
        offer=offer.sealed,
        errors={"code": person.say(error)} if error else {},
    )

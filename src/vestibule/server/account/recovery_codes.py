"""Recovery codes: how many are left, and new ones, which are shown once."""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.responses import Response

from vestibule.server.account.person import Person
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.recovery_codes import count_recovery_codes, create_recovery_codes


def show(person: Person) -> Response:
    left = count_recovery_codes(person.identity, person.user.id)
    with person.identity.store.read() as tx:
        if not tx.factors.list_verified(person.user.id):
            return person.go("/account/security")
    return person.page("recovery-codes.html", left=left)


def submit(person: Person) -> Response:
    try:
        codes = create_recovery_codes(person.identity, person.user.id)
    except Denied:  # the app they stand in for has gone meanwhile
        return person.go("/account/security")
    return show_codes(person, codes)


def show_codes(person: Person, codes: Sequence[str]) -> Response:
    """The file is in the page itself: nobody could ask the server for it."""
    product = person.say("Recovery codes of %(email)s", email=person.user.email)
    text = "\n".join([product, "", *codes, ""])
    return person.page(
        "new-codes.html", codes=codes, file=f"data:text/plain;charset=utf-8,{quote(text, safe='')}"
    )

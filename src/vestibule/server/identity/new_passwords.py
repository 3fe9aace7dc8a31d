"""A password somebody wants to have: held against the policy, the name of the place, and published leaks."""

from typing import Final

from vestibule.server.identity.breaches import is_breached
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.password_policy import check_new_password

BREACHED: Final = "This password is in a published leak, where attackers look first."


def check_password(identity: Identity, password: str, *, email: str) -> None:
    """Outside any transaction: somebody else's server may be asked. Raises Invalid `password_strength_error`,
    with the reasons of `check_new_password` or `password_breached`."""
    with identity.store.read() as tx:
        place = tx.environment.find()
    service = "" if place is None else place.name
    check_new_password(password, email=email, settings=identity.settings, service=service)
    url = identity.settings.breach_lookup_url
    if url is not None and is_breached(url, password):
        errors = [{"field": "password", "code": "password_breached", "message": BREACHED}]
        raise Invalid(BREACHED, code="password_strength_error", errors=errors)

"""What a requirement asks for, in words, and what somebody with a role still lacks."""

from collections.abc import Iterator

from vestibule.session import answers
from vestibule.session.guards import All, AnyOf, Has, InOrganization, Missing, Recent, Requirement
from vestibule.session.model import Session
from vestibule.session.payload import Payload
from vestibule.wire.claims import Claims
from vestibule.wire.models import User

SIGNED_IN = "signed in"
MOMENT = 1_000_000_000


def in_words(requirement: Requirement) -> str:
    """`permission users:delete and role admin`; `signed in` when that is enough; and how often."""
    often = [f"at most {rate.limits}" for rate in requirement.rates]
    return ", ".join([_in_words(requirement), *often])


def _in_words(requirement: Requirement) -> str:
    missing = lacking(requirement, role=None, recent=False)
    if missing is None and isinstance(requirement, All | AnyOf):
        word = " or " if isinstance(requirement, AnyOf) else " and "
        return word.join(_in_words(each) for each in requirement.requirements)
    if missing is None:
        return type(requirement).__name__
    return answers.in_words(missing) or SIGNED_IN


def lacking(requirement: Requirement, *, role: str | None, recent: bool = True) -> Missing | None:
    """What somebody who is signed in lacks, who has that role and nothing else. None: nobody can say, as
    the requirement is the app's own and asks for more than a session made for the purpose has."""
    claims: dict[str, object] = {"sub": "user", "sid": "session", "exp": MOMENT + 300, "iat": MOMENT}
    if recent:
        claims["auth_time"] = MOMENT
    if role is not None:
        claims["role"] = role
    session = Session(
        payload=Payload(access_token="none", refresh_token="none", user=_NOBODY),  # noqa: S106 - opens nothing
        claims=Claims.read(claims),
    )
    try:
        return requirement.missing(session, MOMENT) or {}
    except Exception:  # code of the app, which may look at more than there is here
        return None


def parts_of(requirement: Requirement) -> Iterator[Requirement]:
    """The requirement, and those that it is made of."""
    yield requirement
    if isinstance(requirement, All | AnyOf):
        for each in requirement.requirements:
            yield from parts_of(each)


def roles_in(requirement: Requirement) -> Iterator[str]:
    for part in parts_of(requirement):
        if isinstance(part, Has) and part.word == "role":
            yield from part.wanted


def rights_for(requirement: Requirement) -> dict[str, object] | None:
    """What a session needs to meet it, in the words of `vestibule.testing`. Of several ways, the first. None
    for a requirement of the app's own."""
    if isinstance(requirement, Has):
        word = {"permission": "permissions", "role": "roles", "entitlement": "entitlements"}
        return {word.get(requirement.word, "feature_flags"): list(requirement.wanted)}
    if isinstance(requirement, InOrganization):
        return {"organization": next(iter(requirement.accepted), "org_audit")}
    if isinstance(requirement, Recent):
        return {"authenticated_ago": 0}
    if isinstance(requirement, AnyOf):
        ways = [rights_for(each) for each in requirement.requirements]
        return next((way for way in ways if way is not None), None)
    if isinstance(requirement, All):
        return _together([rights_for(each) for each in requirement.requirements])
    return None if lacking(requirement, role=None) != {} else {}


def _together(parts: list[dict[str, object] | None]) -> dict[str, object] | None:
    found: dict[str, object] = {}
    for part in parts:
        if part is None:
            return None
        for word, value in part.items():
            before = found.get(word)
            found[word] = [*before, *value] if isinstance(before, list) and isinstance(value, list) else value
    return found


_NOBODY = User(id="user", email="nobody@example.com")

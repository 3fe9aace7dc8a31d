"""What is done to one user."""

import json
from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.user import (
    OWN,
    PROFILE,
    changeable,
    membership_of,
    profile,
    show_danger,
    show_membership,
    show_organizations,
)
from vestibule.server.dashboard.users import PATH, place
from vestibule.server.identity import open_sessions
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.memberships import (
    create_membership,
    deactivate_membership,
    delete_membership,
    reactivate_membership,
    update_membership,
)
from vestibule.server.identity.organizations import get_organization, search_organizations
from vestibule.server.identity.resets import create_reset
from vestibule.server.identity.roles import list_roles
from vestibule.server.identity.sessions import revoke_session
from vestibule.server.identity.suspending import suspend_user, unsuspend_user
from vestibule.server.identity.users import delete_user, update_user
from vestibule.server.identity.ways_in import remove_factor, remove_identity, remove_passkey

IN_FORM: Final = {
    "email_not_available": "email",
    "invalid_email": "email",
    "external_id_already_used": "external_id",
}
NOT_TYPED: Final = "Type the email address exactly as it is written above."
MOST_ROLES: Final = 100


def save(desk: Desk) -> Response:
    user = changeable(desk)
    typed: dict[str, Any] = {name: desk.form.get(name, "").strip() for name in PROFILE}
    verified, metadata = "email_verified" in desk.form, desk.form.get("metadata", "")
    try:
        changes: dict[str, Any] = {name: text or None for name, text in typed.items()}
        wanted = _object(metadata)
        changes["metadata"] = {**dict.fromkeys(key for key in user.metadata if key not in wanted), **wanted}
        changes |= {"email": typed["email"], "email_verified": verified}
        update_user(desk.identity, user.id, changes=changes)
    except REFUSALS as error:
        values = {**typed, "email_verified": verified, "metadata": metadata}
        return profile(desk, user, mistakes(error, IN_FORM), values)
    return desk.go(place(user), done="saved")


def _object(typed: str) -> dict[str, Any]:
    try:
        read = json.loads(typed) if typed.strip() else {}
    except (ValueError, RecursionError) as error:
        raise Invalid.field("metadata", "invalid_metadata", f"This is no JSON: {error}.") from None
    if not isinstance(read, dict) or not all(isinstance(value, str) for value in read.values()):
        message = 'Write an object of texts, like {"plan": "team"}.'
        raise Invalid.field("metadata", "invalid_metadata", message)
    return read


def send_reset(desk: Desk) -> Response:
    user = changeable(desk)
    create_reset(desk.identity, user.email)
    return desk.go(f"{place(user)}/sign-in", done="reset_sent")


def _removal(what: str, remove: Callable[[Desk, str], None]) -> Callable[[Desk], Response]:
    def answer(desk: Desk) -> Response:
        user = changeable(desk)
        remove(desk, user.id)
        return desk.go(f"{place(user)}/sign-in", done="removed")

    answer.__name__ = f"remove_{what}"
    return answer


def end_session(desk: Desk) -> Response:
    """An app's, which may be one that an operator opened in their name."""
    user = changeable(desk)
    session_id = desk.form.get("session_id", "")
    if session_id not in {each.id for each in _sessions(desk, user.id)}:
        raise NotFound.of("Session", session_id)
    revoke_session(desk.identity, session_id)
    return desk.go(f"{place(user)}/sessions", done="ended")


def _sessions(desk: Desk, user_id: str) -> Any:
    with desk.identity.store.read() as tx:
        return tx.sessions.list_live(user_id, now=desk.identity.now)


def end_browser(desk: Desk) -> Response:
    user = changeable(desk)
    open_sessions.end_browser(desk.identity, user.id, desk.form.get("browser_session_id", ""))
    return desk.go(f"{place(user)}/sessions", done="ended")


def end_all(desk: Desk) -> Response:
    user = changeable(desk)
    open_sessions.end_everywhere(desk.identity, user.id)
    return desk.go(f"{place(user)}/sessions", done="ended_all")


def join(desk: Desk) -> Response:
    user, typed = changeable(desk), desk.form.get("organization", "").strip()
    role = desk.form.get("role", "")
    try:
        organization_id = _organization(desk, typed)
        create_membership(
            desk.identity, user_id=user.id, organization_id=organization_id, roles=[role] if role else None
        )
    except REFUSALS as error:
        problems = mistakes(error)
        if problems.problem:
            problems = Mistakes({"organization": problems.problem})
        return show_organizations(desk, problems, {"organization": typed, "role": role})
    return desk.go(f"{place(user)}/organizations", done="joined")


def _organization(desk: Desk, typed: str) -> str:
    """By its id, or by a name that only one of them has."""
    if typed.startswith("org_") and typed.isprintable():
        return get_organization(desk.identity, typed[:128]).id
    found = search_organizations(desk.identity, typed, most=2)
    if not found:
        raise Invalid.field("organization", "organization_not_found", "No organization is called so.")
    if len(found) > 1:
        message = "Several organizations are called so: write more of the name, or the ID."
        raise Invalid.field("organization", "organization_ambiguous", message)
    return found[0].id


def save_membership(desk: Desk) -> Response:
    user = changeable(desk)
    membership = membership_of(desk, user)
    known = list_roles(desk.identity, organization_id=membership.organization_id)
    roles = [role.slug for role in known if f"role.{role.slug}" in desk.form]
    try:
        if not roles:
            raise Invalid("A member has at least one role.")
        update_membership(desk.identity, membership.id, roles=roles)
        if "inactive" in desk.form and membership.status == "active":
            deactivate_membership(desk.identity, membership.id)
        if "inactive" not in desk.form and membership.status == "inactive":
            reactivate_membership(desk.identity, membership.id)
    except REFUSALS as error:
        return show_membership(desk, mistakes(error))
    return desk.go(f"{place(user)}/organizations", done="saved")


def leave(desk: Desk) -> Response:
    user = changeable(desk)
    try:
        delete_membership(desk.identity, membership_of(desk, user).id)
    except NotFound:
        raise
    except REFUSALS as error:
        return show_membership(desk, mistakes(error))
    return desk.go(f"{place(user)}/organizations", done="left")


def suspend(desk: Desk) -> Response:
    user = changeable(desk)
    if user.id == desk.insider.user.id:
        return show_danger(desk, Mistakes(problem="This is you: you would lock yourself out."))
    suspend_user(desk.identity, user.id)
    return desk.go(f"{place(user)}/danger", done="suspended")


def unsuspend(desk: Desk) -> Response:
    user = changeable(desk)
    unsuspend_user(desk.identity, user.id)
    return desk.go(f"{place(user)}/danger", done="unsuspended")


def delete(desk: Desk) -> Response:
    user = changeable(desk)
    if user.id == desk.insider.user.id:
        return show_danger(desk, Mistakes(problem="This is you: your account page has a way to delete it."))
    if lookup_key(desk.form.get("confirmation", "")) != lookup_key(user.email):
        return show_danger(desk, Mistakes({"confirmation": NOT_TYPED}))
    delete_user(desk.identity, user.id)
    return desk.go(PATH, done="deleted")


def _of(desk: Desk, name: str) -> str:
    return desk.form.get(name, "")


SIGN_IN: Final = f"{OWN}/sign-in"
SESSIONS: Final = f"{OWN}/sessions"
MEMBERSHIP: Final = f"{OWN}/organizations/{{membership_id}}"
DANGER: Final = f"{OWN}/danger"

DEEDS: Final = (
    deed(OWN, save, right="manage", back=OWN, fresh=True),
    deed(f"{SIGN_IN}/reset", send_reset, right="support", back=SIGN_IN, hashes=False),
    deed(
        f"{SIGN_IN}/passkeys",
        _removal("passkey", lambda desk, user_id: remove_passkey(desk.identity, user_id, _of(desk, "id"))),
        right="support",
        back=SIGN_IN,
        fresh=True,
    ),
    deed(
        f"{SIGN_IN}/factors",
        _removal("factor", lambda desk, user_id: remove_factor(desk.identity, user_id, _of(desk, "id"))),
        right="support",
        back=SIGN_IN,
        fresh=True,
    ),
    deed(
        f"{SIGN_IN}/identities",
        _removal(
            "identity",
            lambda desk, user_id: remove_identity(
                desk.identity, user_id, provider=_of(desk, "provider"), idp_id=_of(desk, "idp_id")
            ),
        ),
        right="manage",
        back=SIGN_IN,
        fresh=True,
    ),
    deed(f"{SESSIONS}/end", end_session, right="support", back=SESSIONS),
    deed(f"{SESSIONS}/end-browser", end_browser, right="support", back=SESSIONS),
    deed(f"{SESSIONS}/end-all", end_all, right="support", back=SESSIONS),
    deed(f"{OWN}/organizations", join, right="manage", back=f"{OWN}/organizations"),
    deed(MEMBERSHIP, save_membership, right="manage", back=MEMBERSHIP, most_fields=MOST_ROLES),
    deed(f"{MEMBERSHIP}/remove", leave, right="manage", back=MEMBERSHIP),
    deed(f"{DANGER}/suspend", suspend, right="manage", back=DANGER, fresh=True),
    deed(f"{DANGER}/unsuspend", unsuspend, right="manage", back=DANGER, fresh=True),
    deed(f"{DANGER}/delete", delete, right="manage", back=DANGER, fresh=True),
)

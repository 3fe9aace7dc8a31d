"""One user: what every tab of theirs shares, and what each of them shows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, Mistakes
from vestibule.server.dashboard.timeline import tell
from vestibule.server.dashboard.users import PATH, place
from vestibule.server.identity.devices_in_words import device_of
from vestibule.server.identity.emails import lookup_key
from vestibule.server.identity.errors import Forbidden, NotFound
from vestibule.server.identity.memberships import get_membership, list_memberships, with_both_sides
from vestibule.server.identity.models import Membership
from vestibule.server.identity.open_sessions import list_open
from vestibule.server.identity.operators import Right
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import User
from vestibule.server.identity.roles import list_roles
from vestibule.server.identity.sessions import list_sessions
from vestibule.server.identity.users import get_user
from vestibule.server.identity.ways_in import ways_in

OWN: Final = PATH + "/{user_id}"
EVENTS_AT_ONCE: Final = 50
MOST: Final = 100
PROFILE: Final = ("first_name", "last_name", "name", "email", "locale", "external_id")
SAID: Final = {
    "created": "The user is there. They can sign in with a code by mail, or after “Forgot password?”.",
    "created_mailed": "The user is there, and a mail to choose a password is on its way to them.",
    "saved": "Saved.",
    "suspended": "Suspended: every session has ended, and nobody can sign in as them.",
    "unsuspended": "They can sign in again.",
    "reset_sent": "A mail with a link to choose a new password is on its way.",
    "removed": "Removed.",
    "ended": "The session has ended. An app learns it when it refreshes, within minutes.",
    "ended_all": "Every session has ended. An app learns it when it refreshes, within minutes.",
    "joined": "Added.",
    "left": "Removed from the organization.",
}


@dataclass(frozen=True, slots=True)
class Tab:
    title: str
    path: str
    """Below the user's own; empty for the first."""
    right: Right = "read"


TABS: Final = (
    Tab("Profile", ""),
    Tab("Sign-in", "/sign-in"),
    Tab("Sessions", "/sessions"),
    Tab("Organizations", "/organizations"),
    Tab("Timeline", "/timeline"),
    Tab("Impersonation", "/impersonations"),
    Tab("Danger", "/danger", "manage"),
)


def opened(desk: Desk) -> User:
    """The one in the address. Raises NotFound."""
    return get_user(desk.identity, desk.path("user_id"))


def changeable(desk: Desk) -> User:
    """Whoever can take over an operator's account has the operator's role: that takes an owner.

    Raises NotFound, Forbidden `operator_protected`.
    """
    user = opened(desk)
    if is_operator(desk, user) and not desk.may("own"):
        message = "This is the account of an operator: only an owner can do that to it."
        raise Forbidden(message, code="operator_protected")
    return user


def is_operator(desk: Desk, user: User) -> bool:
    with desk.identity.store.read() as tx:
        return tx.operators.find_of(user.id, lookup_key(user.email) or "") is not None


def tab(
    desk: Desk,
    template: str,
    user: User,
    *,
    problems: Mistakes = NONE,
    status: int | None = None,
    **more: Any,
) -> Response:
    ours = is_operator(desk, user)
    said = HTTPStatus.OK if problems == NONE else HTTPStatus.UNPROCESSABLE_ENTITY
    return desk.page(
        f"users/{template}",
        status=status or said,
        user=user,
        at=place(user),
        tabs=[each for each in TABS if desk.may(each.right)],
        is_operator=ours,
        may_change=lambda right: desk.may(right) and (desk.may("own") or not ours),
        device=device_of,
        errors=problems.errors,
        problem=problems.problem,
        **more,
    )


def show(desk: Desk) -> Response:
    return profile(desk, opened(desk))


def profile(
    desk: Desk, user: User, problems: Mistakes = NONE, typed: Mapping[str, Any] | None = None
) -> Response:
    values = {
        **{name: getattr(user, name) or "" for name in PROFILE},
        "email_verified": user.email_verified,
        "metadata": json.dumps(dict(user.metadata), indent=2, ensure_ascii=False) if user.metadata else "",
    }
    return tab(desk, "profile.html", user, problems=problems, values={**values, **(typed or {})})


def show_sign_in(desk: Desk) -> Response:
    user = opened(desk)
    return tab(desk, "sign-in.html", user, ways=ways_in(desk.identity, user.id))


def show_sessions(desk: Desk) -> Response:
    user = opened(desk)
    every = list_sessions(desk.identity, user.id, Page(limit=MOST)).data
    now = desk.identity.now
    return tab(
        desk,
        "sessions.html",
        user,
        open=list_open(desk.identity, user.id),
        impersonated=[each for each in every if each.impersonator and each.status(now) == "active"],
        ended=[each for each in every if each.status(now) != "active"][:10],
        status=None,
        now=now,
    )


def show_organizations(
    desk: Desk, problems: Mistakes = NONE, typed: Mapping[str, str] | None = None
) -> Response:
    user = opened(desk)
    found = list_memberships(desk.identity, Page(limit=MOST), user_id=user.id).data
    return tab(
        desk,
        "organizations.html",
        user,
        problems=problems,
        memberships=with_both_sides(desk.identity, found),
        roles=_role_choices(desk),
        values={"organization": "", "role": "", **(typed or {})},
    )


def membership_of(desk: Desk, user: User) -> Membership:
    """The one in the address. Raises NotFound, for somebody else's as for none."""
    found = get_membership(desk.identity, desk.path("membership_id"))
    if found.user_id != user.id:
        raise NotFound.of("Membership", found.id)
    return found


def show_membership(desk: Desk, problems: Mistakes = NONE) -> Response:
    user = opened(desk)
    membership = membership_of(desk, user)
    roles = list_roles(desk.identity, organization_id=membership.organization_id)
    ((_, name, _),) = with_both_sides(desk.identity, [membership])
    return tab(
        desk,
        "membership.html",
        user,
        problems=problems,
        membership=membership,
        roles=roles,
        organization=name,
    )


def show_timeline(desk: Desk) -> Response:
    user, before = opened(desk), desk.query("before") or None
    with desk.identity.store.read() as tx:
        found = tx.events.list_about(user.id, limit=EVENTS_AT_ONCE + 1, before=before)
    told = [tell(each) for each in found[:EVENTS_AT_ONCE]]
    older = found[EVENTS_AT_ONCE - 1].id if len(found) > EVENTS_AT_ONCE else ""
    return tab(desk, "timeline.html", user, told=told, older=older, paged=before is not None)


def show_danger(desk: Desk, problems: Mistakes = NONE) -> Response:
    return tab(desk, "danger.html", opened(desk), problems=problems)


def _role_choices(desk: Desk) -> Sequence[tuple[str, str]]:
    return [(role.slug, role.name) for role in list_roles(desk.identity)]


DEEDS: Final = (
    page(OWN, show, said=SAID),
    page(f"{OWN}/sign-in", show_sign_in, said=SAID),
    page(f"{OWN}/sessions", show_sessions, said=SAID),
    page(f"{OWN}/organizations", show_organizations, said=SAID),
    page(f"{OWN}/organizations/{{membership_id}}", show_membership, said=SAID),
    page(f"{OWN}/timeline", show_timeline),
    page(f"{OWN}/danger", show_danger, right="manage", said=SAID),
)

"""Who was asked into an organization by mail, and has not come yet, or has."""

from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.members import role_options
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.organization import OWN, opened, place, tab
from vestibule.server.dashboard.organizations import asked_page
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.invitations import (
    create_invitation,
    get_invitation,
    list_invitations,
    resend_invitation,
    revoke_invitation,
)
from vestibule.server.identity.memberships import DEFAULT_ROLES
from vestibule.server.identity.models import Organization
from vestibule.server.identity.people import Invitation

HERE: Final = f"{OWN}/invitations"
ONE: Final = HERE + "/{invitation_id}"
SAID: Final = {
    "invited": "The invitation is on its way.",
    "resent": "The same link is on its way once more.",
    "revoked": "The invitation is taken back: its link leads nowhere now.",
}
DAYS: Final = (("1", "1 day"), ("3", "3 days"), ("7", "7 days"), ("14", "14 days"), ("30", "30 days"))
IN_FORM: Final = {
    "user_already_organization_member": "email",
    "email_already_invited_to_organization": "email",
    "invalid_role": "role",
}


def show(desk: Desk, problems: Mistakes = NONE) -> Response:
    organization = opened(desk)
    only = desk.query("state") == "pending"
    roles = role_options(desk.identity, organization.id)
    return tab(
        desk,
        "organizations/invitations.html",
        organization,
        problems=problems,
        values={"email": desk.query("email")[:320], "role": DEFAULT_ROLES[0], "days": "7", **desk.form},
        found=list_invitations(
            desk.identity, asked_page(desk), organization_id=organization.id, pending_only=only
        ),
        only_pending=only,
        roles=roles,
        names=dict(roles),
        days=DAYS,
    )


def invite(desk: Desk) -> Response:
    organization = opened(desk)
    days = desk.form.get("days", "")
    try:
        create_invitation(
            desk.identity,
            email=desk.form.get("email", "").strip(),
            organization_id=organization.id,
            role_slug=desk.form.get("role") or None,
            expires_in_days=int(days) if days in dict(DAYS) else None,
        )
    except REFUSALS as error:
        return show(desk, mistakes(error, IN_FORM))
    return desk.go(f"{place(organization)}/invitations", done="invited")


def resend(desk: Desk) -> Response:
    organization = opened(desk)
    try:
        resend_invitation(desk.identity, _of(desk, organization).id)
    except REFUSALS as error:
        return show(desk, mistakes(error))
    return desk.go(f"{place(organization)}/invitations", done="resent")


def revoke(desk: Desk) -> Response:
    organization = opened(desk)
    try:
        revoke_invitation(desk.identity, _of(desk, organization).id)
    except REFUSALS as error:
        return show(desk, mistakes(error))
    return desk.go(f"{place(organization)}/invitations", done="revoked")


def _of(desk: Desk, organization: Organization) -> Invitation:
    """Raises NotFound, for one to another organization too."""
    found = get_invitation(desk.identity, desk.path("invitation_id"))
    if found.organization_id != organization.id:
        raise NotFound.of("Invitation", found.id)
    return found


DEEDS: Final = (
    page(HERE, show, said=SAID),
    deed(HERE, invite, right="manage", back=HERE),
    deed(f"{ONE}/resend", resend, right="support", back=HERE),
    deed(f"{ONE}/revoke", revoke, right="manage", back=HERE),
)

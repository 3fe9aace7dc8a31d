"""Invitations: asking people in, by mail."""

from typing import Any, Final, Literal

from msgspec import Struct

from vestibule.server.api.bodies import UNSET, Body, Line, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import show, show_list
from vestibule.server.identity import invitations, joining

operations = Operations("invitations")

PATH: Final = "/user_management/invitations"


class InvitationShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["invitation"] = "invitation"
    id: str
    email: str
    state: Literal["pending", "accepted", "expired", "revoked"]
    accepted_at: str | None
    revoked_at: str | None
    expires_at: str
    organization_id: str | None
    inviter_user_id: str | None
    accepted_user_id: str | None
    role_slug: str | None
    created_at: str
    updated_at: str
    token: str
    accept_invitation_url: str


class CreateInvitation(Body):
    email: Line
    organization_id: Line | Unset | None = UNSET
    expires_in_days: int | Unset | None = UNSET
    inviter_user_id: Line | Unset | None = UNSET
    role_slug: Line | Unset | None = UNSET
    locale: Line | Unset | None = UNSET


class ResendInvitation(Body):
    locale: Line | Unset | None = UNSET


@operations.post(PATH, body=CreateInvitation, answers=InvitationShape, status=201, tokens=True)
def create_invitation(call: Call[CreateInvitation]) -> InvitationShape:
    """Invite an address, to an organization or just to sign up. Without an inviter, any role may be given."""
    values = {name: value for name, value in given(call.body).items() if value is not None}
    return show(InvitationShape, invitations.create_invitation(call.identity, **values))


@operations.get(PATH, answers=InvitationShape, lists=True, filters=("email", "organization_id"))
def list_invitations(call: Call[None]) -> dict[str, Any]:
    """List invitations, whatever became of them."""
    found = invitations.list_invitations(
        call.identity,
        call.listing.page,
        email=call.query.text("email"),
        organization_id=call.query.text("organization_id"),
    )
    return show_list(InvitationShape, found, call.listing)


@operations.get(PATH + "/by_token/{token}", answers=InvitationShape)
def get_invitation_by_token(call: Call[None]) -> InvitationShape:
    """Find the invitation that a link belongs to."""
    found = invitations.get_invitation_by_token(call.identity, call.path["token"])
    return show(InvitationShape, found)


@operations.get(PATH + "/{id}", answers=InvitationShape)
def get_invitation(call: Call[None]) -> InvitationShape:
    """Get an invitation."""
    return show(InvitationShape, invitations.get_invitation(call.identity, call.path["id"]))


@operations.post(PATH + "/{id}/accept", answers=InvitationShape, tokens=True)
def accept_invitation(call: Call[None]) -> InvitationShape:
    """Accept it for whoever has the address: their membership becomes active."""
    return show(InvitationShape, joining.accept_invitation(call.identity, call.path["id"]))


@operations.post(PATH + "/{id}/resend", body=ResendInvitation, answers=InvitationShape, tokens=True)
def resend_invitation(call: Call[ResendInvitation]) -> InvitationShape:
    """Mail the same link once more."""
    locale = call.body.locale or None
    return show(InvitationShape, invitations.resend_invitation(call.identity, call.path["id"], locale=locale))


@operations.post(PATH + "/{id}/revoke", answers=InvitationShape, tokens=True)
def revoke_invitation(call: Call[None]) -> InvitationShape:
    """Take it back: the link is dead at once."""
    return show(InvitationShape, invitations.revoke_invitation(call.identity, call.path["id"]))

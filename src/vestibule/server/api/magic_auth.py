"""Magic auth codes, for applications that send the mail themselves or show the page for it."""

from typing import Literal

from msgspec import Struct

from vestibule.server.api.bodies import UNSET, Body, Line, Secret, Text, Unset
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import show
from vestibule.server.identity import magic

operations = Operations("magic_auth")


class MagicAuthShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["magic_auth"] = "magic_auth"
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str
    updated_at: str
    code: str


class CreateMagicAuth(Body):
    email: Line
    invitation_token: Secret | Unset | None = UNSET
    ip_address: Line | Unset | None = UNSET
    user_agent: Text | Unset | None = UNSET


@operations.post(
    "/user_management/magic_auth", body=CreateMagicAuth, answers=MagicAuthShape, status=201, tokens=True
)
def create_magic_auth(call: Call[CreateMagicAuth]) -> MagicAuthShape:
    """Mail a code to sign in with. An address without an account gets one, where sign-up is open."""
    token = call.body.invitation_token or None
    return show(
        MagicAuthShape, magic.create_magic_auth(call.identity, call.body.email, invitation_token=token)
    )


@operations.get("/user_management/magic_auth/{id}", answers=MagicAuthShape)
def get_magic_auth(call: Call[None]) -> MagicAuthShape:
    """Get a code, to send it in a mail of your own."""
    return show(MagicAuthShape, magic.get_magic_auth(call.identity, call.path["id"]))

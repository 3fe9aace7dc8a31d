"""Changing a user's address, with a code that is mailed to the new one."""

from typing import Final, Literal

from msgspec import Struct

from vestibule.server.api.bodies import Body, Line
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import UserShape, show
from vestibule.server.identity import email_changes

operations = Operations("email_change")

PATH: Final = "/user_management/users/{id}/email_change"


class EmailChangeShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["email_change"] = "email_change"
    user: UserShape
    new_email: str
    expires_at: str
    created_at: str


class EmailChangeConfirmation(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["email_change_confirmation"] = "email_change_confirmation"
    user: UserShape


class SendEmailChange(Body):
    new_email: Line


class ConfirmEmailChange(Body):
    code: Line


@operations.post(PATH + "/send", body=SendEmailChange, answers=EmailChangeShape)
def send_email_change(call: Call[SendEmailChange]) -> EmailChangeShape:
    """Mail a code to the new address. The old one stays the user's until the code is confirmed."""
    change = email_changes.send_change(call.identity, call.path["id"], call.body.new_email)
    return show(EmailChangeShape, change, user=show(UserShape, change.user))


@operations.post(PATH + "/confirm", body=ConfirmEmailChange, answers=EmailChangeConfirmation)
def confirm_email_change(call: Call[ConfirmEmailChange]) -> EmailChangeConfirmation:
    """Confirm the new address with the code that was mailed there."""
    user = email_changes.confirm_change(call.identity, call.path["id"], call.body.code)
    return EmailChangeConfirmation(user=show(UserShape, user))

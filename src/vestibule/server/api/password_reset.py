"""Password resets, for applications that send the mail themselves."""

from vestibule.server.api.bodies import Body, Line, Secret
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import PasswordResetShape, UserShape, WithUser, show
from vestibule.server.identity import resets
from vestibule.server.identity.errors import Invalid

operations = Operations("password_reset")


class CreatePasswordReset(Body):
    email: Line


class ConfirmPasswordReset(Body):
    token: Line
    new_password: Secret


@operations.post(
    "/user_management/password_reset",
    body=CreatePasswordReset,
    answers=PasswordResetShape,
    status=201,
    tokens=True,
)
def create_password_reset(call: Call[CreatePasswordReset]) -> PasswordResetShape:
    """Make a reset token for the user with this address."""
    reset = resets.create_reset(call.identity, call.body.email)
    return show(PasswordResetShape, reset)


@operations.get("/user_management/password_reset/{id}", answers=PasswordResetShape)
def get_password_reset(call: Call[None]) -> PasswordResetShape:
    """Get a reset with its token."""
    return show(PasswordResetShape, resets.get_reset(call.identity, call.path["id"]))


@operations.post(
    "/user_management/password_reset/confirm", body=ConfirmPasswordReset, answers=WithUser, hashes=True
)
def confirm_password_reset(call: Call[ConfirmPasswordReset]) -> WithUser:
    """Set the new password. Every session of the user ends."""
    try:
        user = resets.confirm_reset(call.identity, call.body.token, call.body.new_password)
    except Invalid as refused:  # a weak password too: the interface has one code for whatever is wrong here
        raise Invalid(refused.message, code="password_reset_error", errors=refused.errors) from None
    return WithUser(user=show(UserShape, user))

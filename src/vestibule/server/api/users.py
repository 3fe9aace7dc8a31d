"""Users, and what belongs to one: identities, sessions, the verified address."""

from typing import Any

from vestibule.server.api.bodies import UNSET, Body, Line, Secret, Text, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.sessions import show_session
from vestibule.server.api.shapes import (
    EmailVerificationShape,
    IdentityShape,
    SessionShape,
    UserShape,
    WithUser,
    list_of,
    show,
    show_list,
)
from vestibule.server.identity import sessions, users, verification

operations = Operations("users")

PASSWORDS = ("password", "password_hash", "password_hash_type")


class CreateUser(Body):
    email: Line
    first_name: Line | Unset | None = UNSET
    last_name: Line | Unset | None = UNSET
    name: Line | Unset | None = UNSET
    email_verified: bool | Unset | None = UNSET
    metadata: dict[Line, Text] | Unset | None = UNSET
    external_id: Line | Unset | None = UNSET
    locale: Line | Unset | None = UNSET
    password: Secret | Unset | None = UNSET
    password_hash: Secret | Unset = UNSET
    password_hash_type: Line | Unset = UNSET
    password_salt_position: Line | Unset = UNSET


class UpdateUser(Body):
    email: Line | Unset = UNSET
    first_name: Line | Unset | None = UNSET
    last_name: Line | Unset | None = UNSET
    name: Line | Unset | None = UNSET
    email_verified: bool | Unset = UNSET
    metadata: dict[Line, Text | None] | Unset | None = UNSET
    external_id: Line | Unset | None = UNSET
    locale: Line | Unset | None = UNSET
    password: Secret | Unset = UNSET
    password_hash: Secret | Unset = UNSET
    password_hash_type: Line | Unset = UNSET
    password_salt_position: Line | Unset = UNSET


class ConfirmCode(Body):
    code: Line


def sets_a_password(body: CreateUser | UpdateUser) -> bool:
    return any(getattr(body, name) for name in PASSWORDS)


@operations.post(
    "/user_management/users", body=CreateUser, answers=UserShape, status=201, hashes=sets_a_password
)
def create_user(call: Call[CreateUser]) -> UserShape:
    """Create a user."""
    values = {name: value for name, value in given(call.body).items() if value is not None}
    return show(UserShape, users.create_user(call.identity, **values))


@operations.get("/user_management/users", answers=UserShape, lists=True, filters=("email", "organization_id"))
def list_users(call: Call[None]) -> dict[str, Any]:
    """List users, newest first."""
    found = users.list_users(
        call.identity,
        call.listing.page,
        email=call.query.text("email"),
        organization_id=call.query.text("organization_id") or call.query.text("organization"),
    )
    return show_list(UserShape, found, call.listing)


@operations.get("/user_management/users/external_id/{external_id}", answers=UserShape)
def get_user_by_external_id(call: Call[None]) -> UserShape:
    """Get the user that has this external ID."""
    return show(UserShape, users.get_user_by_external_id(call.identity, call.path["external_id"]))


@operations.get("/user_management/users/{id}", answers=UserShape)
def get_user(call: Call[None]) -> UserShape:
    """Get a user."""
    return show(UserShape, users.get_user(call.identity, call.path["id"]))


@operations.put("/user_management/users/{id}", body=UpdateUser, answers=UserShape, hashes=sets_a_password)
def update_user(call: Call[UpdateUser]) -> UserShape:
    """Change the members that are sent."""
    return show(UserShape, users.update_user(call.identity, call.path["id"], changes=given(call.body)))


@operations.delete("/user_management/users/{id}")
def delete_user(call: Call[None]) -> None:
    """Delete a user and everything that is theirs."""
    users.delete_user(call.identity, call.path["id"])


@operations.get("/user_management/users/{id}/identities", answers=list[IdentityShape])
def list_identities(call: Call[None]) -> list[IdentityShape]:
    """List the accounts at other providers that this user signs in with."""
    found = users.list_identities(call.identity, call.path["id"])
    return [IdentityShape(idp_id=each.idp_id, provider=each.provider) for each in found]


@operations.get("/user_management/users/{id}/sessions", answers=SessionShape, lists=True)
def list_sessions(call: Call[None]) -> dict[str, Any]:
    """List the sessions of a user, ended ones included."""
    found = sessions.list_sessions(call.identity, call.path["id"], call.listing.page)
    now = call.identity.now
    return list_of([show_session(each, now=now) for each in found.data], call.listing.metadata(found))


@operations.post("/user_management/users/{id}/email_verification/send", answers=WithUser)
def send_verification_email(call: Call[None]) -> WithUser:
    """Send a code to the user's address."""
    verification.send_verification(call.identity, call.path["id"])
    return WithUser(user=show(UserShape, users.get_user(call.identity, call.path["id"])))


@operations.post("/user_management/users/{id}/email_verification/confirm", body=ConfirmCode, answers=WithUser)
def confirm_email_verification(call: Call[ConfirmCode]) -> WithUser:
    """Confirm the user's address with the code that was sent to it."""
    user = verification.confirm_verification(call.identity, call.path["id"], call.body.code)
    return WithUser(user=show(UserShape, user))


@operations.get("/user_management/email_verification/{id}", answers=EmailVerificationShape)
def get_email_verification(call: Call[None]) -> EmailVerificationShape:
    """Get a verification with its code, to send it in a mail of your own."""
    return show(EmailVerificationShape, verification.get_verification(call.identity, call.path["id"]))

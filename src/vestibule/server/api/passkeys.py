"""Passkeys of users: to see and to take away. They are made and used on the hosted pages."""

from typing import Any

from vestibule.server.api.factor_shapes import PasskeyShape
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import show_list
from vestibule.server.identity import passkeys

operations = Operations("passkeys")


@operations.get("/user_management/users/{id}/passkeys", answers=PasskeyShape, lists=True)
def list_passkeys(call: Call[None]) -> dict[str, Any]:
    """List the passkeys of a user, newest first."""
    found = passkeys.list_passkeys(call.identity, call.path["id"], call.listing.page)
    return show_list(PasskeyShape, found, call.listing)


@operations.delete("/user_management/users/{id}/passkeys/{passkey_id}", status=204)
def delete_passkey(call: Call[None]) -> None:
    """Delete a passkey: it signs nobody in any more."""
    passkeys.delete_passkey(call.identity, call.path["id"], call.path["passkey_id"])

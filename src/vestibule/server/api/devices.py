"""Devices without a browser: they ask for a code that somebody approves elsewhere."""

from msgspec import UNSET, Struct

from vestibule.server.api.bodies import Body, Line, Unset
from vestibule.server.api.operation import Call, Operations
from vestibule.server.identity import devices
from vestibule.server.identity.errors import OAuthDenied
from vestibule.server.identity.events import Caller

operations = Operations("devices")


class AuthorizeDevice(Body):
    client_id: Line | Unset | None = UNSET
    scope: Line | Unset | None = UNSET


class DeviceAuthorizationShape(Struct, kw_only=True):
    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


@operations.post(
    "/user_management/authorize/device",
    body=AuthorizeDevice,
    answers=DeviceAuthorizationShape,
    public=True,
    forms=True,
    tokens=True,
    envelope="oauth",
)
def authorize_device(call: Call[AuthorizeDevice]) -> DeviceAuthorizationShape:
    """Begin to sign in a device: a code for it, and one for the person to type."""
    if not call.body.client_id:
        raise OAuthDenied("client_id is missing.", code="invalid_request")
    begun = devices.begin_device(
        call.identity,
        client_id=call.body.client_id,
        scope=call.body.scope or None,
        caller=Caller(call.ip_address, call.user_agent),
    )
    return DeviceAuthorizationShape(**devices.describe(call.identity, begun))

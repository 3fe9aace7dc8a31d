"""The grant of magic auth: the code from a mail for a session."""

from vestibule.server.identity.clients import authenticate_confidential
from vestibule.server.identity.completing import check_environment_method
from vestibule.server.identity.context import Identity
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.joining import check_invitation
from vestibule.server.identity.magic import verify_code
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.welcoming import complete_invited


def magic_auth_grant(
    identity: Identity,
    *,
    email: str,
    code: str,
    client_id: str | None,
    client_secret: str | None,
    invitation_token: str | None = None,
    caller: Caller = NOBODY,
) -> Authentication:
    """Raises Denied, OAuthDenied, TooMany; StepUp when one more step is owed. An invitation that cannot be
    used is refused before the code is."""
    client = authenticate_confidential(identity, client_id, client_secret)
    check_environment_method(identity, "MagicAuth")
    if invitation_token is not None:
        check_invitation(identity, invitation_token, email=email)
    user = verify_code(identity, email, code, caller=caller)
    state = {"client_id": client.client_id, "authentication_method": "MagicAuth"}
    return complete_invited(identity, user, state, caller, invitation_token=invitation_token)

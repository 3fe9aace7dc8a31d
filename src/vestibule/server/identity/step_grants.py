"""The grants of apps with sign-in pages of their own: a password, then one step after another."""

from vestibule.server.identity.challenges import verify_pending as verify_pending_factor
from vestibule.server.identity.clients import authenticate_confidential
from vestibule.server.identity.completing import (
    active_memberships,
    check_environment_method,
    check_method,
    complete,
)
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied
from vestibule.server.identity.events import NOBODY, Caller
from vestibule.server.identity.joining import check_invitation
from vestibule.server.identity.opening import Authentication
from vestibule.server.identity.passwords import verify_password
from vestibule.server.identity.pending import consume_pending, find_pending
from vestibule.server.identity.users import get_user
from vestibule.server.identity.verification import verify_pending
from vestibule.server.identity.welcoming import complete_invited


def password_grant(
    identity: Identity,
    *,
    email: str,
    password: str,
    client_id: str | None,
    client_secret: str | None,
    invitation_token: str | None = None,
    caller: Caller = NOBODY,
) -> Authentication:
    """For apps with sign-in pages of their own. Raises Denied, TooMany, OAuthDenied for an invitation that
    cannot be used; StepUp when one more step is owed."""
    client = authenticate_confidential(identity, client_id, client_secret)
    check_environment_method(identity, "Password")
    if invitation_token is not None:
        check_invitation(identity, invitation_token, email=email)
    user = verify_password(identity, email, password, caller=caller)
    state = {"client_id": client.client_id, "authentication_method": "Password"}
    return complete_invited(identity, user, state, caller, invitation_token=invitation_token)


def email_verification_grant(
    identity: Identity,
    *,
    code: str,
    pending_authentication_token: str,
    client_id: str | None,
    client_secret: str | None,
    caller: Caller = NOBODY,
) -> Authentication:
    authenticate_confidential(identity, client_id, client_secret)
    user, pending = verify_pending(identity, pending_authentication_token, code, caller=caller)
    return complete(identity, user, pending.state, caller)


def organization_selection_grant(
    identity: Identity,
    *,
    pending_authentication_token: str,
    organization_id: str,
    client_id: str | None,
    client_secret: str | None,
    caller: Caller = NOBODY,
) -> Authentication:
    """A wrong organization leaves the token good for another choice. Raises Denied, OAuthDenied."""
    authenticate_confidential(identity, client_id, client_secret)
    pending = find_pending(identity, pending_authentication_token, reason="organization_selection")
    if organization_id not in {
        member.organization_id for member, _ in active_memberships(identity, pending.user_id)
    }:
        raise Denied(
            "The user has no active membership in this organization.", code="invalid_organization_id"
        )
    user = get_user(identity, pending.user_id)
    check_method(identity, user, pending.state["authentication_method"], organization_id)
    pending = consume_pending(identity, pending_authentication_token, reason="organization_selection")
    state = {**pending.state, "organization_id": organization_id}
    return complete(identity, user, state, caller)


def second_factor_grant(
    identity: Identity,
    *,
    code: str,
    pending_authentication_token: str,
    authentication_challenge_id: str,
    client_id: str | None,
    client_secret: str | None,
    caller: Caller = NOBODY,
) -> Authentication:
    """The code of an authenticator app. A recovery code is taken in its place, from those who have a
    confirmed factor: an app with pages of its own needs no other way in for somebody without their phone.
    """
    authenticate_confidential(identity, client_id, client_secret)
    user, pending, how = verify_pending_factor(
        identity, pending_authentication_token, authentication_challenge_id, code, caller=caller
    )
    return complete(identity, user, {**pending.state, "second_factor": how}, caller)

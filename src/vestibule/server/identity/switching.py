"""Going on in another organization: only as far as what was proven is enough there."""

from vestibule.server.identity.completing import check_method, second_factor_required, state_of_session
from vestibule.server.identity.context import Identity
from vestibule.server.identity.domain_policies import policy_for
from vestibule.server.identity.errors import IdentityError, OAuthDenied
from vestibule.server.identity.models import Session
from vestibule.server.identity.policies import Owed
from vestibule.server.identity.users import get_user
from vestibule.server.store.transaction import Transaction


class NotEnough(Exception):
    """Raised inside the transaction of a refresh, so that nothing of it remains: the token stays good."""

    def __init__(self, session: Session, organization_id: str, owed: Owed) -> None:
        super().__init__()
        self.session = session
        self.organization_id = organization_id
        self.owed = owed


def check_switch(tx: Transaction, session: Session, organization_id: str) -> None:
    """Raises NotEnough when the session was opened with less than the organization asks for, and OAuthDenied
    `organization_membership_not_found` for an impersonation: the trail says where it was to be."""
    if session.impersonator is not None:
        message = "An impersonation stays in the organization that it was asked for."
        raise OAuthDenied(message, code="organization_membership_not_found")
    user = tx.users.find(session.user_id)
    policy = policy_for(tx, "" if user is None else user.email, organization_id)
    enrolled = bool(tx.factors.list_verified(session.user_id))
    owed = policy.owed(
        session.authentication_method,
        session.second_factor,
        enrolled=enrolled,
        has_passkey=tx.passkeys.count(session.user_id) > 0,
    )
    if owed or not policy.allows(session.authentication_method):
        raise NotEnough(session, organization_id, owed or "mfa_challenge")


def refusal_of(identity: Identity, missing: NotEnough) -> IdentityError:
    """The step-up: what it leads to is a session of its own, and the one there is stays as it is."""
    session, organization_id = missing.session, missing.organization_id
    user = get_user(identity, session.user_id)
    check_method(identity, user, session.authentication_method, organization_id)
    state = state_of_session(session) | {"organization_id": organization_id}
    return second_factor_required(identity, user, state, missing.owed)

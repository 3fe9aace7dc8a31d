"""What is still owed after a proof: the steps of a sign-in through the API, in their order.

The address is verified, the organization chosen, the method allowed there, and a second factor shown.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from vestibule.server.identity.context import Identity
from vestibule.server.identity.domain_policies import join_by_domain, policy_for
from vestibule.server.identity.errors import IdentityError, OAuthDenied, StepUp
from vestibule.server.identity.events import Caller, timestamp
from vestibule.server.identity.models import BrowserSession, Membership, Session
from vestibule.server.identity.opening import Authentication, SignIn, open_session, sign_opened
from vestibule.server.identity.pending import create_pending
from vestibule.server.identity.people import User, user_data
from vestibule.server.identity.policies import EVERY_METHOD, Owed, find_policy
from vestibule.server.identity.suspending import check_not_suspended
from vestibule.server.identity.verification import send_verification

State = Mapping[str, Any]
"""What was proven so far; pending tokens keep it from one step to the next.

`client_id` and `authentication_method` are always there. Steps add `organization_id`, once it is chosen or
when the proof names one, and `second_factor`, how one was shown. A proof that is older than this sign-in
brings its `authenticated_at`, and one that a browser made its `browser_session_id` and `scope`.
"""


def complete(identity: Identity, user: User, state: State, caller: Caller) -> Authentication:
    """The session of somebody who has proven who they are; or StepUp, with a token that goes on from here.

    Every grant that ends a sign-in ends here, so that none leaves out a step. A member of one organization
    signs in to it; a member of several has to choose, unless the state says which.
    """
    check_not_suspended(user)
    if not user.email_verified:
        raise _verification_required(identity, user, state)
    join_by_domain(identity, user)
    memberships = active_memberships(identity, user.id)
    organization_id = state.get("organization_id")
    if organization_id is None and len(memberships) > 1:
        raise _selection_required(identity, user, state, memberships)
    if organization_id is None and memberships:
        organization_id = memberships[0][0].organization_id
    check_method(identity, user, state["authentication_method"], organization_id)
    owed = _find_owed(identity, user, state, organization_id)
    if owed is not None:
        raise second_factor_required(identity, user, {**state, "organization_id": organization_id}, owed)
    return _open(identity, user.id, state, organization_id, caller)


def state_of_session(session: Session) -> dict[str, Any]:
    """For a session that is to go on somewhere else: what it was opened with, and no more."""
    state = {
        "client_id": session.client_id,
        "authentication_method": session.authentication_method,
        "second_factor": session.second_factor,
        "authenticated_at": timestamp(session.authenticated_at),
        "browser_session_id": session.browser_session_id,
        "scope": session.scope,
    }
    return {name: value for name, value in state.items() if value is not None}


def _open(
    identity: Identity, user_id: str, state: State, organization_id: str | None, caller: Caller
) -> Authentication:
    proven_at = state.get("authenticated_at")
    sign_in = SignIn(
        client_id=state["client_id"],
        user_id=user_id,
        authentication_method=state["authentication_method"],
        authenticated_at=dt.datetime.fromisoformat(proven_at) if proven_at else identity.now,
        second_factor=state.get("second_factor"),
        organization_id=organization_id,
        browser_session_id=state.get("browser_session_id"),
        scope=state.get("scope"),
    )
    with identity.store.transaction() as tx:
        opened = open_session(tx, identity, sign_in, caller=caller)
    return sign_opened(identity, opened)


def check_method(
    identity: Identity, user: User, authentication_method: str, organization_id: str | None
) -> None:
    """Raises StepUp `email_password_auth_disabled` or `authentication_method_not_allowed` for what the
    environment rules out, OAuthDenied `organization_authentication_methods_required` for the organization.
    """
    check_environment_method(identity, authentication_method)
    with identity.store.read() as tx:
        policy = policy_for(tx, user.email, organization_id)
    if policy.allows(authentication_method):
        return
    raise OAuthDenied(
        "The organization does not accept this way of signing in.",
        code="organization_authentication_methods_required",
        email=user.email,
        sso_connection_ids=[],
        auth_methods={name: name in policy.methods for name in EVERY_METHOD if name != "sso"},
    )


def check_environment_method(identity: Identity, authentication_method: str) -> None:
    """Before anybody is known. Raises StepUp, without a token: there is nothing to go on with."""
    if find_policy(identity).allows(authentication_method):
        return
    if authentication_method == "Password":
        raise StepUp("Signing in with a password is turned off.", code="email_password_auth_disabled")
    message = "This way of signing in is turned off."
    raise StepUp(message, code="authentication_method_not_allowed")


def _find_owed(identity: Identity, user: User, state: State, organization_id: str | None) -> Owed | None:
    with identity.store.read() as tx:
        return policy_for(tx, user.email, organization_id).owed(
            state["authentication_method"],
            state.get("second_factor"),
            enrolled=bool(tx.factors.list_verified(user.id)),
            has_passkey=tx.passkeys.count(user.id) > 0,
        )


def still_owes(identity: Identity, user: User, session: BrowserSession) -> bool:
    """Whether somebody who is signed in at this server would have to show more than they did, as when a
    policy has become stricter since."""
    shown: State = {
        "authentication_method": session.authentication_method,
        "second_factor": session.second_factor,
    }
    return _find_owed(identity, user, shown, None) is not None


def second_factor_required(identity: Identity, user: User, state: State, owed: Owed) -> StepUp:
    token = create_pending(identity, user_id=user.id, reason=owed, state=state)
    if owed == "mfa_enrollment":
        message = "The user must enroll a second factor to finish their authentication."
        return StepUp(message, code=owed, pending_authentication_token=token, user=user_data(user))
    with identity.store.read() as tx:
        factors = tx.factors.list_verified(user.id)
    return StepUp(
        "The user must show a second factor to finish their authentication.",
        code=owed,
        pending_authentication_token=token,
        user=user_data(user),
        authentication_factors=[{"id": factor.id, "type": factor.type} for factor in factors],
    )


def active_memberships(identity: Identity, user_id: str) -> Sequence[tuple[Membership, str]]:
    with identity.store.read() as tx:
        return tx.memberships.list_active(user_id)


def _verification_required(identity: Identity, user: User, state: State) -> IdentityError:
    verification = send_verification(identity, user.id)
    token = create_pending(identity, user_id=user.id, reason="email_verification", state=state)
    return StepUp(
        "Email ownership must be verified before authentication.",
        code="email_verification_required",
        pending_authentication_token=token,
        email=user.email,
        email_verification_id=verification.id,
    )


def _selection_required(
    identity: Identity, user: User, state: State, memberships: Sequence[tuple[Membership, str]]
) -> IdentityError:
    token = create_pending(identity, user_id=user.id, reason="organization_selection", state=state)
    return StepUp(
        "The user must choose an organization to finish their authentication.",
        code="organization_selection_required",
        pending_authentication_token=token,
        user=user_data(user),
        organizations=[{"id": member.organization_id, "name": name} for member, name in memberships],
    )

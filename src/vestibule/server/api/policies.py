"""Authentication policies of the environment and of organizations."""

from typing import Any

from vestibule.server.api.bodies import UNSET, Body, Line, Unset, given
from vestibule.server.api.factor_shapes import PolicyShape
from vestibule.server.api.operation import Call, Operations
from vestibule.server.identity import policies
from vestibule.server.identity.policies import EVERY_METHOD, Policy, in_order

operations = Operations("authentication_policies")


class UpdatePolicy(Body):
    mfa: Line | Unset = UNSET
    methods: list[Line] | Unset | None = UNSET
    passkey_user_verification: Line | Unset = UNSET
    passkey_enrollment: Line | Unset = UNSET


@operations.get("/environments/current/authentication_policy", answers=PolicyShape)
def get_environment_policy(call: Call[None]) -> PolicyShape:
    """Get what holds for every sign-in."""
    return _show(policies.get_policy(call.identity), None)


@operations.put("/environments/current/authentication_policy", body=UpdatePolicy, answers=PolicyShape)
def update_environment_policy(call: Call[UpdatePolicy]) -> PolicyShape:
    """Change the members that are sent; `methods: null` allows every one."""
    return _show(policies.set_policy(call.identity, **given(call.body)), None)


@operations.get("/organizations/{id}/authentication_policy", answers=PolicyShape)
def get_organization_policy(call: Call[None]) -> PolicyShape:
    """Get what an organization asks for besides."""
    organization_id = call.path["id"]
    return _show(policies.get_policy(call.identity, organization_id), organization_id)


@operations.put("/organizations/{id}/authentication_policy", body=UpdatePolicy, answers=PolicyShape)
def update_organization_policy(call: Call[UpdatePolicy]) -> PolicyShape:
    """Change the members that are sent. An organization can ask for more than the environment, never less."""
    organization_id = call.path["id"]
    changed = policies.set_policy(call.identity, organization_id, **given(call.body))
    return _show(changed, organization_id)


def _show(policy: Policy, organization_id: str | None) -> PolicyShape:
    values: dict[str, Any] = {
        "mfa": policy.mfa,
        "passkey_user_verification": policy.passkey_user_verification,
        "passkey_enrollment": policy.passkey_enrollment,
    }
    every = policy.methods == frozenset(EVERY_METHOD)
    return PolicyShape(
        organization_id=organization_id, methods=None if every else in_order(policy.methods), **values
    )

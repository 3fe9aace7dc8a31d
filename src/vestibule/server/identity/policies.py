"""Authentication policies: which methods sign somebody in, and who owes a second factor.

The environment's policy holds for everybody. An organization's can only ask for more: of both, the stricter
answer counts.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.events import append, timestamp
from vestibule.server.store.policies import PolicyRow
from vestibule.server.store.transaction import Transaction

METHODS: Final[Mapping[str, str]] = {
    "Password": "password",
    "MagicAuth": "magic_auth",
    "Passkey": "passkey",
    "SSO": "sso",
    "GoogleOAuth": "google_oauth",
    "GitHubOAuth": "github_oauth",
    "MicrosoftOAuth": "microsoft_oauth",
    "AppleOAuth": "apple_oauth",
}
"""How a session says it was opened, and what a policy calls that."""

EVERY_METHOD: Final = tuple(METHODS.values())
MFA: Final = ("off", "optional", "required")
USER_VERIFICATION: Final = ("preferred", "required")
PASSKEY_ENROLLMENT: Final = ("off", "offer")
# The identity provider asks for what it wants; and who impersonates has no factor of the user.
NEVER_ASKED: Final = frozenset({"SSO", "Impersonation"})

Owed = Literal["mfa_challenge", "mfa_enrollment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`mfa`: `optional` asks those who have a second factor, `required` makes everybody have one."""

    mfa: str = "optional"
    methods: frozenset[str] = frozenset(EVERY_METHOD)
    passkey_user_verification: str = "preferred"
    passkey_enrollment: str = "off"

    def allows(self, authentication_method: str) -> bool:
        """Methods a policy has no word for are nobody's to forbid: an impersonation."""
        method = METHODS.get(authentication_method)
        return method is None or method in self.methods

    def owed(
        self,
        authentication_method: str,
        second_factor: str | None,
        *,
        enrolled: bool,
        has_passkey: bool = False,
    ) -> Owed | None:
        """What is still missing of somebody who proved this much. `enrolled`: whether they have a factor.

        Where one is required, a passkey is one already: else a password would be enough to enroll another.
        """
        if self.mfa == "off" or second_factor is not None or authentication_method in NEVER_ASKED:
            return None
        if enrolled:
            return "mfa_challenge"
        if self.mfa != "required":
            return None
        return "mfa_challenge" if has_passkey else "mfa_enrollment"

    def narrowed_by(self, other: "Policy") -> "Policy":
        return Policy(
            mfa=_stricter(MFA, self.mfa, other.mfa),
            methods=self.methods & other.methods,
            passkey_user_verification=_stricter(
                USER_VERIFICATION, self.passkey_user_verification, other.passkey_user_verification
            ),
            passkey_enrollment=_stricter(
                PASSKEY_ENROLLMENT, self.passkey_enrollment, other.passkey_enrollment
            ),
        )


DEFAULT: Final = Policy()
NO_MORE: Final = Policy(mfa="off")
"""What an organization without a policy asks for besides."""


def find_policy(identity: Identity, organization_id: str | None = None) -> Policy:
    """What is in effect, in the environment or in an organization. One nobody set is as `Policy()` says."""
    with identity.store.read() as tx:
        return effective_policy(tx, organization_id)


def effective_policy(tx: Transaction, organization_id: str | None) -> Policy:
    rows = {row.organization_id: _policy(row) for row in tx.policies.list_for(organization_id)}
    policy = rows.get(None, DEFAULT)
    own = None if organization_id is None else rows.get(organization_id)
    return policy if own is None else policy.narrowed_by(own)


def get_policy(identity: Identity, organization_id: str | None = None) -> Policy:
    """As it was set, before the environment's is added. Raises NotFound for an unknown organization."""
    with identity.store.read() as tx:
        _check_organization(tx, organization_id)
        row = tx.policies.find(organization_id)
    if row is not None:
        return _policy(row)
    return DEFAULT if organization_id is None else NO_MORE


def set_policy(
    identity: Identity,
    organization_id: str | None = None,
    *,
    check: Callable[[Transaction], None] | None = None,
    **changes: Any,
) -> Policy:
    """Changes what is named. It holds for sign-ins and switches from now on. Raises Invalid, NotFound;
    `check` may refuse what comes of it, and then nothing has changed.

    What passkeys must ask for is the environment's alone: they are used before any organization is known.
    """
    problems = list(_problems(changes))
    if organization_id is not None and "passkey_user_verification" in changes:
        message = "passkey_user_verification is for the environment to say."
        problems.append(_problem("passkey_user_verification", message))
    if problems:
        raise Invalid(errors=problems)
    now = identity.now
    with identity.store.transaction() as tx:
        _hold(tx, organization_id)
        row = tx.policies.find(organization_id)
        current = _values(_policy(row) if row else DEFAULT if organization_id is None else NO_MORE)
        row = tx.policies.put(organization_id, now=now, **current | changes)
        data = {"object": "authentication_policy", "organization_id": organization_id}
        append(
            tx,
            identity,
            "authentication_policy.updated",
            data | _values(_policy(row)) | {"updated_at": timestamp(now)},
            organization_id=organization_id,
        )
        if check is not None:
            check(tx)
    return _policy(row)


def _problems(changes: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    known = {
        "mfa": MFA,
        "passkey_user_verification": USER_VERIFICATION,
        "passkey_enrollment": PASSKEY_ENROLLMENT,
    }
    problems = [
        _problem(name, f"{name} must be one of {', '.join(values)}.")
        for name, values in known.items()
        if name in changes and changes[name] not in values
    ]
    methods = changes.get("methods")
    if methods is not None and (not methods or not set(EVERY_METHOD).issuperset(methods)):
        problems.append(_problem("methods", f"methods must name at least one of {', '.join(EVERY_METHOD)}."))
    return problems


def _problem(name: str, message: str) -> dict[str, str]:
    return {"field": name, "code": f"{name}_invalid", "message": message}


def _policy(row: PolicyRow) -> Policy:
    return Policy(
        mfa=row.mfa,
        methods=frozenset(EVERY_METHOD if row.methods is None else row.methods),
        passkey_user_verification=row.passkey_user_verification,
        passkey_enrollment=row.passkey_enrollment,
    )


def _values(policy: Policy) -> dict[str, Any]:
    return {
        "mfa": policy.mfa,
        "methods": None if policy.methods == frozenset(EVERY_METHOD) else in_order(policy.methods),
        "passkey_user_verification": policy.passkey_user_verification,
        "passkey_enrollment": policy.passkey_enrollment,
    }


def in_order(methods: Collection[str]) -> list[str]:
    return [method for method in EVERY_METHOD if method in methods]


def _stricter(order: Sequence[str], one: str, other: str) -> str:
    return max(one, other, key=order.index)


def _hold(tx: Transaction, organization_id: str | None) -> None:
    """Until the transaction ends: of two changes at once, neither takes the other back."""
    if organization_id is None:
        tx.environment.lock()
    elif tx.organizations.lock(organization_id) is None:
        raise NotFound.of("Organization", organization_id)


def _check_organization(tx: Transaction, organization_id: str | None) -> None:
    if organization_id is not None and tx.organizations.find(organization_id) is None:
        raise NotFound.of("Organization", organization_id)

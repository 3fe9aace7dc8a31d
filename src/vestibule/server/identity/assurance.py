"""How strongly somebody proved who they are: what apps ask for as `acr_values`, and tokens say as `acr`."""

from typing import Final

from vestibule.server.identity.models import Session
from vestibule.server.identity.policies import NEVER_ASKED, Policy

ONE_FACTOR: Final = "urn:vestibule:1fa"
TWO_FACTORS: Final = "urn:vestibule:2fa"
ACR_VALUES: Final = (ONE_FACTOR, TWO_FACTORS)


def known_acr_values(text: str) -> tuple[str, ...]:
    """In the order that was sent, which is that of preference. The claim is voluntary: what we do not know is
    passed over (OpenID Connect Core §3.1.2.1)."""
    return tuple(dict.fromkeys(value for value in text.split() if value in ACR_VALUES))


def asked_for(acr_values: tuple[str, ...], policy: Policy) -> Policy:
    """The policy, with what the app asks for besides: more, never less (RFC 9470 §4). Where one factor is
    enough, too, only those are asked who have a second one."""
    if acr_values[:1] != (TWO_FACTORS,):
        return policy
    return policy.narrowed_by(Policy(mfa="optional" if ONE_FACTOR in acr_values else "required"))


def acr_of(session: Session) -> str | None:
    """None where we cannot tell: somebody else signed in, or another server did the asking."""
    if session.second_factor is not None:
        return TWO_FACTORS
    return None if session.authentication_method in NEVER_ASKED else ONE_FACTOR

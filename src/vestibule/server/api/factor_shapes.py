"""Second factors, passkeys and policies as the API shows them."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from vestibule.server.answers import moment
from vestibule.server.api.shapes import show
from vestibule.server.identity.factors import Enrolled
from vestibule.server.qr import png_data_uri
from vestibule.server.store.factors import Challenge, Factor


class Totp(Struct, kw_only=True):
    issuer: str
    user: str


class NewTotp(Struct, kw_only=True):
    """Once: what a person's app scans, or types in."""

    issuer: str
    user: str
    secret: str
    qr_code: str
    uri: str


class FactorShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["authentication_factor"] = "authentication_factor"
    id: str
    type: Literal["totp"] = "totp"
    user_id: str | UnsetType = UNSET
    totp: Totp
    created_at: str
    updated_at: str


class NewFactorShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["authentication_factor"] = "authentication_factor"
    id: str
    type: Literal["totp"] = "totp"
    user_id: str | UnsetType = UNSET
    totp: NewTotp
    created_at: str
    updated_at: str


class ChallengeShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["authentication_challenge"] = "authentication_challenge"
    id: str
    authentication_factor_id: str
    expires_at: str
    created_at: str
    updated_at: str


class EnrolledShape(Struct, kw_only=True):
    authentication_factor: NewFactorShape
    authentication_challenge: ChallengeShape


class VerifiedShape(Struct, kw_only=True):
    challenge: ChallengeShape
    valid: bool


class RecoveryCodesShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["recovery_codes"] = "recovery_codes"
    user_id: str
    remaining: int
    created_at: str | None
    codes: list[str] | UnsetType = UNSET


class PasskeyShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["passkey"] = "passkey"
    id: str
    user_id: str
    name: str
    aaguid: str
    backed_up: bool
    last_used_at: str | None
    created_at: str
    updated_at: str


class PolicyShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["authentication_policy"] = "authentication_policy"
    organization_id: str | None
    mfa: Literal["off", "optional", "required"]
    methods: list[str] | None
    passkey_user_verification: Literal["preferred", "required"]
    passkey_enrollment: Literal["off", "offer"]


def show_factor(factor: Factor) -> FactorShape:
    return show(FactorShape, factor, **_of(factor), totp=Totp(issuer=factor.issuer, user=factor.account))


def show_enrolled(enrolled: Enrolled) -> NewFactorShape:
    factor = enrolled.factor
    totp = NewTotp(
        issuer=factor.issuer,
        user=factor.account,
        secret=enrolled.secret,
        qr_code=png_data_uri(enrolled.uri),
        uri=enrolled.uri,
    )
    return show(NewFactorShape, factor, **_of(factor), totp=totp)


def show_challenge(challenge: Challenge) -> ChallengeShape:
    return ChallengeShape(
        id=challenge.id,
        authentication_factor_id=challenge.factor_id,
        expires_at=moment(challenge.expires_at),
        created_at=moment(challenge.created_at),
        updated_at=moment(challenge.updated_at),
    )


def _of(factor: Factor) -> dict[str, Any]:
    return {"user_id": factor.user_id or UNSET, "type": "totp"}

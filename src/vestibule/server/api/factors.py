"""Second factors: enrolling, challenging, verifying; and the codes for whoever lost theirs."""

from typing import Any

from vestibule.server.answers import moment_or_none
from vestibule.server.api.bodies import UNSET, Body, Line, Secret, Text, Unset
from vestibule.server.api.factor_shapes import (
    ChallengeShape,
    EnrolledShape,
    FactorShape,
    NewFactorShape,
    RecoveryCodesShape,
    VerifiedShape,
    show_challenge,
    show_enrolled,
    show_factor,
)
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import list_of
from vestibule.server.identity import challenges, factors, recovery_codes
from vestibule.server.identity.errors import Invalid

operations = Operations("multi_factor_auth")


class EnrollOfUser(Body):
    type: Line
    totp_issuer: Line | Unset | None = UNSET
    totp_user: Line | Unset | None = UNSET
    totp_secret: Secret | Unset | None = UNSET


class Enroll(Body):
    type: Line
    totp_issuer: Line | Unset | None = UNSET
    totp_user: Line | Unset | None = UNSET
    phone_number: Line | Unset | None = UNSET
    user_id: Line | Unset | None = UNSET


class CreateChallenge(Body):
    sms_template: Text | Unset | None = UNSET


class Verify(Body):
    code: Line


@operations.post(
    "/user_management/users/{id}/auth_factors",
    body=EnrollOfUser,
    answers=EnrolledShape,
    status=201,
    tokens=True,
)
def enroll_user_factor(call: Call[EnrollOfUser]) -> EnrolledShape:
    """Enroll a user in a second factor. The challenge that comes along confirms it."""
    _only_totp(call.body.type)
    enrolled, challenge = challenges.enroll_for_user(
        call.identity,
        call.path["id"],
        issuer=call.body.totp_issuer or None,
        account=call.body.totp_user or None,
        secret=call.body.totp_secret or None,
    )
    return EnrolledShape(
        authentication_factor=show_enrolled(enrolled), authentication_challenge=show_challenge(challenge)
    )


@operations.get("/user_management/users/{id}/auth_factors", answers=FactorShape, lists=True)
def list_user_factors(call: Call[None]) -> dict[str, Any]:
    """List the second factors of a user, newest first."""
    found = factors.list_factors(call.identity, call.path["id"], call.listing.page)
    return list_of([show_factor(each) for each in found.data], call.listing.metadata(found))


@operations.post("/auth/factors/enroll", body=Enroll, answers=NewFactorShape, status=201, tokens=True)
def enroll_factor(call: Call[Enroll]) -> NewFactorShape:
    """Enroll a factor: a user's with `user_id`, else one that only the application asks for."""
    _only_totp(call.body.type)
    enrolled = factors.enroll_totp(
        call.identity,
        user_id=call.body.user_id or None,
        issuer=call.body.totp_issuer or None,
        account=call.body.totp_user or None,
    )
    return show_enrolled(enrolled)


@operations.get("/auth/factors/{id}", answers=FactorShape)
def get_factor(call: Call[None]) -> FactorShape:
    """Get a factor, without its secret."""
    return show_factor(factors.get_factor(call.identity, call.path["id"]))


@operations.delete("/auth/factors/{id}", status=204)
def delete_factor(call: Call[None]) -> None:
    """Delete a factor for good."""
    factors.delete_factor(call.identity, call.path["id"])


@operations.post("/auth/factors/{id}/challenge", body=CreateChallenge, answers=ChallengeShape, status=201)
def challenge_factor(call: Call[CreateChallenge]) -> ChallengeShape:
    """Ask for a code of this factor."""
    return show_challenge(challenges.create_challenge(call.identity, call.path["id"]))


@operations.post(
    "/auth/challenges/{id}/verify", body=Verify, answers=VerifiedShape, status=201, repeats=False
)
def verify_challenge(call: Call[Verify]) -> VerifiedShape:
    """Say whether a code is right. Each one counts once, and each challenge takes five tries."""
    challenge, valid = challenges.verify_challenge(call.identity, call.path["id"], call.body.code)
    return VerifiedShape(challenge=show_challenge(challenge), valid=valid)


@operations.get("/user_management/users/{id}/recovery_codes", answers=RecoveryCodesShape)
def count_recovery_codes(call: Call[None]) -> RecoveryCodesShape:
    """Say how many recovery codes a user has left."""
    left = recovery_codes.count_recovery_codes(call.identity, call.path["id"])
    return RecoveryCodesShape(
        user_id=call.path["id"], remaining=left.count, created_at=moment_or_none(left.created_at)
    )


@operations.post(
    "/user_management/users/{id}/recovery_codes", answers=RecoveryCodesShape, status=201, tokens=True
)
def create_recovery_codes(call: Call[None]) -> RecoveryCodesShape:
    """Make ten new recovery codes and show them once. The ones before are void."""
    codes = recovery_codes.create_recovery_codes(call.identity, call.path["id"])
    left = recovery_codes.count_recovery_codes(call.identity, call.path["id"])
    return RecoveryCodesShape(
        user_id=call.path["id"],
        remaining=left.count,
        created_at=moment_or_none(left.created_at),
        codes=codes,
    )


def _only_totp(kind: str) -> None:
    if kind == "totp":
        return
    if kind in ("sms", "generic_otp"):
        message = "This server sends no text messages: enroll a factor of the type totp."
        raise Invalid.field("type", "authentication_factor_type_not_supported", message)
    raise Invalid.field("type", "type_invalid", "type must be totp.")

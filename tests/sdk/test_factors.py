"""Second factors: enrolled, challenged, and asked for at sign-in."""

import pytest
from workos import NotFoundError, WorkOSClient
from workos._errors import MfaChallengeError
from workos.user_management._resource import PasswordPlaintext

from tests.sdk.conftest import PASSWORD, new_email
from tests.sdk.node import Node, NodeError
from tests.sdk.totp import totp

OF_USERS = (
    "POST /user_management/users/{userlandUserId}/auth_factors",
    "GET /user_management/users/{userlandUserId}/auth_factors",
    "POST /auth/factors/{id}/challenge",
    "POST /auth/challenges/{id}/verify",
)
OF_THE_APP = (
    "POST /auth/factors/enroll",
    "GET /auth/factors/{id}",
    "DELETE /auth/factors/{id}",
    "POST /auth/factors/{id}/challenge",
    "POST /auth/challenges/{id}/verify",
)


@pytest.mark.covers(*OF_USERS)
def test_a_second_factor_is_asked_for_in_python(sdk: WorkOSClient) -> None:
    users, mfa = sdk.user_management, sdk.multi_factor_auth
    user = users.create_user(email=new_email(), email_verified=True, password=PasswordPlaintext(PASSWORD))
    made = mfa.create_user_auth_factor(user.id, type="totp", totp_issuer="Acme", totp_user=user.email)
    factor = made.authentication_factor
    assert factor.totp.uri.startswith("otpauth://totp/Acme")
    assert factor.totp.qr_code.startswith("data:image/")
    first = totp(factor.totp.secret, steps=-1)
    assert mfa.verify_challenge(made.authentication_challenge.id, code=first).valid
    assert [each.id for each in mfa.list_user_auth_factors(user.id).data] == [factor.id]
    with pytest.raises(MfaChallengeError) as asked:
        users.authenticate_with_password(email=user.email, password=PASSWORD)
    challenge = mfa.challenge_factor(factor.id)
    assert not mfa.verify_challenge(challenge.id, code=first).valid
    done = users.authenticate_with_totp(
        code=totp(factor.totp.secret),
        pending_authentication_token=str(asked.value.pending_authentication_token),
        authentication_challenge_id=mfa.challenge_factor(factor.id).id,
    )
    assert done.user.id == user.id


@pytest.mark.covers(*OF_USERS)
def test_a_second_factor_is_asked_for_in_node(node: Node) -> None:
    given = {"email": new_email(), "emailVerified": True, "password": PASSWORD}
    user = node("userManagement.createUser", given)
    asked = {"userId": user["id"], "type": "totp", "totpIssuer": "Acme", "totpUser": user["email"]}
    made = node("multiFactorAuth.createUserAuthFactor", asked)
    factor = made["authenticationFactor"]
    secret = factor["totp"]["secret"]
    challenge = made["authenticationChallenge"]["id"]
    proof = {"authenticationChallengeId": challenge, "code": totp(secret, steps=-1)}
    assert node("multiFactorAuth.verifyChallenge", proof)["valid"] is True
    listed = node("multiFactorAuth.listUserAuthFactors", {"userId": user["id"]})["data"]
    assert [each["id"] for each in listed] == [factor["id"]]
    with pytest.raises(NodeError) as step:
        node("userManagement.authenticateWithPassword", {"email": user["email"], "password": PASSWORD})
    assert (step.value.name, step.value.code) == ("AuthenticationException", "mfa_challenge")
    assert step.value.data["authentication_factors"] == [{"id": factor["id"], "type": "totp"}]
    asked_for = node("multiFactorAuth.challengeFactor", {"authenticationFactorId": factor["id"]})
    grant = {
        "code": totp(secret),
        "pendingAuthenticationToken": step.value.data["pending_authentication_token"],
        "authenticationChallengeId": asked_for["id"],
    }
    assert node("userManagement.authenticateWithTotp", grant)["user"]["id"] == user["id"]


@pytest.mark.covers(*OF_THE_APP)
def test_a_factor_of_the_app_lives_in_python(sdk: WorkOSClient) -> None:
    mfa = sdk.multi_factor_auth
    made = mfa.enroll_factor(type="totp", totp_issuer="Acme", totp_user="ada")
    assert made.totp is not None
    assert mfa.get_factor(made.id).type == "totp"
    challenge = mfa.challenge_factor(made.id)
    done = mfa.verify_challenge(challenge.id, code=totp(made.totp.secret))
    assert (done.valid, done.challenge.authentication_factor_id) == (True, made.id)
    mfa.delete_factor(made.id)
    with pytest.raises(NotFoundError):
        mfa.get_factor(made.id)


@pytest.mark.covers(*OF_THE_APP)
def test_a_factor_of_the_app_lives_in_node(node: Node) -> None:
    made = node("multiFactorAuth.enrollFactor", {"type": "totp", "issuer": "Acme", "user": "ada"})
    assert node("multiFactorAuth.getFactor", made["id"])["type"] == "totp"
    challenge = node("multiFactorAuth.challengeFactor", {"authenticationFactorId": made["id"]})
    proof = {"authenticationChallengeId": challenge["id"], "code": totp(made["totp"]["secret"])}
    done = node("multiFactorAuth.verifyChallenge", proof)
    assert (done["valid"], done["challenge"]["authenticationFactorId"]) == (True, made["id"])
    node("multiFactorAuth.deleteFactor", made["id"])
    with pytest.raises(NodeError) as gone:
        node("multiFactorAuth.getFactor", made["id"])
    assert gone.value.name == "NotFoundException"

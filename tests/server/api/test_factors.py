"""Second factors through the API, and every way around them that somebody might try."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from tests.server.api.conftest import PASSWORD
from tests.server.authenticators import Authenticator
from tests.servers import Running
from vestibule.server.identity import totp

Create = Callable[..., dict[str, Any]]
AUTHENTICATE = "/user_management/authenticate"
MFA_TOTP = "urn:workos:oauth:grant-type:mfa-totp"
SELECTION = "urn:workos:oauth:grant-type:organization-selection"
VERIFICATION = "urn:workos:oauth:grant-type:email-verification:code"


@pytest.fixture
def ada(create_user: Create) -> dict[str, Any]:
    return create_user(password=PASSWORD, email_verified=True)


@pytest.fixture
def policy(api: httpx2.Client) -> Iterator[Callable[..., None]]:
    """Of the environment; as it was, afterwards."""

    def put(**changes: Any) -> None:
        response = api.put("/environments/current/authentication_policy", json=changes)
        assert response.status_code == 200, response.text

    yield put
    put(mfa="optional", methods=None)


@pytest.fixture
def in_organization(api: httpx2.Client) -> Callable[..., str]:
    def join(user: dict[str, Any], **policy: Any) -> str:
        organization_id = api.post("/organizations", json={"name": "Acme"}).json()["id"]
        body = {"user_id": user["id"], "organization_id": organization_id}
        assert api.post("/user_management/organization_memberships", json=body).status_code == 201
        if policy:
            put = api.put(f"/organizations/{organization_id}/authentication_policy", json=policy)
            assert put.status_code == 200, put.text
        return str(organization_id)

    return join


@pytest.fixture
def enroll(api: httpx2.Client, server: Running) -> Callable[[dict[str, Any]], Authenticator]:
    """The code of the step before the current one confirms it: the current one is still good."""

    def made(user: dict[str, Any]) -> Authenticator:
        answer = api.post(f"/user_management/users/{user['id']}/auth_factors", json={"type": "totp"})
        assert answer.status_code == 201, answer.text
        new = answer.json()
        factor = new["authentication_factor"]
        app = Authenticator(factor["totp"]["secret"], factor["id"])
        code = app.code(server.identity.now, steps=-1)
        challenge = new["authentication_challenge"]["id"]
        verified = api.post(f"/auth/challenges/{challenge}/verify", json={"code": code})
        assert verified.json()["valid"] is True
        return app

    return made


def password(server: Running, public: httpx2.Client, user: dict[str, Any]) -> httpx2.Response:
    return server.authenticate(public, grant_type="password", email=user["email"], password=PASSWORD)


def challenge(api: httpx2.Client, factor_id: str) -> str:
    answer = api.post(f"/auth/factors/{factor_id}/challenge", json={})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def finish(
    server: Running, public: httpx2.Client, pending: str, challenge_id: str, code: str
) -> httpx2.Response:
    return server.authenticate(
        public,
        grant_type=MFA_TOTP,
        pending_authentication_token=pending,
        authentication_challenge_id=challenge_id,
        code=code,
    )


def test_an_enrollment_shows_what_an_app_scans(api: httpx2.Client, ada: dict[str, Any]) -> None:
    body = {"type": "totp", "totp_issuer": "Foo Corp", "totp_user": "alan@example.com"}
    answer = api.post(f"/user_management/users/{ada['id']}/auth_factors", json=body)
    factor = answer.json()["authentication_factor"]
    assert factor["user_id"] == ada["id"]
    assert factor["totp"]["qr_code"].startswith("data:image/png;base64,")
    assert factor["totp"]["uri"] == totp.uri_of(
        factor["totp"]["secret"], issuer="Foo Corp", account="alan@example.com"
    )
    assert answer.json()["authentication_challenge"]["authentication_factor_id"] == factor["id"]
    shown = api.get(f"/auth/factors/{factor['id']}").json()
    assert shown["totp"] == {"issuer": "Foo Corp", "user": "alan@example.com"}
    listed = api.get(f"/user_management/users/{ada['id']}/auth_factors").json()
    assert [each["id"] for each in listed["data"]] == [factor["id"]]
    assert "secret" not in listed["data"][0]["totp"]
    assert api.delete(f"/auth/factors/{factor['id']}").status_code == 204
    assert api.get(f"/auth/factors/{factor['id']}").status_code == 404


def test_an_application_s_own_factor_is_asked_for_by_itself(api: httpx2.Client, server: Running) -> None:
    body = {"type": "totp", "totp_issuer": "Tills", "totp_user": "till 4"}
    factor = api.post("/auth/factors/enroll", json=body).json()
    assert "user_id" not in factor
    app = Authenticator(factor["totp"]["secret"])
    asked = challenge(api, factor["id"])
    now = server.identity.now
    for code, valid in ((app.wrong(now), False), (app.code(now), True)):
        answer = api.post(f"/auth/challenges/{asked}/verify", json={"code": code})
        assert (answer.status_code, answer.json()["valid"]) == (201, valid)
    again = api.post(f"/auth/challenges/{asked}/verify", json={"code": app.code(now)})
    assert again.status_code == 422
    assert again.json()["code"] == "authentication_challenge_previously_verified"


@pytest.mark.parametrize("kind", ["sms", "generic_otp", "webauthn", ""])
def test_what_this_server_cannot_do_is_said(api: httpx2.Client, kind: str) -> None:
    answer = api.post("/auth/factors/enroll", json={"type": kind, "phone_number": "+15555555555"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "type"


def test_a_second_factor_is_asked_of_whoever_has_one(
    api: httpx2.Client, public: httpx2.Client, server: Running, ada: dict[str, Any], enroll: Any
) -> None:
    app = enroll(ada)
    owed = password(server, public, ada)
    assert (owed.status_code, owed.json()["code"]) == (403, "mfa_challenge")
    assert owed.json()["user"]["id"] == ada["id"]
    assert owed.json()["authentication_factors"] == [{"id": app.factor_id, "type": "totp"}]
    pending, asked = owed.json()["pending_authentication_token"], challenge(api, app.factor_id)
    wrong = finish(server, public, pending, asked, app.wrong(server.identity.now))
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_one_time_code")
    code = app.code(server.identity.now)
    done = finish(server, public, pending, asked, code)
    assert done.status_code == 200, done.text
    assert done.json()["authentication_method"] == "Password"
    again = finish(server, public, pending, challenge(api, app.factor_id), code)
    assert again.json()["code"] == "invalid_pending_authentication_token"


def test_TO_1_a_code_used_at_one_step_up_is_refused_at_the_next(
    api: httpx2.Client, public: httpx2.Client, server: Running, ada: dict[str, Any], enroll: Any
) -> None:
    app = enroll(ada)
    code = app.code(server.identity.now)
    first, second = (password(server, public, ada).json()["pending_authentication_token"] for _ in "12")
    assert finish(server, public, first, challenge(api, app.factor_id), code).status_code == 200
    replayed = finish(server, public, second, challenge(api, app.factor_id), code)
    assert (replayed.status_code, replayed.json()["code"]) == (400, "one_time_code_previously_used")
    other = api.post(f"/auth/challenges/{challenge(api, app.factor_id)}/verify", json={"code": code})
    assert other.json()["valid"] is False


def test_TO_3_an_unconfirmed_factor_is_not_asked_for_and_does_not_help(
    api: httpx2.Client, public: httpx2.Client, server: Running, ada: dict[str, Any], enroll: Any
) -> None:
    path = f"/user_management/users/{ada['id']}/auth_factors"
    own = api.post(path, json={"type": "totp"}).json()["authentication_factor"]
    assert password(server, public, ada).status_code == 200
    enroll(ada)
    pending = password(server, public, ada).json()["pending_authentication_token"]
    brought = Authenticator(own["totp"]["secret"], own["id"])
    answer = finish(server, public, pending, challenge(api, own["id"]), brought.code(server.identity.now))
    assert answer.status_code == 404


def test_TO_4_what_is_pending_opens_nothing(
    public: httpx2.Client, server: Running, ada: dict[str, Any], enroll: Any, in_organization: Any
) -> None:
    enroll(ada)
    organization_id = in_organization(ada)
    pending = password(server, public, ada).json()["pending_authentication_token"]
    bearer = {"authorization": f"Bearer {pending}"}
    assert public.get("/user_management/users", headers=bearer).status_code == 401
    assert public.get("/oauth2/userinfo", headers=bearer).status_code in (401, 404)
    tries = [
        {"grant_type": "refresh_token", "refresh_token": pending},
        {"grant_type": "authorization_code", "code": pending},
        {
            "grant_type": SELECTION,
            "pending_authentication_token": pending,
            "organization_id": organization_id,
        },
        {"grant_type": VERIFICATION, "pending_authentication_token": pending, "code": "123456"},
    ]
    for grant in tries:
        answer = server.authenticate(public, **grant)
        assert answer.status_code == 400, answer.text
        assert "access_token" not in answer.json()


def test_reg_better_auth_9203_somebody_elses_second_factor_does_not_help(
    api: httpx2.Client, public: httpx2.Client, server: Running, create_user: Create, enroll: Any
) -> None:
    mallory, ada = (create_user(password=PASSWORD, email_verified=True) for _ in "12")
    hers, _ = enroll(mallory), enroll(ada)
    pending = password(server, public, ada).json()["pending_authentication_token"]
    answer = finish(server, public, pending, challenge(api, hers.factor_id), hers.code(server.identity.now))
    unknown = finish(server, public, pending, "auth_challenge_none", "123456")
    assert (answer.status_code, unknown.status_code) == (404, 404)


def test_required_makes_everybody_enroll(
    api: httpx2.Client,
    public: httpx2.Client,
    server: Running,
    ada: dict[str, Any],
    policy: Any,
) -> None:
    policy(mfa="required")
    owed = password(server, public, ada)
    assert (owed.status_code, owed.json()["code"]) == (403, "mfa_enrollment")
    assert owed.json()["user"]["id"] == ada["id"]
    new = api.post(f"/user_management/users/{ada['id']}/auth_factors", json={"type": "totp"}).json()
    app = Authenticator(new["authentication_factor"]["totp"]["secret"])
    done = finish(
        server,
        public,
        owed.json()["pending_authentication_token"],
        new["authentication_challenge"]["id"],
        app.code(server.identity.now),
    )
    assert done.status_code == 200, done.text
    assert password(server, public, ada).json()["code"] == "mfa_challenge"


def test_every_step_comes_in_its_order(
    api: httpx2.Client,
    public: httpx2.Client,
    server: Running,
    create_user: Create,
    in_organization: Any,
) -> None:
    """The address, then the organization, then what that one asks for."""
    user = create_user(password=PASSWORD, email_verified=False)
    strict, _ = in_organization(user, mfa="required"), in_organization(user)
    first = password(server, public, user).json()
    assert first["code"] == "email_verification_required"
    found = api.get(f"/user_management/email_verification/{first['email_verification_id']}").json()
    second = server.authenticate(
        public,
        grant_type=VERIFICATION,
        pending_authentication_token=first["pending_authentication_token"],
        code=found["code"],
    ).json()
    assert second["code"] == "organization_selection_required"
    third = server.authenticate(
        public,
        grant_type=SELECTION,
        pending_authentication_token=second["pending_authentication_token"],
        organization_id=strict,
    )
    assert (third.status_code, third.json()["code"]) == (403, "mfa_enrollment")
    new = api.post(f"/user_management/users/{user['id']}/auth_factors", json={"type": "totp"}).json()
    app = Authenticator(new["authentication_factor"]["totp"]["secret"])
    done = finish(
        server,
        public,
        third.json()["pending_authentication_token"],
        new["authentication_challenge"]["id"],
        app.code(server.identity.now),
    )
    assert done.status_code == 200, done.text
    assert done.json()["organization_id"] == strict


def test_OG_2_a_switch_asks_for_what_the_organization_requires(
    api: httpx2.Client,
    public: httpx2.Client,
    server: Running,
    ada: dict[str, Any],
    enroll: Any,
    in_organization: Any,
) -> None:
    lax = in_organization(ada)
    tokens = password(server, public, ada).json()
    assert tokens["organization_id"] == lax
    strict = in_organization(ada, mfa="required")
    switch = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    owed = server.authenticate(public, **switch, organization_id=strict)
    assert (owed.status_code, owed.json()["code"]) == (403, "mfa_enrollment")
    app = enroll(ada)
    owed = server.authenticate(public, **switch, organization_id=strict)
    assert (owed.status_code, owed.json()["code"]) == (403, "mfa_challenge")
    pending = owed.json()["pending_authentication_token"]
    done = finish(server, public, pending, challenge(api, app.factor_id), app.code(server.identity.now))
    assert done.json()["organization_id"] == strict
    kept = server.authenticate(public, **switch).json()
    assert kept["organization_id"] == lax
    back = {"grant_type": "refresh_token", "refresh_token": done.json()["refresh_token"]}
    moved = server.authenticate(public, **back, organization_id=lax).json()
    again = server.authenticate(
        public,
        grant_type="refresh_token",
        refresh_token=moved["refresh_token"],
        organization_id=strict,
    )
    assert again.status_code == 200, "what was shown once is not asked for at the next switch"


def test_OG_2_a_method_the_organization_does_not_accept_opens_nothing_there(
    public: httpx2.Client, server: Running, ada: dict[str, Any], in_organization: Any
) -> None:
    lax = in_organization(ada)
    tokens = password(server, public, ada).json()
    strict = in_organization(ada, methods=["passkey", "sso"])
    switch = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused = server.authenticate(public, **switch, organization_id=strict)
    pending = password(server, public, ada).json()["pending_authentication_token"]
    select = {"grant_type": SELECTION, "pending_authentication_token": pending}
    for answer in (refused, server.authenticate(public, **select, organization_id=strict)):
        assert answer.status_code == 400
        assert answer.json()["error"] == "organization_authentication_methods_required"
        assert answer.json()["email"] == ada["email"]
        assert answer.json()["sso_connection_ids"] == []
        assert answer.json()["auth_methods"]["passkey"] is True
        assert answer.json()["auth_methods"]["password"] is False
    assert server.authenticate(public, **select, organization_id=lax).status_code == 200


def test_a_method_turned_off_is_refused_whoever_asks(
    public: httpx2.Client, server: Running, ada: dict[str, Any], policy: Any
) -> None:
    policy(methods=["passkey", "magic_auth"])
    stranger = {"email": "nobody@example.com"}
    for user in (ada, stranger):
        answer = password(server, public, user)
        assert (answer.status_code, answer.json()["code"]) == (403, "email_password_auth_disabled")


def test_off_asks_nobody(
    public: httpx2.Client, server: Running, ada: dict[str, Any], enroll: Any, policy: Any
) -> None:
    enroll(ada)
    policy(mfa="off")
    assert password(server, public, ada).status_code == 200


def test_a_recovery_code_stands_in_for_the_app(
    api: httpx2.Client, public: httpx2.Client, server: Running, ada: dict[str, Any], enroll: Any
) -> None:
    app = enroll(ada)
    path = f"/user_management/users/{ada['id']}/recovery_codes"
    made = api.post(path)
    assert (made.status_code, len(made.json()["codes"])) == (201, 10)
    pending = password(server, public, ada).json()["pending_authentication_token"]
    code = made.json()["codes"][0]
    done = finish(server, public, pending, challenge(api, app.factor_id), code)
    assert done.status_code == 200, done.text
    left = api.get(path).json()
    assert left["remaining"] == 9
    assert "codes" not in left
    pending = password(server, public, ada).json()["pending_authentication_token"]
    again = finish(server, public, pending, challenge(api, app.factor_id), code)
    assert again.json()["code"] == "invalid_one_time_code"


def test_the_grant_needs_its_secret_and_every_member(public: httpx2.Client, server: Running) -> None:
    body = {
        "client_id": server.client_id,
        "grant_type": MFA_TOTP,
        "pending_authentication_token": "p",
        "authentication_challenge_id": "c",
        "code": "1",
    }
    assert public.post(AUTHENTICATE, json=body).json()["error"] == "invalid_client"
    missing = server.authenticate(public, grant_type=MFA_TOTP)
    assert missing.status_code == 422
    assert {each["field"] for each in missing.json()["errors"]} == {
        "code",
        "pending_authentication_token",
        "authentication_challenge_id",
    }


def test_policies_are_read_and_changed(api: httpx2.Client, in_organization: Any, ada: Any) -> None:
    organization_id = in_organization(ada, mfa="required", methods=["passkey", "password"])
    found = api.get(f"/organizations/{organization_id}/authentication_policy").json()
    assert (found["mfa"], found["methods"]) == ("required", ["password", "passkey"])
    assert found["organization_id"] == organization_id
    for path in ("/organizations/org_none", "/environments/current"):
        body = {"mfa": "sometimes"}
        answer = api.put(f"{path}/authentication_policy", json=body)
        assert answer.status_code == 422, answer.text
    assert api.get("/organizations/org_none/authentication_policy").status_code == 404
    assert api.get("/environments/current/authentication_policy").json()["mfa"] == "optional"

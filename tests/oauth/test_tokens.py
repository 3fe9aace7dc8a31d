"""Token and user endpoints that answer as they like."""

import json
from typing import Any

import pytest

from tests.oauth.stage import CLIENT_ID, NOW, REDIRECT, SECRET, Clock, Stage, answer, basic, form_of
from vestibule.errors import ProviderError, ProviderUnreachable
from vestibule.flow import HttpResponse, run
from vestibule.oauth import (
    PROVIDERS,
    Profile,
    Tokens,
    Upstream,
    figma,
    github,
    microsoft,
    provider_client,
)
from vestibule.oauth.client import SigningKey
from vestibule.oauth.tokens import read_tokens

GITHUB = PROVIDERS["github"]
GRANTED = {"access_token": "at-1"}


def tokens(body: object = GRANTED, status: int = 200, **changed: object) -> Tokens:
    made = answer({**body, **changed} if isinstance(body, dict) else body, status)
    return read_tokens(GITHUB, made, asked=("a",), now=NOW)


def refused(response: HttpResponse) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        read_tokens(GITHUB, response, asked=(), now=NOW)
    return caught.value


@pytest.mark.parametrize(
    ("value", "expires_at"),
    [
        (60, NOW + 60),
        ("60", NOW + 60),
        (60.9, NOW + 60),
        (0, None),
        (-1, None),
        ("soon", None),
        (True, None),
        (10**12, None),
        (None, None),
    ],
)
def test_the_end_of_a_token_may_be_written_in_many_ways(value: Any, expires_at: int | None) -> None:
    assert tokens(expires_in=value).expires_at == expires_at


@pytest.mark.parametrize(
    ("value", "scopes"),
    [("a b", ("a", "b")), ("a,b", ("a", "b")), (["a", 7, "b"], ("a", "b")), ("", ("a",)), (None, ("a",))],
)
def test_scopes_may_be_a_text_or_a_list_or_those_asked_for(value: Any, scopes: tuple[str, ...]) -> None:
    assert tokens(scope=value).scopes == scopes


def test_what_else_comes_is_kept_and_nothing_secret_is_shown() -> None:
    found = tokens(
        instance_url="https://x.example", refresh_token="rt-1", id_token="it-1", token_type="bearer"
    )
    assert found.extra == {"instance_url": "https://x.example"}
    for secret in ("at-1", "rt-1", "it-1", "x.example"):
        assert secret not in repr(found)


@pytest.mark.parametrize(
    ("response", "code", "side"),
    [
        (HttpResponse(200, b"<html>a=b</html>"), "provider_answer", "provider"),
        (HttpResponse(200, b""), "provider_answer", "provider"),
        (HttpResponse(200, b"[1]", {"content-type": "application/json"}), "provider_answer", "provider"),
        (HttpResponse(302, b""), "provider_answer", "provider"),
        (answer({"token_type": "bearer"}), "provider_answer", "provider"),
        (answer({"access_token": 7}), "provider_answer", "provider"),
        (answer({"access_token": "x\r\nCookie: y"}), "provider_answer", "provider"),
        (answer({"access_token": "x", "token_type": "mac"}), "provider_answer", "provider"),
        (HttpResponse(400, b"<html>"), "provider_error", "provider"),
        (HttpResponse(401, b""), "provider_client", "app"),
        (answer({"error": "invalid_client"}, 401), "provider_client", "app"),
        (answer({"error": "incorrect_client_credentials"}), "provider_client", "app"),
        (answer({"error": "redirect_uri_mismatch"}), "provider_redirect_uri", "app"),
        (answer({"error": "invalid_scope"}, 400), "provider_scope", "app"),
        (answer({"error": "bad_verification_code"}), "provider_grant", "app"),
        (answer({"error": "temporarily_unavailable"}, 400), "provider_unavailable", "provider"),
        (HttpResponse(200, b"error=bad_verification_code&error_description=x"), "provider_grant", "app"),
    ],
)
def test_a_failure_says_which_side_is_wrong(response: HttpResponse, code: str, side: str) -> None:
    error = refused(response)
    assert (error.code, error.side) == (code, side)
    assert error.hint


@pytest.mark.parametrize(
    ("after", "seconds"), [("7", 7), ("0", 1), ("900", 60), ("soon", 5), ("²", 5), ("", 5)]
)
def test_an_outage_says_when_to_come_back(after: str, seconds: int) -> None:
    for status in (500, 503, 429, 408):
        response = HttpResponse(status, b"<html>", {"retry-after": after} if after else {})
        with pytest.raises(ProviderUnreachable) as caught:
            read_tokens(GITHUB, response, asked=(), now=NOW)
        assert caught.value.retry_after == seconds


def test_a_refresh_may_have_an_address_of_its_own() -> None:
    stage = Stage({"https://api.figma.com/v1/oauth/refresh": answer({"access_token": "at-2"})})
    upstream = Upstream(figma(client_id=CLIENT_ID, client_secret=SECRET), clock=Clock())
    assert run(upstream.refresh("rt-1"), stage.send).access_token == "at-2"
    assert stage.asked[0].headers["Authorization"] == basic()


def test_a_key_signs_instead_of_a_secret() -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    from tests.oauth.stage import signing_key

    pem = signing_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    client = microsoft(client_id=CLIENT_ID, key=SigningKey(pem=pem, kid="k", algorithm="RS256"))
    url = "https://login.microsoftonline.com/common/oauth2/v2.0"
    document = {
        "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "jwks_uri": "https://login.microsoftonline.com/common/discovery/v2.0/keys",
    }
    stage = Stage({client.provider.discovery_url: answer(document), f"{url}/token": answer(GRANTED)})
    run(Upstream(client, clock=Clock()).refresh("rt-1"), stage.send)
    form = form_of(stage.asked[-1])
    assert form["client_assertion_type"].endswith("jwt-bearer")
    assert "client_secret" not in form
    claims = jwt.decode(
        form["client_assertion"], RSAKey.import_key(signing_key()), algorithms=["RS256"]
    ).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT_ID, CLIENT_ID, f"{url}/token")
    assert claims["jti"]
    assert claims["exp"] == NOW + 300


def github_profile(emails: HttpResponse, **user: object) -> Profile:
    upstream = Upstream(github(client_id=CLIENT_ID, client_secret=SECRET), clock=Clock())
    stage = Stage(
        {
            "https://github.com/login/oauth/access_token": answer(GRANTED),
            "https://api.github.com/user": answer({"id": 1, "login": "ada", **user}),
            "https://api.github.com/user/emails": emails,
        }
    )
    transaction = run(upstream.begin(redirect_uri=REDIRECT), stage.send).transaction
    return run(upstream.finish({"state": transaction.state, "code": "c"}, transaction), stage.send).profile


@pytest.mark.parametrize(
    ("emails", "email", "verified"),
    [
        (answer([{"email": "a@x", "primary": True, "verified": True}]), "a@x", True),
        (answer([{"email": "a@x", "primary": True, "verified": False}]), "a@x", False),
        (answer([{"email": "a@x", "primary": True, "verified": "true"}]), "a@x", False),
        (answer([{"email": "a@x", "primary": False, "verified": True}]), "public@x", False),
        (answer([{"email": None, "primary": True, "verified": True}]), "public@x", False),
        (answer(["a@x", 7, None]), "public@x", False),
        (answer({"message": "Not Found"}, 404), "public@x", False),
        (HttpResponse(200, b"<html>"), "public@x", False),
        (answer({"email": "a@x"}), "public@x", False),
    ],
)
def test_githubs_proven_address_is_the_primary_one_of_the_list(
    emails: HttpResponse, email: str, verified: bool
) -> None:
    found = github_profile(emails, email="public@x")
    assert (found.email, found.email_verified) == (email, verified)
    assert github_profile(answer([]), email=None).email is None


def test_an_account_that_is_blocked_there_stays_out() -> None:
    upstream = Upstream(
        provider_client("atlassian", client_id=CLIENT_ID, client_secret=SECRET), clock=Clock()
    )
    where = "https://api.atlassian.com/me"
    stage = Stage({where: answer({"account_id": "1", "account_status": "closed"})})
    with pytest.raises(ProviderError) as caught:
        run(upstream.profile(Tokens(access_token="at-1"), subject="1"), stage.send)
    assert (caught.value.code, caught.value.side) == ("provider_account", "person")
    stage.answers[where] = answer({"code": 401, "message": "Unauthorized"}, 401)
    with pytest.raises(ProviderError, match="Atlassian ended"):
        run(upstream.profile(Tokens(access_token="at-1"), subject="1"), stage.send)
    stage.answers[where] = HttpResponse(401)
    with pytest.raises(ProviderError) as caught:
        run(upstream.profile(Tokens(access_token="at-1"), subject="1"), stage.send)
    assert caught.value.error == "http_401"


@pytest.mark.parametrize(
    ("name", "where", "body", "subject"),
    [
        ("wechat", "https://api.weixin.qq.com/sns/userinfo", {"openid": "o1", "nickname": "Ada"}, "o1"),
        ("vk", "https://id.vk.com/oauth2/user_info", {"user": {"user_id": "1"}}, "1"),
        ("linear", "https://api.linear.app/graphql", {"data": {"viewer": {"id": "l1", "name": "Ada"}}}, "l1"),
        (
            "naver",
            "https://openapi.naver.com/v1/nid/me",
            {"resultcode": "00", "response": {"id": "n1"}},
            "n1",
        ),
        (
            "tiktok",
            "https://open.tiktokapis.com/v2/user/info/",
            {"data": {"user": {"open_id": "t1"}}, "error": {"code": "ok"}},
            "t1",
        ),
    ],
)
def test_odd_user_endpoints_of_the_table_are_asked_as_they_want(
    name: str, where: str, body: dict[str, Any], subject: str
) -> None:
    upstream = Upstream(provider_client(name, client_id=CLIENT_ID, client_secret=SECRET), clock=Clock())
    stage = Stage({where: answer(body)})
    held = Tokens(access_token="at-1", extra={"openid": "o1"})
    assert run(upstream.profile(held, subject=subject), stage.send).subject == subject
    (request,) = stage.asked
    if name == "wechat":
        assert request.url.endswith("access_token=at-1&openid=o1")
        assert "Authorization" not in request.headers
    if name == "vk":
        assert form_of(request) == {"client_id": CLIENT_ID, "access_token": "at-1"}
    if name == "linear":
        assert "viewer" in json.loads(request.body)["query"]


def test_line_is_believed_by_its_secret() -> None:
    from joserfc import jwt
    from joserfc.jwk import OctKey

    secret = "0123456789abcdef0123456789abcdef"
    upstream = Upstream(provider_client("line", client_id=CLIENT_ID, client_secret=secret), clock=Clock())
    stage = Stage({"https://api.line.me/oauth2/v2.1/userinfo": answer({"sub": "U1"})})
    transaction = run(upstream.begin(redirect_uri=REDIRECT), stage.send).transaction
    claims = {
        "iss": "https://access.line.me",
        "sub": "U1",
        "aud": CLIENT_ID,
        "iat": NOW,
        "exp": NOW + 9,
        "nonce": transaction.nonce,
    }
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))
    stage.answers["https://api.line.me/oauth2/v2.1/token"] = answer({**GRANTED, "id_token": token})
    callback = {"state": transaction.state, "code": "c"}
    assert run(upstream.finish(callback, transaction), stage.send).profile.identity == ("line", "U1")

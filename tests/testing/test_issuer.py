"""The issuer that apps test with is an honest one."""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from vestibule.crypto import jwt
from vestibule.crypto.keys import parse_key_set
from vestibule.crypto.seal import unseal
from vestibule.errors import Refused, TokenError, Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.session.payload import Payload
from vestibule.session.token_requests import exchange_request, refresh_request
from vestibule.session.urls import authorization_url
from vestibule.testing import Clock, TestIssuer
from vestibule.testing.people import create_grant, create_user
from vestibule.wire.tokens import read_token_answer


@pytest.fixture
def clock() -> Clock:
    return Clock(1_800_000_000)


@pytest.fixture
def issuer(clock: Clock) -> TestIssuer:
    return TestIssuer(clock=clock)


def keys(issuer: TestIssuer) -> HttpResponse:
    config = issuer.config
    return issuer.send(HttpRequest("GET", f"{config.url}/sso/jwks/{config.client_id}"))


def refresh(issuer: TestIssuer, token: str, **more: str) -> HttpResponse:
    config = issuer.config
    return issuer.send(
        refresh_request(
            config.url, client_id=config.client_id, client_secret=config.api_key, refresh_token=token, **more
        )
    )


def payload_of(issuer: TestIssuer, **rights: object) -> Payload:
    (sealed,) = issuer.cookies(**rights).values()
    payload = Payload.read(unseal(sealed, issuer.config.cookie_passwords))
    assert payload is not None
    return payload


def test_its_tokens_verify_with_its_keys(issuer: TestIssuer, clock: Clock) -> None:
    payload = payload_of(issuer, email="ada@example.com", role="admin", permissions={"b", "a"})
    key_set = parse_key_set(keys(issuer).body)
    config = issuer.config
    claims = jwt.verify(
        payload.access_token, key_set, now=clock(), issuers=config.issuers, audience=config.client_id
    )
    assert claims["sub"] == payload.user.id
    assert (claims["role"], claims["permissions"]) == ("admin", ["a", "b"])
    assert "org_id" not in claims


def test_the_same_address_is_the_same_person(issuer: TestIssuer) -> None:
    first, second = payload_of(issuer, email="a@example.com"), payload_of(issuer, email="a@example.com")
    assert first.user.id == second.user.id
    assert first.user.id != payload_of(issuer, email="b@example.com").user.id


def test_a_token_can_have_expired_already(issuer: TestIssuer, clock: Clock) -> None:
    (sealed,) = issuer.cookies(expires_in=-1).values()
    payload = Payload.read(unseal(sealed, issuer.config.cookie_passwords))
    assert payload is not None
    with pytest.raises(TokenError) as caught:
        jwt.verify(
            payload.access_token,
            parse_key_set(keys(issuer).body),
            now=clock(),
            issuers=issuer.config.issuers,
            audience=issuer.config.client_id,
        )
    assert caught.value.code == "token_expired"


def test_a_refresh_token_works_once(issuer: TestIssuer) -> None:
    token = payload_of(issuer, email="ada@example.com", organization_id="org_1").refresh_token
    answer = read_token_answer(refresh(issuer, token))
    assert (answer.user.email, answer.organization_id) == ("ada@example.com", "org_1")
    moved = read_token_answer(refresh(issuer, answer.refresh_token, organization_id="org_2"))
    assert moved.organization_id == "org_2"
    with pytest.raises(Refused) as caught:
        read_token_answer(refresh(issuer, token))
    assert caught.value.error == "invalid_grant"


def test_a_lost_reply_is_given_again_for_half_a_minute(issuer: TestIssuer, clock: Clock) -> None:
    token = payload_of(issuer).refresh_token
    first = read_token_answer(refresh(issuer, token))
    clock.advance(seconds=30)
    again = read_token_answer(refresh(issuer, token))
    assert again.refresh_token == first.refresh_token
    assert again.access_token != first.access_token
    clock.advance(seconds=1)
    assert refresh(issuer, token).status == 400
    assert refresh(issuer, first.refresh_token).status == 400, "the whole session is over"


def test_a_code_needs_its_verifier_and_works_once(issuer: TestIssuer) -> None:
    from vestibule.crypto.pkce import create_pair

    config, pair = issuer.config, create_pair()
    url = authorization_url(
        config.url,
        client_id=config.client_id,
        redirect_uri="http://localhost/callback?tenant=1",
        state="s",
        code_challenge=pair.challenge,
    )

    def exchange(code: str, verifier: str) -> HttpResponse:
        return issuer.send(
            exchange_request(
                config.url,
                client_id=config.client_id,
                client_secret=config.api_key,
                code=code,
                code_verifier=verifier,
            )
        )

    query = parse_qs(urlsplit(issuer.authorize(url, email="ada@example.com")).query)
    assert (query["state"], query["tenant"]) == (["s"], ["1"])
    assert read_token_answer(exchange(query["code"][0], pair.verifier)).user.email == "ada@example.com"
    assert exchange(query["code"][0], pair.verifier).status == 400
    another = parse_qs(urlsplit(issuer.authorize(url)).query)["code"][0]
    assert exchange(another, create_pair().verifier).status == 400


@pytest.mark.parametrize(
    "body",
    [
        {"client_id": "client_other", "grant_type": "refresh_token"},
        {"client_id": "client_test", "client_secret": "wrong", "grant_type": "refresh_token"},
        {},
    ],
)
def test_it_knows_its_client(issuer: TestIssuer, body: dict[str, str]) -> None:
    url = f"{issuer.config.url}/user_management/authenticate"
    answer = issuer.send(HttpRequest("POST", url, body=json.dumps(body).encode()))
    assert json.loads(answer.body)["error"] == "invalid_client"


def test_it_knows_two_grants(issuer: TestIssuer) -> None:
    body = {"client_id": "client_test", "client_secret": issuer.config.api_key, "grant_type": "password"}
    url = f"{issuer.config.url}/user_management/authenticate"
    answer = issuer.send(HttpRequest("POST", url, body=json.dumps(body).encode()))
    assert json.loads(answer.body)["error"] == "unsupported_grant_type"
    assert issuer.send(HttpRequest("GET", f"{issuer.config.url}/other")).status == 404


def test_it_misbehaves_on_demand(issuer: TestIssuer) -> None:
    token = payload_of(issuer).refresh_token
    issuer.fail(503, retry_after=7)
    assert (refresh(issuer, token).status, refresh(issuer, token).headers["retry-after"]) == (503, "7")
    issuer.recover()
    issuer.drop(times=1, only=issuer.TOKENS)
    assert keys(issuer).status == 200
    with pytest.raises(Unreachable):
        refresh(issuer, token)
    issuer.refuse("sso_required", connection_ids=["conn_1"])
    refused = refresh(issuer, token)
    assert (refused.status, json.loads(refused.body)["connection_ids"]) == (400, ["conn_1"])
    renewed = read_token_answer(refresh(issuer, token))
    issuer.end_sessions()
    assert refresh(issuer, renewed.refresh_token).status == 400


def test_an_answer_can_be_lost_or_late(issuer: TestIssuer, clock: Clock) -> None:
    token = payload_of(issuer).refresh_token
    issuer.lose(times=1)
    with pytest.raises(Unreachable, match="broke"):
        refresh(issuer, token)
    first = read_token_answer(refresh(issuer, token))
    issuer.stall(only=issuer.TOKENS, times=1)
    began = clock()
    with pytest.raises(Unreachable, match="3 s"):
        refresh(issuer, first.refresh_token)
    assert clock() - began == 3
    assert refresh(issuer, first.refresh_token).status == 200


def test_its_key_can_change(issuer: TestIssuer) -> None:
    before = keys(issuer).body
    issuer.rotate_key()
    assert keys(issuer).body != before


def test_it_serves_async_apps_too(issuer: TestIssuer) -> None:
    config = issuer.config
    asked = HttpRequest("GET", f"{config.url}/sso/jwks/{config.client_id}")
    assert asyncio.run(issuer.send_async(asked)).status == 200
    assert issuer.requests_to("jwks") == [asked]
    issuer.close()


def test_an_impersonator_is_named_in_token_and_answer(issuer: TestIssuer) -> None:
    payload = payload_of(issuer, impersonator="support@example.com")
    answer = read_token_answer(refresh(issuer, payload.refresh_token))
    assert answer.impersonator is not None
    assert answer.impersonator.email == "support@example.com"
    assert answer.authentication_method == "Impersonation"


def test_claims_can_be_anything(issuer: TestIssuer) -> None:
    grant = create_grant(
        create_user("ada@example.com", now=0),
        now=0,
        role="a",
        roles=["b", "a"],
        claims={"iss": "evil", "x": 1},
    )
    claims = jwt.decode_unverified(issuer.access_token(grant))
    assert (claims["roles"], claims["iss"], claims["x"]) == (["a", "b"], "evil", 1)


def test_a_clock_stands_still_until_moved() -> None:
    clock = Clock(100)
    clock.advance(minutes=1, seconds=5)
    assert clock() == 165
    assert Clock()() > 1_700_000_000

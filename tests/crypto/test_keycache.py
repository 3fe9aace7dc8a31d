from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.crypto.tokens import (
    CLAIMS,
    CLIENT,
    HEADER,
    ISSUER,
    KID,
    NOW,
    jwks,
    raw_token,
    signing_key,
    token,
)
from vestibule.crypto.jwt import verify
from vestibule.crypto.keycache import KeyCache
from vestibule.crypto.keys import MAX_BYTES, KeySet
from vestibule.crypto.signing import public_jwk
from vestibule.errors import TokenError, Unreachable
from vestibule.flow import Flow, HttpRequest, HttpResponse, run

URL = "https://id.example.com/sso/jwks/client_1"
FIRST = jwks(public_jwk(signing_key(), kid=KID))
SECOND = jwks(public_jwk(signing_key(2), kid="key-2"))
REPLACED = jwks(public_jwk(signing_key(2), kid=KID))

NOT_KEY_SETS = [
    HttpResponse(500),
    HttpResponse(404),
    HttpResponse(204),
    HttpResponse(301, headers={"location": "http://127.0.0.1/jwks"}),
    HttpResponse(200, b"<html>"),
    HttpResponse(200, b"{}"),
    HttpResponse(200, b'{"keys":[]}'),
    HttpResponse(200, FIRST[:-20]),
    HttpResponse(200, b" " * (MAX_BYTES + 1)),
    None,
]


@dataclass
class Server:
    """Counts what is asked of it; an answer of None is no answer."""

    answer: HttpResponse | None = field(default_factory=lambda: HttpResponse(200, FIRST))
    requests: list[HttpRequest] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.cache = KeyCache(URL, clock=lambda: self.now)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        if self.answer is None:
            raise Unreachable("no answer")
        return self.answer

    def keys(self, kid: str | None = KID) -> KeySet:
        return run(self.cache.keys(kid), self)

    def check(self, text: str) -> dict[str, Any]:
        def verified(keys: KeySet) -> dict[str, Any]:
            return verify(text, keys, now=NOW, issuers=(ISSUER,), audience=CLIENT)

        return run(self.cache.check(verified), self)

    def code(self, text: str) -> str:
        with pytest.raises(TokenError) as caught:
            self.check(text)
        return caught.value.code


@pytest.fixture
def server() -> Server:
    return Server()


def test_the_key_set_is_fetched_once_in_ten_minutes(server: Server) -> None:
    first = server.keys()
    server.now = 599
    assert server.keys() is first
    assert len(server.requests) == 1
    server.now = 600
    assert server.keys() is not first
    assert len(server.requests) == 2


def test_the_request_is_shared_and_bounded(server: Server) -> None:
    server.keys()
    request = server.requests[0]
    assert (request.method, request.url) == ("GET", URL)
    assert request.share is not None
    assert request.deadline == 3.0
    assert request.max_bytes == MAX_BYTES


def test_those_who_come_while_a_fetch_is_in_flight_ask_for_the_same(server: Server) -> None:
    flows: list[Flow[KeySet]] = [server.cache.keys(KID), server.cache.keys(KID)]
    shares = {next(flow).share for flow in flows}
    assert len(shares) == 1


def test_with_a_key_set_at_hand_only_one_waits_for_the_next(server: Server) -> None:
    server.keys()
    server.now = 601
    waiting = server.cache.keys(KID)
    next(waiting)
    assert server.keys().find(KID) is not None
    assert len(server.requests) == 1
    with pytest.raises(StopIteration):
        waiting.send(HttpResponse(200, SECOND))
    assert server.keys("key-2").find("key-2") is not None


def test_a_caller_who_gives_up_leaves_the_others_their_keys(server: Server) -> None:
    server.keys()
    server.now = 601
    waiting = server.cache.keys(KID)
    next(waiting)
    waiting.close()
    assert server.keys().find(KID) is not None
    server.now = 631
    server.keys()
    assert len(server.requests) == 2


def test_JK_1_a_flood_of_unknown_key_ids_is_one_fetch_per_cooldown(server: Server) -> None:
    server.keys()
    server.now = 30
    for number in range(1000):
        server.now += 0.01
        assert server.keys(f"unknown-{number}").find(f"unknown-{number}") is None
        assert server.keys().find(KID) is not None
    assert len(server.requests) == 2


def test_reg_CVE_2026_48524_a_failed_fetch_does_not_wipe_the_cache(server: Server) -> None:
    server.keys()
    server.answer = HttpResponse(500)
    server.now = 30
    for number in range(1000):
        with pytest.raises(Unreachable):
            server.keys(f"unknown-{number}")
        assert server.check(token()) == CLAIMS
    assert len(server.requests) == 2


def test_JK_1_a_flood_of_hostile_tokens_is_one_fetch_per_cooldown(server: Server) -> None:
    server.check(token())
    server.now = 30
    for number in range(50):
        assert server.code(raw_token({**HEADER, "kid": f"unknown-{number}"}, CLAIMS)) == "token_key"
        assert server.code(raw_token(HEADER, CLAIMS, key=signing_key(2))) == "token_signature"
    assert len(server.requests) == 2
    assert server.check(token())


def test_a_new_key_is_found_after_the_cooldown(server: Server) -> None:
    server.keys()
    server.answer = HttpResponse(200, SECOND)
    fresh = raw_token({**HEADER, "kid": "key-2"}, CLAIMS, key=signing_key(2))
    server.now = 29
    assert server.code(fresh) == "token_key"
    server.now = 30
    assert server.check(fresh) == CLAIMS


@pytest.mark.parametrize("answer", NOT_KEY_SETS)
def test_JK_2_a_failure_keeps_the_last_good_set(server: Server, answer: HttpResponse | None) -> None:
    good = server.keys()
    server.answer = answer
    server.now = 700
    assert server.keys() is good
    assert server.keys() is good
    assert len(server.requests) == 2
    server.now = 730
    assert server.check(token()) == CLAIMS
    assert len(server.requests) == 3


@pytest.mark.parametrize("answer", NOT_KEY_SETS)
def test_JK_2_without_a_good_set_the_answer_is_unknown(server: Server, answer: HttpResponse | None) -> None:
    server.answer = answer
    for _ in range(2):
        with pytest.raises(Unreachable):
            server.check(token())
    server.answer = HttpResponse(200, FIRST)
    assert server.check(token()) == CLAIMS


def test_JK_2_an_unknown_key_during_an_outage_is_not_called_invalid(server: Server) -> None:
    server.keys()
    server.answer = None
    server.now = 30
    unknown = raw_token({**HEADER, "kid": "key-2"}, CLAIMS, key=signing_key(2))
    for _ in range(2):
        with pytest.raises(Unreachable):
            server.check(unknown)
        with pytest.raises(Unreachable):
            server.keys("key-2")
    assert len(server.requests) == 2
    assert server.check(token()) == CLAIMS


def test_JK_2_a_forged_signature_during_an_outage_is_invalid(server: Server) -> None:
    server.keys()
    server.answer = None
    server.now = 30
    assert server.code(raw_token(HEADER, CLAIMS, key=signing_key(2))) == "token_signature"


def test_JK_4_a_key_replaced_under_its_id_costs_one_fetch(server: Server) -> None:
    assert server.check(token()) == CLAIMS
    server.answer = HttpResponse(200, REPLACED)
    server.now = 30
    replaced = raw_token(HEADER, CLAIMS, key=signing_key(2))
    assert server.check(replaced) == CLAIMS
    for _ in range(20):
        assert server.code(token()) == "token_signature"
    assert len(server.requests) == 2


def test_a_forged_signature_is_checked_once_while_the_keys_are_the_same(server: Server) -> None:
    seen: list[KeySet] = []

    def refuse(keys: KeySet) -> None:
        seen.append(keys)
        raise TokenError("no", code="token_signature")

    server.keys()
    with pytest.raises(TokenError):
        run(server.cache.check(refuse), server)
    assert len(seen) == 1


def test_JK_5_a_redirect_is_not_followed(server: Server) -> None:
    server.answer = HttpResponse(302, FIRST, {"location": "http://127.0.0.1/jwks"})
    with pytest.raises(Unreachable):
        server.keys()
    assert [request.url for request in server.requests] == [URL]


def test_a_forced_fetch_may_be_the_first(server: Server) -> None:
    assert run(server.cache.refetch(), server).find(KID) is not None
    assert run(server.cache.refetch(), server).find(KID) is not None
    assert len(server.requests) == 1


def test_an_expired_token_causes_no_fetch(server: Server) -> None:
    server.keys()
    server.now = 60
    assert server.code(token(exp=NOW)) == "token_expired"
    assert len(server.requests) == 1


def test_the_clock_runs_by_itself() -> None:
    assert run(KeyCache(URL).keys(KID), Server()).find(KID) is not None

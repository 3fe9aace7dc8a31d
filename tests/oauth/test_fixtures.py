"""The whole table, offline: for each supported provider redirect, exchange, profile and an error."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

import vestibule.oauth as oauth
from tests.oauth.stage import (
    CLIENT_ID,
    NOW,
    SECRET,
    Clock,
    Stage,
    answer,
    basic,
    form_of,
    id_token,
    key_set,
    query_of,
)
from vestibule.crypto.pkce import challenge_of
from vestibule.errors import ProviderError
from vestibule.flow import HttpRequest, HttpResponse, run
from vestibule.oauth import PROVIDERS, ProviderSignIn, Transaction, Upstream

FOLDER = Path(__file__).parent / "fixtures"
SUPPORTED = sorted(each.id for each in PROVIDERS.values() if each.verified)
APPLE_KEY = ec.generate_private_key(ec.SECP256R1())
APPLE_PEM = APPLE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
Fixture = dict[str, Any]


def read(name: str) -> Fixture:
    loaded: Fixture = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return loaded


class Play:
    """One sign-in by a fixture."""

    def __init__(self, name: str) -> None:
        self.fixture = read(name)
        settings = {"client_id": CLIENT_ID, **self.fixture.get("settings", {})}
        if name == "apple":
            settings |= {"team_id": "TEAM", "key_id": "KEY", "private_key": APPLE_PEM}
        else:
            settings["client_secret"] = SECRET
        function: Callable[..., oauth.Client] = getattr(oauth, name)
        self.upstream = Upstream(function(**settings), clock=Clock())
        self.redirect = f"https://app.example.com/auth/callback/{name}"
        self.stage = Stage()
        if "discovery" in self.fixture:
            discovery = self.fixture["discovery"]
            self.stage.answers[discovery["url"]] = answer(discovery["document"])
            self.stage.answers[discovery["document"]["jwks_uri"]] = key_set()
        self.stage.answers["https://appleid.apple.com/auth/keys"] = key_set()
        beginning = run(self.upstream.begin(redirect_uri=self.redirect), self.stage.send)
        self.url, self.transaction = beginning.url, beginning.transaction

    def filled(self, value: Any, request: HttpRequest | None = None) -> Any:
        """A fixture's value with what differs from one sign-in to the next."""
        if isinstance(value, dict):
            return {name: self.filled(each, request) for name, each in value.items()}
        if not isinstance(value, str) or "$" not in value:
            return value
        proof = hmac.new(SECRET.encode(), b"at-1", hashlib.sha256).hexdigest()
        words = {
            "$client_id": CLIENT_ID,
            "$client_secret": SECRET,
            "$redirect_uri": self.redirect,
            "$state": self.transaction.state,
            "$nonce": self.transaction.nonce or "",
            "$challenge": challenge_of(self.transaction.code_verifier),
            "$code_verifier": self.transaction.code_verifier,
            "$basic": basic(),
            "$appsecret_proof": proof,
        }
        for word, text in words.items():
            value = value.replace(word, text)
        return value

    def finish(self, token: HttpResponse | None = None) -> ProviderSignIn:
        fixture, answers = self.fixture, self.stage.answers
        claims = self.filled(fixture.get("id_token", {}))
        given = fixture["token"]["answer"]
        body = {**given.get("body", {}), **({"id_token": id_token(claims)} if claims else {})}
        text = given["text"].encode() if "text" in given else json.dumps(body).encode()
        success = HttpResponse(given["status"], text, given.get("headers", {}))
        answers[self.where("token")] = token or success
        for call in ("user", "emails"):
            if call in fixture:
                answers[self.where(call)] = answer(fixture[call]["answer"])
        params = {"code": "the-code", "state": self.transaction.state, **fixture.get("callback", {})}
        return run(self.upstream.finish(params, self.transaction), self.stage.send)

    def where(self, call: str) -> str:
        address: str = self.fixture[call]["request"]["url"].partition("?")[0]
        return address

    def check_request(self, call: str) -> None:
        (request,) = self.stage.requests(self.where(call))
        wanted = self.filled(self.fixture[call]["request"])
        assert (request.method, request.url) == (wanted["method"], wanted["url"])
        given = {"Accept": "application/json", "User-Agent": "vestibule"} | wanted.get("headers", {})
        assert {name: request.headers.get(name) for name in given} == given
        if "Authorization" not in given:
            assert "Authorization" not in request.headers
        if "form" in wanted:
            assert with_apple_secret(form_of(request)) == wanted["form"]
        elif "json" in wanted:
            assert json.loads(request.body) == wanted["json"]
        else:
            assert request.body.decode() == wanted.get("text", "")


def with_apple_secret(form: dict[str, str]) -> dict[str, str]:
    """The signed secret is checked here, and stands for itself in the fixture."""
    secret = form.get("client_secret", "")
    if secret.count(".") != 2:
        return form
    token = jwt.decode(secret, ECKey.import_key(APPLE_KEY.public_key()), algorithms=["ES256"])
    assert token.header["kid"] == "KEY"
    assert token.claims == {
        "iss": "TEAM",
        "sub": CLIENT_ID,
        "aud": "https://appleid.apple.com",
        "iat": NOW,
        "exp": NOW + 300,
    }
    return {**form, "client_secret": "$apple_secret"}


def test_each_supported_provider_has_a_fixture_with_its_source() -> None:
    fixtures = {path.stem: read(path.stem) for path in FOLDER.glob("*.json")}
    assert sorted(fixtures) == SUPPORTED
    for name, fixture in fixtures.items():
        assert fixture["provider"] == name
        assert fixture["source"]
        assert fixture["verified_on"] == PROVIDERS[name].verified_on


@pytest.mark.parametrize("name", SUPPORTED)
def test_the_browser_is_sent_with_what_the_provider_wants(name: str) -> None:
    play = Play(name)
    wanted = play.filled(play.fixture["authorize"])
    assert play.url.partition("?")[0] == wanted["url"]
    assert query_of(play.url) == wanted["query"]


@pytest.mark.parametrize("name", SUPPORTED)
def test_a_code_becomes_somebody(name: str) -> None:
    play = Play(name)
    signed_in = play.finish()
    wanted = play.fixture["profile"]
    profile = {key: getattr(signed_in.profile, key) for key in wanted}
    assert profile == {**wanted, "identity": tuple(wanted["identity"])}
    for field in ("name", "given_name", "family_name", "username", "picture", "locale"):
        assert getattr(signed_in.profile, field) == wanted.get(field)
    tokens = signed_in.tokens
    assert tokens.access_token == "at-1"
    assert "at-1" not in repr(signed_in)
    for key, value in play.fixture.get("tokens", {}).items():
        assert getattr(tokens, key) == (tuple(value) if isinstance(value, list) else value)
    for call in ("token", "user", "emails"):
        if call in play.fixture:
            play.check_request(call)


@pytest.mark.parametrize("name", SUPPORTED)
def test_an_error_of_the_provider_says_which_side_is_wrong(name: str) -> None:
    play = Play(name)
    error = play.fixture["error"]
    with pytest.raises(ProviderError) as caught:
        play.finish(answer(error["answer"]["body"], error["answer"]["status"]))
    assert (caught.value.code, caught.value.side) == (error["code"], error["side"])
    assert caught.value.provider == name
    assert caught.value.hint


@pytest.mark.parametrize("name", SUPPORTED)
def test_a_transaction_survives_being_written_down(name: str) -> None:
    transaction = Play(name).transaction
    assert Transaction.from_json(transaction.to_json()) == transaction

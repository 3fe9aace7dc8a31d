"""Tokens that only look like ours, brought to the endpoints that read access tokens."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.clocks import Clock
from tests.server.oidc.test_inspection import introspect, tokens
from tests.servers import Running
from vestibule.crypto.jwt import decode_unverified
from vestibule.crypto.signing import create_signing_key, sign
from vestibule.server.identity.keys import Signer, current_key

Claims = Mapping[str, Any]
Forge = Callable[[Claims, Signer, str], str]


def segment(data: Any) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def unsigned(claims: Claims, signer: Signer, good: str) -> str:
    return f"{segment({'alg': 'none', 'kid': signer.kid, 'typ': 'at+jwt'})}.{segment(claims)}."


def by_our_public_key(claims: Claims, signer: Signer, good: str) -> str:
    public = signer.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{segment({'alg': 'HS256', 'kid': signer.kid, 'typ': 'at+jwt'})}.{segment(claims)}"
    return f"{signed}.{segment(hmac.digest(public, signed.encode(), hashlib.sha256))}"


def by_another_key(claims: Claims, signer: Signer, good: str) -> str:
    return sign(claims, create_signing_key(), kid=signer.kid)


def changed(**claims: Any) -> Forge:
    def forge(good_claims: Claims, signer: Signer, good: str) -> str:
        return sign({**good_claims, **claims}, signer.key, kid=signer.kid)

    return forge


def of_type(typ: str) -> Forge:
    def forge(claims: Claims, signer: Signer, good: str) -> str:
        return sign(claims, signer.key, kid=signer.kid, typ=typ)

    return forge


def twice(claims: Claims, signer: Signer, good: str) -> str:
    header = segment({"alg": "RS256", "kid": signer.kid, "typ": "at+jwt"})
    body = segment(json.dumps(claims).encode()[:-1] + b', "sub": "user_other"}')
    return f"{header}.{body}.{good.rpartition('.')[2]}"


HOSTILE: dict[str, Forge] = {
    "JW-1": unsigned,
    "JW-2": by_our_public_key,
    "JW-3": by_another_key,
    "JW-4 expired": changed(exp=1),
    "JW-4 text": changed(exp="9999999999"),
    "JW-4 future": changed(iat=9_999_999_999, nbf=9_999_999_999),
    "JW-5 ID token": of_type("JWT"),
    "JW-5 logout token": of_type("logout+jwt"),
    "JW-6 slash": changed(iss="http://localhost/"),
    "JW-6 others": changed(iss="https://evil.example"),
    "JW-7": twice,
    "JW-8 deep": lambda claims, signer, good: f"{good.split('.')[0]}.{segment(b'[' * 5_000)}.x",
    "JW-8 large": lambda claims, signer, good: good + "A" * 20_000,
    "JW-9": lambda claims, signer, good: good + "==",
    "another session": changed(sid="session_01NOBODY"),
    "another user": changed(sub="user_01NOBODY"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_JW_1_JW_2_JW_3_JW_4_JW_5_JW_6_JW_7_JW_8_JW_9_at_the_server(
    server: Running, client: httpx2.Client, browser: httpx2.Client, clock: Clock, case: str
) -> None:
    good = tokens(server, client, browser)["access_token"]
    claims = decode_unverified(good)
    forged = HOSTILE[case](claims, current_key(server.identity), good)
    assert forged != good
    assert introspect(server, client, forged) == {"active": False}
    shown = client.get("/oauth2/userinfo", headers={"authorization": f"Bearer {forged}"})
    assert shown.status_code in (401, 431)
    assert introspect(server, client, good)["active"]

"""A test issuer that also knows API keys, which sessions were revoked, and which tokens are active."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from vestibule.crypto.jwt import decode_unverified
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.testing import TestIssuer
from vestibule.testing.people import create_grant, create_user
from vestibule.wire.paths import INTROSPECT, REVOKED, VALIDATIONS


class Office(TestIssuer):
    __test__ = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys: dict[str, dict[str, object]] = {}
        self.revoked: list[str] = []
        self.complete = True

    def api_key(self, value: str = "vsk_test_abcdefgh1234", **members: object) -> str:
        """The value of a key of an organization, or of what `members` say."""
        owner = {"type": "organization", "id": "org_1"}
        self.keys[value] = {"object": "api_key", "id": "api_key_1", "name": "CI", "owner": owner, **members}
        return value

    def token(self, email: str = "ada@example.com", *, expires_in: float | None = None, **rights: Any) -> str:
        now = self.clock()
        grant = create_grant(create_user(email, now=now), now=now, **rights)
        return self.access_token(grant, expires_in=expires_in)

    def revoke(self, token: str) -> None:
        self.revoked.append(str(decode_unverified(token)["sid"]))

    def _answer(self, request: HttpRequest) -> HttpResponse:
        path = urlsplit(request.url).path
        if path == VALIDATIONS:
            return _json({"api_key": self.keys.get(json.loads(request.body)["value"])})
        if path == REVOKED:
            return self._list(request)
        if path == INTROSPECT:
            (token,) = parse_qs(request.body.decode())["token"]
            return _json({"active": decode_unverified(token)["sid"] not in self.revoked})
        return super()._answer(request)

    def _list(self, request: HttpRequest) -> HttpResponse:
        tag = f'"{len(self.revoked)} {self.complete}"'
        if request.headers.get("If-None-Match") == tag:
            return HttpResponse(304, b"", {"etag": tag})
        listed = self.revoked if self.complete else []
        return _json({"session_ids": listed, "complete": self.complete}, {"etag": tag})


def _json(body: object, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(200, json.dumps(body).encode(), headers or {})

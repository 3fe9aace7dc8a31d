import json

import pytest

from vestibule.errors import Refused, Unreachable
from vestibule.flow import HttpResponse
from vestibule.wire.tokens import read_token_answer

GOOD: dict[str, object] = {
    "user": {"object": "user", "id": "user_1", "email": "ada@example.com"},
    "access_token": "at-secret",
    "refresh_token": "rt-secret",
}


def answer(body: object, status: int = 200, **headers: str) -> HttpResponse:
    return HttpResponse(
        status, json.dumps(body).encode(), {key.replace("_", "-"): v for key, v in headers.items()}
    )


def test_a_full_answer_is_read() -> None:
    read = read_token_answer(
        answer(
            {
                **GOOD,
                "organization_id": "org_1",
                "authentication_method": "Password",
                "impersonator": {"email": "admin@example.com", "reason": None},
                "oauth_tokens": {"access_token": "up", "scopes": []},
                "something_new": 1,
            }
        )
    )
    assert (read.user.id, read.organization_id, read.authentication_method) == ("user_1", "org_1", "Password")
    assert read.impersonator is not None
    assert read.oauth_tokens is not None
    assert "secret" not in repr(read)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_transient_status_is_no_refusal(status: int) -> None:
    with pytest.raises(Unreachable):
        read_token_answer(answer({"error": "invalid_grant"}, status))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0", 1), ("3600", 60), ("soon", 5), ("", 5), ("-1", 5), ("9" * 5000, 5), ("٣", 5)],
)
def test_retry_after_is_kept_within_reason(value: str, seconds: int) -> None:
    with pytest.raises(Unreachable) as caught:
        read_token_answer(answer({}, 503, retry_after=value))
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": "invalid_grant", "error_description": "Used before."}, "invalid_grant"),
        ({"code": "invalid_credentials", "message": "No."}, "invalid_credentials"),
        ({"message": "Not found."}, "http_400"),
        ({}, "http_400"),
        ([], "http_400"),
    ],
)
def test_each_error_envelope_is_understood(body: object, error: str) -> None:
    with pytest.raises(Refused) as caught:
        read_token_answer(answer(body, 400))
    assert (caught.value.error, caught.value.status) == (error, 400)
    assert caught.value.message


def test_a_refusal_carries_what_the_next_step_needs() -> None:
    with pytest.raises(Refused) as caught:
        read_token_answer(answer({"error": "sso_required", "connection_ids": ["conn_1"]}, 400))
    assert caught.value.fields == {"connection_ids": ["conn_1"]}


@pytest.mark.parametrize("status", [301, 302, 401, 403, 404, 422])
def test_other_statuses_are_refusals(status: int) -> None:
    with pytest.raises(Refused):
        read_token_answer(HttpResponse(status, b"<html>"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[" * 100_000,
        b'"x"',
        json.dumps({**GOOD, "access_token": ""}).encode(),
        json.dumps({**GOOD, "refresh_token": 1}).encode(),
        json.dumps({**GOOD, "user": {"email": "no id"}}).encode(),
        json.dumps({**GOOD, "user": None}).encode(),
        json.dumps({**GOOD, "impersonator": {"reason": "x"}}).encode(),
        b'{"user": "\xff"}',
    ],
)
def test_an_unreadable_success_says_nothing_about_the_session(body: bytes) -> None:
    with pytest.raises(Unreachable):
        read_token_answer(HttpResponse(200, body))

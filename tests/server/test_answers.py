import datetime as dt

import pytest

from vestibule.server.answers import Answer, Malformed, moment, refusal, wire
from vestibule.server.identity.errors import (
    Conflict,
    Denied,
    IdentityError,
    Invalid,
    NotFound,
    OAuthDenied,
    StepUp,
    TooMany,
    Unauthorized,
)

NOON = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
PROBLEM = {"field": "email", "code": "invalid_email", "message": "No."}


@pytest.mark.parametrize(
    ("error", "status", "content"),
    [
        (NotFound.of("User", "user_1"), 404, {"message": "User not found: 'user_1'."}),
        (Denied("No.", code="invalid_credentials"), 400, {"message": "No.", "code": "invalid_credentials"}),
        (
            OAuthDenied("No.", code="invalid_grant"),
            400,
            {"error": "invalid_grant", "error_description": "No."},
        ),
        (Unauthorized("No."), 401, {"message": "No.", "code": "unauthorized"}),
        (Conflict("No.", code="taken"), 409, {"message": "No.", "code": "taken"}),
        (Malformed("No.", code="invalid_json"), 400, {"message": "No.", "code": "invalid_json"}),
        (IdentityError("No.", code="other"), 400, {"message": "No.", "code": "other"}),
        (
            Invalid("No.", errors=[PROBLEM]),
            422,
            {"message": "No.", "code": "invalid_request_parameters", "errors": [PROBLEM]},
        ),
        (
            StepUp("One more.", code="email_verification_required", user={"created_at": NOON}, email="a@b.c"),
            403,
            {
                "message": "One more.",
                "code": "email_verification_required",
                "user": {"created_at": "2026-01-15T12:00:00.000Z"},
                "email": "a@b.c",
            },
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_refusal_has_its_status_and_its_envelope(
    error: IdentityError, status: int, content: dict[str, object]
) -> None:
    answer = refusal(error)
    assert (answer.status, answer.data) == (status, content)


def test_an_oauth_client_reads_every_refusal_as_an_error() -> None:
    answer = refusal(Denied("No.", code="invalid_request"), envelope="oauth")
    assert answer.data == {"error": "invalid_request", "error_description": "No."}


def test_waiting_times_are_whole_seconds() -> None:
    assert refusal(TooMany(retry_after=7)).headers == {"retry-after": "7"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NOON, "2026-01-15T12:00:00.000Z"),
        (NOON.replace(microsecond=7_999), "2026-01-15T12:00:00.007Z"),
        (NOON.astimezone(dt.timezone(dt.timedelta(hours=2))), "2026-01-15T12:00:00.000Z"),
    ],
)
def test_times_have_three_decimals_and_are_utc(value: dt.datetime, text: str) -> None:
    assert moment(value) == text
    assert wire({"a": [value]}) == {"a": [text]}


def test_nothing_is_stored_by_anybody_unless_an_answer_says_so() -> None:
    assert Answer(200, {}).response().headers["cache-control"] == "no-store"
    kept = Answer(200, {}, {"cache-control": "public, max-age=300"}).response()
    assert kept.headers["cache-control"] == "public, max-age=300"
    empty = Answer(204).response()
    assert (empty.body, "content-type" in empty.headers) == (b"", False)


def test_a_repr_shows_no_token() -> None:
    assert "secret-token" not in repr(Answer(200, {"access_token": "secret-token"}))

"""Answers in Aura's shapes. Their headers are ours alone: nothing of a request ever comes back in one."""

import json
from typing import Final

from vestibule.crypto.strict_json import Json
from vestibule.direct.aura.identity import time_text
from vestibule.direct.aura.sealing import identity_of_kept
from vestibule.direct.kept import Kept
from vestibule.direct.way import DirectWay
from vestibule.errors import LoginError, ProviderError
from vestibule.session import events
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit

POLICY: Final = (
    "default-src 'none'; script-src 'self'; frame-src 'none'; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = (
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    ("Pragma", "no-cache"),
    ("Expires", "0"),
    ("Vary", "Cookie"),
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
INVALID: Final = "The request body or parameter schema layout contains input format errors."

# Ours on the left; what is not here keeps our code, in capitals.
FAILURES: Final = {
    "verifier_cookie_missing": (401, "AUTH_FLOW", "COOKIE_NOT_FOUND"),
    "state_mismatch": (400, "PROTOCOL", "AUTH_MISMATCHING_STATE"),
    "id_token_nonce": (400, "PROTOCOL", "OIDC_NONCE_MISMATCH"),
}


def data(status: int, body: object, *, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Reply(status, (*HEADERS, *headers), text.encode("utf-8", "replace"))


def redirect(location: str, body: object) -> Reply:
    return data(302, body, headers=(("Location", location),))


def error(status: int, kind: str, code: str, message: str, **more: object) -> Reply:
    return data(status, {"type": kind, "code": code, "message": message, **more})


def invalid(**details: str) -> Reply:
    """`details` by the name of what is wrong."""
    listed = {name: {"code": "invalid_value", "message": message} for name, message in details.items()}
    return error(422, "VALIDATION", "UNPROCESSABLE_ENTITY", INVALID, details=listed)


def unknown_provider(way: DirectWay) -> Reply:
    known = ", ".join(sorted(way.clients)) or "none"
    return invalid(oauth=f"The OAuth provider is not supported or invalid. This app has {known}.")


def wrong_method(*allowed: str) -> Reply:
    reply = error(405, "ROUTER_FLOW", "METHOD_NOT_ALLOWED", f"Use {allowed[0]} here.")
    return Reply(405, (*reply.headers, ("Allow", ", ".join(allowed))), reply.body)


def not_found() -> Reply:
    return error(404, "ROUTER_FLOW", "NOT_FOUND", "There is no such address below this one.")


def too_many(visit: Visit, seconds: int) -> Reply:
    body = {
        "error": "Too Many Requests",
        "retryAfter": seconds * 1000,
        "resetAt": (int(visit.now) + seconds) * 1000,
    }
    return data(429, body, headers=(("Retry-After", str(seconds)),))


def failed(visit: Visit, failure: LoginError) -> Reply:
    """For a script or a program; a person gets a page."""
    visit.journal.record(events.SIGN_IN_FAILED, reason=failure.code)
    if failure.code == "state_missing":
        return invalid(state=failure.message)
    usual = 502 if isinstance(failure, ProviderError) and failure.side == "provider" else 400
    status, kind, code = FAILURES.get(failure.code, (usual, "PROTOCOL", failure.code.upper()))
    if failure.code.startswith("id_token_") and failure.code not in FAILURES:
        status, code = 401, "OIDC_ID_TOKEN_INVALID"
    return error(status, kind, code, failure.message, hint=failure.hint)


def session_of(kept: Kept) -> dict[str, Json]:
    return {"user": identity_of_kept(kept), "expires": time_text(kept.lifetime.expires_at)}

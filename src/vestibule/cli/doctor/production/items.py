"""The list itself: the guide's twelve items on security, and its seven on deployment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vestibule.cli.doctor.findings import Check, Finding
from vestibule.cli.doctor.production import deployment, security
from vestibule.cli.doctor.subject import Subject


@dataclass(frozen=True, slots=True)
class Item:
    """`title` is the guide's, in Python's words."""

    check: Check
    title: str


def _item(name: str, title: str, run: Callable[[Subject], Finding]) -> Item:
    return Item(Check(name, run), title)


ITEMS: Final = (
    _item("PC-1", "Every endpoint is guarded, not only the pages", security.guarded),
    _item("PC-2", "Every endpoint validates its input", security.validated),
    _item("PC-3", "Passwords are hashed with Argon2 or bcrypt", security.passwords),
    _item("PC-4", "Secrets are compared in constant time", security.constant_time),
    _item("PC-5", "Sign-in and reset do not tell who has an account", security.generic_errors),
    _item("PC-6", "No unescaped HTML from people", security.raw_html),
    _item("PC-7", "HttpOnly, Secure and SameSite on session cookies", security.cookie_flags),
    _item("PC-8", "No tokens in localStorage or sessionStorage", security.no_tokens_in_storage),
    _item("PC-9", "Dependencies are updated, and audited in CI", security.dependencies),
    _item("PC-10", "The lock file is in the repository", security.lock_file),
    _item("PC-11", "Limits on sign-in, sign-up and password reset", security.rate_limits),
    _item("PC-12", "Sign-ins are logged and watched", security.logged),
    _item("PC-13", "A strong session secret", deployment.session_secret),
    _item("PC-14", "Secure cookies, and https works", deployment.https),
    _item("PC-15", "The session is under 4 KB", deployment.payload),
    _item("PC-16", "Direct calls without a session get a 401, tested", deployment.direct_calls),
    _item("PC-17", "Sign-in, sign-out, expiry and guards are tested", deployment.end_to_end),
    _item("PC-18", "The proxy forwards cookies", deployment.proxy),
    _item("PC-19", "Errors and latency are monitored", deployment.monitoring),
)

"""Every letter this server writes: what causes it, and how it looks with made-up people in it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vestibule.server.identity import limits
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.letters import queue, write
from vestibule.server.identity.notices import PASSKEY_ADDED
from vestibule.server.identity.operators import IN_WORDS, dashboard_link
from vestibule.server.mail.render import BadTemplate, Message, noting_mistakes


@dataclass(frozen=True, slots=True)
class LetterKind:
    kind: str
    title: str
    trigger: str


KINDS: Final = (
    LetterKind(
        "verify_email",
        "Confirm an address",
        "Somebody signs up, or signs in with an address that was never confirmed.",
    ),
    LetterKind(
        "magic_code", "Sign-in code", "Somebody chooses to sign in with a code instead of a password."
    ),
    LetterKind("reset_password", "Reset link", "Somebody says that they forgot their password."),
    LetterKind(
        "password_changed",
        "Password was changed",
        "A password was reset or changed. It goes to the address of the account.",
    ),
    LetterKind("invitation", "Invitation", "Somebody is invited, to your app or to an organization."),
    LetterKind(
        "already_registered",
        "Already registered",
        "Somebody signs up with an address that has an account, so that the page need not say so.",
    ),
    LetterKind(
        "email_change_code",
        "Confirm a new address",
        "Somebody changes their address. It goes to the new one.",
    ),
    LetterKind(
        "email_change_requested",
        "Change of address was asked for",
        "At the same moment, to the address they have.",
    ),
    LetterKind(
        "email_changed", "Address was changed", "The new address was confirmed. It goes to the old one."
    ),
    LetterKind(
        "security_notice",
        "How you sign in was changed",
        "A passkey or an authenticator app is added or removed, recovery codes are made or used.",
    ),
    LetterKind("operator_added", "You are an operator", "An owner adds an operator of this dashboard."),
    LetterKind("account_deleted", "Account was deleted", "Somebody deletes their own account."),
)


def get_kind(kind: str) -> LetterKind:
    """Raises NotFound."""
    found = next((each for each in KINDS if each.kind == kind), None)
    if found is None:
        raise NotFound.of("Mail", kind)
    return found


def preview(identity: Identity, kind: str, *, locale: str) -> Message:
    """Raises Invalid when a template of the operator's own has a mistake."""
    try:
        with noting_mistakes(), identity.store.read() as tx:
            return write(tx, identity, kind=kind, locale=locale, **_example(identity, kind))
    except BadTemplate as error:
        raise _mistake(error) from None


def send_example(identity: Identity, kind: str, *, recipient: str, locale: str) -> None:
    """Its links and codes open nothing. Raises TooMany, and Invalid as `preview` does."""
    key = f"mail:test:{recipient.lower()}"
    limits.hit_all(identity, (key, limits.SENDS), (f"{key}:day", limits.SENDS_A_DAY))
    try:
        with noting_mistakes(), identity.store.transaction() as tx:
            queue(tx, identity, kind=kind, recipient=recipient, locale=locale, **_example(identity, kind))
            data = {"object": "mail", "kind": kind, "recipient": recipient, "locale": locale}
            append(tx, identity, "mail.tested", data)
    except BadTemplate as error:
        raise _mistake(error) from None


def _example(identity: Identity, kind: str) -> Mapping[str, Any]:
    at, now = identity.settings.public_url, identity.now
    of_all: dict[str, Any] = {"email": "ada@example.com"}
    code = {"code": "123456", "minutes": identity.settings.code_seconds // 60}
    reset = {"reset_link": f"{at}/forgot-password"}
    own: Mapping[str, Mapping[str, Any]] = {
        "verify_email": {**code, "link": f"{at}/verify-email?token=example"},
        "magic_code": code,
        "reset_password": {"link": f"{at}/reset-password?token=example", "minutes": 15},
        "password_changed": {"when": now, **reset},
        "invitation": {
            "organization": "Analytical Engines",
            "inviter": "Charles Babbage",
            "link": f"{at}/invitation?token=example",
            "until": (now + dt.timedelta(days=7)).date(),
        },
        "already_registered": {"sign_in_link": f"{at}/sign-in", **reset},
        "email_change_code": code,
        "email_change_requested": {"new_email": "ada@lovelace.example"},
        "email_changed": {"new_email": "ada@lovelace.example", "when": now},
        "security_notice": {"what": PASSKEY_ADDED, "when": now, **reset},
        "operator_added": {
            "by": "grace@example.com",
            "role": "support",
            "what": IN_WORDS["support"],
            "link": dashboard_link(identity),
        },
        "account_deleted": {"when": now},
    }
    return {**of_all, **own[kind]}


def _mistake(error: BadTemplate) -> Invalid:
    text = f"The template of your own has a mistake: {error}"
    return Invalid.field("template", "invalid_mail_template", text)

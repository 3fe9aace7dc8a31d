"""The keys that sign tokens: which one does, which did, and a new one."""

import datetime as dt
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity.keys import list_signing_keys, rotate_signing_key
from vestibule.server.identity.models import SigningKey

PATH: Final = "/dashboard/signing-keys"
SAID: Final = {
    "rotated": "The new key is published. It signs in half an hour, once every application can know it.",
    "replaced": "The new key signs. Every application refreshes once, and nobody is signed out.",
}
WORD: Final = "rotate"
WORD_AT_ONCE: Final = "withdraw"
State = Literal["next", "current", "published", "retired"]


@dataclass(frozen=True, slots=True)
class Shown:
    key: SigningKey
    state: State
    age_days: int


def show(desk: Desk) -> Response:
    return _page(desk)


def rotate(desk: Desk) -> Response:
    if desk.form.get("confirmation", "").strip() != WORD:
        return _page(desk, mistyped=f"Type {WORD}.")
    key = rotate_signing_key(desk.identity)
    return desk.go(PATH, done="rotated" if key.signs_from > desk.identity.now else "replaced")


def withdraw(desk: Desk) -> Response:
    if desk.form.get("withdrawal", "").strip() != WORD_AT_ONCE:
        return _page(desk, mistyped_at_once=f"Type {WORD_AT_ONCE}.")
    rotate_signing_key(desk.identity, immediately=True)
    return desk.go(PATH, done="replaced")


def _page(desk: Desk, *, mistyped: str = "", mistyped_at_once: str = "") -> Response:
    now = desk.identity.now
    keys = [
        Shown(key, _state(key, now), max(0, (now - key.signs_from).days))
        for key in list_signing_keys(desk.identity)
    ]
    return desk.page(
        "signing-keys.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if mistyped or mistyped_at_once else HTTPStatus.OK,
        keys=list(reversed(keys)),
        word=WORD,
        word_at_once=WORD_AT_ONCE,
        mistyped=mistyped,
        mistyped_at_once=mistyped_at_once,
        public_url=desk.identity.settings.public_url,
    )


def _state(key: SigningKey, now: dt.datetime) -> State:
    if key.published_until is not None and key.published_until <= now:
        return "retired"
    if key.signs_from > now:
        return "next"
    return "current" if key.signs_until is None or key.signs_until > now else "published"


DEEDS: Final = (
    page(PATH, show, said=SAID),
    deed(PATH, rotate, right="manage", back=PATH, fresh=True),
    deed(PATH + "/withdraw", withdraw, right="own", back=PATH, fresh=True),
)

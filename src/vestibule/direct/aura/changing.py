"""PATCH /session: what a browser may change about its own session."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from vestibule.crypto.strict_json import Json
from vestibule.direct.aura import pairs, replies
from vestibule.direct.aura.asking import Asked, members
from vestibule.direct.aura.identity import EMAIL
from vestibule.direct.aura.way import AuraWay
from vestibule.direct.expiry import Lifetime
from vestibule.direct.kept import Kept
from vestibule.direct.sessions import kept_of
from vestibule.flow import Flow
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.wire import fields

# A name and a picture are how somebody wants to be seen. Who it is, and which address is theirs, a provider
# has said, and apps act on it: that no browser changes.
CHANGEABLE = {"name": "name", "image": "profile_picture_url"}


def change_session(way: AuraWay, visit: Visit) -> Flow[Reply]:
    """Raises SessionTooLarge."""
    asked, given = Asked.read(visit), members(visit.incoming)
    if isinstance(asked, Reply):
        return asked
    if given is None:
        return replies.invalid(body="Invalid input: expected a JSON object.")
    user = fields.members(given, "user") or {}
    expires_at = _seconds(given.get("expires"))
    problems = _problems(user, given, expires_at)
    if problems:
        return replies.invalid(**problems)
    session = yield from visit.load()
    if session is None or not pairs.fits(way, visit, session):
        return replies.data(400, {"success": False, "session": None, "redirect": False, "redirectURL": None})
    kept = _changed(kept_of(session), user, _shorter(kept_of(session).lifetime, expires_at))
    visit.replace(kept.session())
    return asked.answer(visit, 200, {"success": True, "session": replies.session_of(kept)})


def _problems(user: Any, given: dict[str, Json], expires_at: int | None) -> dict[str, str]:
    problems = {
        f"user.{name}": "Invalid input: expected string"
        for name in ("name", "image", "email")
        if not isinstance(user.get(name), str | None)
    }
    email = user.get("email")
    if isinstance(email, str) and EMAIL.fullmatch(email) is None:
        problems["user.email"] = "Invalid email address"
    if given.get("expires") is not None and expires_at is None:
        problems["expires"] = "Invalid input: expected date"
    if not isinstance(given.get("user", {}), dict):
        problems["user"] = "Invalid input: expected object"
    return problems


def _changed(kept: Kept, user: Any, lifetime: Lifetime) -> Kept:
    changes = {ours: user[theirs] for theirs, ours in CHANGEABLE.items() if theirs in user}
    return replace(kept, user=replace(kept.user, **changes), lifetime=lifetime)


def _shorter(lifetime: Lifetime, expires_at: int | None) -> Lifetime:
    """A browser may end its session earlier, never later."""
    if expires_at is None:
        return lifetime
    return replace(lifetime, expires_at=max(0, min(expires_at, lifetime.expires_at)))


def _seconds(value: object) -> int | None:
    """Of a time as JavaScript writes it."""
    if isinstance(value, str):
        try:
            return int(datetime.fromisoformat(value).timestamp())
        except (ValueError, OverflowError):
            return None
    return value // 1000 if isinstance(value, int) and not isinstance(value, bool) else None

"""More than one account for a session: connected by somebody who is signed in, never by an e-mail address."""

from dataclasses import dataclass, field, replace

from vestibule.direct.kept import DirectSession, Kept
from vestibule.errors import LoginError
from vestibule.oauth.profile import Profile
from vestibule.oauth.tokens import Tokens

__all__ = ["Link"]

NOTE = "link:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """For `on_link` and `on_unlink`, which keep in the app's database that `identity` is an account of the
    session's user. An `on_link` that raises Forbidden connects nothing; so it should when somebody else has
    this account."""

    session: DirectSession
    provider: str
    subject: str
    profile: Profile | None = None
    tokens: Tokens | None = field(default=None, repr=False)


def note_of(session: DirectSession) -> str:
    """What the transaction remembers: only this very session may be connected at its end."""
    return f"{NOTE}{session.id}"


def check_note(note: str, session: object) -> DirectSession:
    """Raises LoginError when somebody else is signed in by now, or nobody."""
    if isinstance(session, DirectSession) and note == note_of(session):
        return session
    raise LoginError(
        "You are not signed in any more as the one who wanted to connect an account.",
        code="link_session_ended",
        hint="Sign in, and connect it again.",
    )


def linked(session: DirectSession, provider: str, subject: str) -> Kept:
    kept = session.kept
    return replace(kept, accounts={**kept.accounts, provider: subject})


def unlinked(session: DirectSession, provider: str) -> Kept:
    """Raises LoginError `link_in_use` for the account that the session stands on."""
    kept = session.kept
    if provider == kept.provider:
        raise LoginError(
            "You signed in with this account, so it stays connected while you are.",
            code="link_in_use",
            hint="Sign in with another one first.",
        )
    return replace(kept, accounts={name: each for name, each in kept.accounts.items() if name != provider})

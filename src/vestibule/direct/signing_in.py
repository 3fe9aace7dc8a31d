"""A finished sign-in of direct mode, as the app's `on_sign_in` gets it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, Unpack

from vestibule.direct.expiry import Lifetime
from vestibule.direct.kept import DirectSession, Kept
from vestibule.oauth.client import Client
from vestibule.oauth.profile import Profile
from vestibule.oauth.tokens import Tokens
from vestibule.oauth.upstream import ProviderSignIn
from vestibule.session.model import SignIn
from vestibule.wire.models import User
from vestibule.wire.tokens import TokenAnswer

__all__ = ["DirectSignIn", "Grants"]


class Grants(TypedDict, total=False):
    """What an app knows of somebody and a provider does not, in the words of `requires`."""

    organization_id: str | None
    role: str | None
    roles: Any
    permissions: Any
    entitlements: Any
    feature_flags: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectSignIn(SignIn):
    """`profile` and `tokens` are the provider's; None with a password. `profile.identity` is what to know
    somebody by: never the e-mail address, which changes hands."""

    session: DirectSession
    provider: str | None = None
    profile: Profile | None = field(default=None, repr=False)
    tokens: Tokens | None = field(default=None, repr=False)

    def grant(
        self,
        *,
        user_id: str | None = None,
        metadata: Mapping[str, object] | None = None,
        **grants: Unpack[Grants],
    ) -> None:
        """For `on_sign_in`: what the app knows of this person goes into the session. `user_id`: the app's
        own, in place of `github:583231`. Raises ConfigError."""
        kept = self.session.kept.granted(grants)
        changes: dict[str, Any] = {} if user_id is None else {"id": user_id}
        if metadata is not None:
            changes["metadata"] = dict(metadata)
        kept = replace(kept, user=replace(kept.user, **changes))
        object.__setattr__(self, "session", kept.session())


def user_of(profile: Profile, client: Client) -> User:
    """Ours, of a provider's. The id begins with the provider's name here: two of them count from one."""
    return User(
        id=f"{client.id}:{profile.subject}",
        email=profile.email or "",
        email_verified=profile.email_verified,
        name=profile.name or profile.username,
        first_name=profile.given_name,
        last_name=profile.family_name,
        profile_picture_url=profile.picture,
        locale=profile.locale,
    )


def method_of(client: Client) -> str:
    """As WorkOS names it: `GitHubOAuth`."""
    return f"{client.template.name.replace(' ', '')}OAuth"


def kept_from(signed_in: ProviderSignIn, client: Client, user: User, *, now: int) -> Kept:
    """Before its id and lifetime are given by `DirectSessions.begin`."""
    at = signed_in.claims.get("auth_time")
    return Kept(
        id="",
        user=user,
        lifetime=Lifetime(now, now),
        authenticated_at=at if isinstance(at, int) and not isinstance(at, bool) and at <= now else now,
        provider=client.id,
        method=method_of(client),
        accounts={client.id: signed_in.profile.subject},
    )


def as_answer(kept: Kept) -> TokenAnswer:
    """What `SignIn.response` is where no server answered: the user, and no token."""
    return TokenAnswer(access_token="", refresh_token="", user=kept.user, authentication_method=kept.method)

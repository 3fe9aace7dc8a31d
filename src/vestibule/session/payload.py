"""What is inside the session cookie: the JavaScript family's keys, in its order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from vestibule.crypto.strict_json import Json
from vestibule.wire import fields
from vestibule.wire.models import Impersonator, OAuthTokens, User
from vestibule.wire.tokens import TokenAnswer


class UserWhenAsked:
    """The attribute `user`. One from a cookie is read when somebody asks: to know who it is takes less."""

    def __get__(self, payload: "Payload | None", owner: type["Payload"]) -> User:
        if payload is None:
            raise AttributeError("user")
        kept = payload.__dict__["user"]
        if not isinstance(kept, User):
            kept = payload.__dict__["user"] = User.from_cookie(kept)
        return kept

    def __set__(self, payload: "Payload", value: User | Mapping[str, object]) -> None:
        payload.__dict__["user"] = value


@dataclass(frozen=True, kw_only=True)
class Payload:
    """Everything that is secret about a session is here, and nowhere else."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    user: UserWhenAsked = UserWhenAsked()
    impersonator: Impersonator | None = None
    authentication_method: str | None = None
    oauth_tokens: OAuthTokens | None = field(default=None, repr=False)

    @property
    def user_id(self) -> str:
        kept = self.__dict__["user"]
        return str(kept.id if isinstance(kept, User) else kept["id"])

    @classmethod
    def read(cls, data: object) -> "Payload | None":
        """None for anything but a session: a sealed sign-in state, another product's cookie, `null`."""
        if not isinstance(data, dict):
            return None
        access_token, refresh_token = fields.text(data, "accessToken"), fields.text(data, "refreshToken")
        user = fields.members(data, "user")
        if not access_token or not refresh_token or user is None or not fields.text(user, "id"):
            return None
        try:
            return _payload(data, access_token, refresh_token, user)
        except ValueError:
            return None

    @classmethod
    def of(cls, answer: TokenAnswer, *, before: "Payload | None" = None) -> "Payload":
        """User and impersonator only from the answer, so they are never stale; what a refresh does
        not repeat is carried over from `before`."""
        method, oauth_tokens = answer.authentication_method, answer.oauth_tokens
        if before is not None:
            method = method or before.authentication_method
            oauth_tokens = oauth_tokens or before.oauth_tokens
        return cls(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            user=answer.user,
            impersonator=answer.impersonator,
            authentication_method=method,
            oauth_tokens=oauth_tokens,
        )

    def to_cookie(self) -> dict[str, object]:
        """Absent keys are left out: a null `impersonator` would mean one to the JavaScript readers."""
        data: dict[str, object] = {
            "accessToken": self.access_token,
            "refreshToken": self.refresh_token,
            "user": self.user.to_cookie(),
        }
        if self.impersonator is not None:
            data["impersonator"] = self.impersonator.to_cookie()
        if self.authentication_method is not None:
            data["authenticationMethod"] = self.authentication_method
        if self.oauth_tokens is not None:
            data["oauthTokens"] = self.oauth_tokens.to_cookie()
        return data


def in_camel_case(data: object) -> Json:
    """A session as the WorkOS Python SDK seals it, spelled as everybody else spells it."""
    user = fields.members(data, "user") if isinstance(data, dict) else None
    if not isinstance(data, dict) or user is None:
        return None
    try:
        spelled = User.from_api(user).to_cookie()
    except ValueError:
        return None
    names = {"access_token": "accessToken", "refresh_token": "refreshToken", "impersonator": "impersonator"}
    return {names[name]: value for name, value in data.items() if name in names} | {"user": spelled}


def _payload(
    data: Mapping[str, object], access_token: str, refresh_token: str, user: Mapping[str, object]
) -> Payload:
    impersonator, oauth_tokens = fields.members(data, "impersonator"), fields.members(data, "oauthTokens")
    return Payload(
        access_token=access_token,
        refresh_token=refresh_token,
        user=user,
        impersonator=Impersonator.from_cookie(impersonator) if impersonator else None,
        authentication_method=fields.text(data, "authenticationMethod"),
        oauth_tokens=OAuthTokens.from_cookie(oauth_tokens) if oauth_tokens else None,
    )

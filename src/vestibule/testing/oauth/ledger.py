"""What codes and tokens stand for: each code works once, and takes its tokens with it when it comes again."""

import secrets
from dataclasses import dataclass, field, replace

from vestibule.crypto.pkce import challenge_of
from vestibule.testing.oauth.accounts import Account
from vestibule.testing.oauth.asking import Asked, ProviderRefusal

TEN_MINUTES = 600
ONE_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What somebody has agreed to. `id` is that of all tokens that came from one code."""

    id: str
    account: Account
    asked: Asked
    at: float
    scopes: tuple[str, ...]


@dataclass(slots=True)
class _Code:
    grant: Grant = field(repr=False)
    used: bool = False


class Ledger:
    """Not safe in threads by itself."""

    def __init__(self) -> None:
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, tuple[Grant, float]] = {}
        self._refresh: dict[str, Grant] = {}
        self._spent: dict[str, str] = {}

    def issue_code(self, account: Account, asked: Asked, *, now: float) -> str:
        code = secrets.token_urlsafe(24)
        grant = Grant(id=secrets.token_hex(8), account=account, asked=asked, at=now, scopes=asked.scopes)
        self._codes[code] = _Code(grant)
        return code

    def redeem(self, code: str, *, verifier: str | None, redirect_uri: str, now: float) -> Grant:
        """Raises ProviderRefusal, with what a real provider's log would say. Without `verifier` there is no
        PKCE."""
        found = self._codes.get(code)
        if found is None:
            raise ProviderRefusal("invalid_grant", "There is no such code.")
        if found.used:
            self.end(found.grant.id)
            raise ProviderRefusal("invalid_grant", "This code was used before. What came of it is revoked.")
        if now - found.grant.at > TEN_MINUTES:
            raise ProviderRefusal("invalid_grant", "This code is older than ten minutes.")
        asked = found.grant.asked
        if redirect_uri != asked.redirect_uri:
            raise ProviderRefusal(
                "redirect_uri_mismatch",
                f"The code was asked for {asked.redirect_uri!r}, and is redeemed for {redirect_uri!r}.",
            )
        if verifier is not None and challenge_of(verifier) != asked.challenge:
            raise ProviderRefusal("invalid_grant", "code_verifier is not that of the code_challenge (PKCE).")
        found.used = True
        return found.grant

    def issue_access_token(self, grant: Grant, *, now: float) -> str:
        token = secrets.token_urlsafe(24)
        self._access[token] = (grant, now + ONE_HOUR)
        return token

    def issue_refresh_token(self, grant: Grant) -> str:
        token = secrets.token_urlsafe(24)
        self._refresh[token] = grant
        return token

    def refresh(self, token: str, *, rotates: bool, scopes: tuple[str, ...]) -> Grant:
        """Raises ProviderRefusal. One that was used before ends what came of it."""
        if token in self._spent:
            self.end(self._spent[token])
            raise ProviderRefusal(
                "invalid_grant", "This refresh token was used before. What came of it is revoked."
            )
        grant = self._refresh.get(token)
        if grant is None:
            raise ProviderRefusal("invalid_grant", "There is no such refresh token.")
        if not set(scopes) <= set(grant.scopes):
            raise ProviderRefusal("invalid_scope", "That is more than the person has agreed to.")
        if rotates:
            self._spent[token] = self._refresh.pop(token).id
        return replace(grant, scopes=scopes) if scopes else grant

    def find(self, access_token: str, *, now: float) -> Grant | None:
        grant, expires_at = self._access.get(access_token, (None, 0.0))
        return grant if now < expires_at else None

    def revoke(self, token: str) -> None:
        """What came with it ends too; an unknown one is no error (RFC 7009 §2.2)."""
        grant = self._refresh.get(token) or self._access.get(token, (None, 0.0))[0]
        if grant is not None:
            self.end(grant.id)

    def end(self, grant_id: str) -> None:
        self._access = {name: each for name, each in self._access.items() if each[0].id != grant_id}
        self._refresh = {name: each for name, each in self._refresh.items() if each.id != grant_id}

"""Who has an account at a provider, and how providers tell of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody, as the provider knows them. `claims`: whatever else it says of them, such as `hd`."""

    subject: str
    email: str | None = "ada@example.com"
    email_verified: bool = True
    name: str | None = None
    username: str = ""
    picture: str | None = None
    claims: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return self.name or self.username or self.email or self.subject


def create_account(
    *,
    email: str | None = "ada@example.com",
    subject: str | None = None,
    email_verified: bool = True,
    name: str | None = None,
    username: str | None = None,
    picture: str | None = None,
    claims: Mapping[str, object] | None = None,
) -> Account:
    """The same address is the same person in every test."""
    known_by = email or name or username or "nobody"
    usual = username or known_by.partition("@")[0].lower().replace(" ", "-")
    return Account(
        subject=subject or str(int(sha256(known_by.encode()).hexdigest()[:8], 16)),
        email=email,
        email_verified=email_verified,
        name=name or usual.replace(".", " ").replace("-", " ").title(),
        username=usual,
        picture=picture,
        claims=dict(claims or {}),
    )


def claims_of(account: Account, scopes: Collection[str]) -> dict[str, object]:
    """OpenID Connect Core §5.4: each scope opens some of them."""
    told: dict[str, object] = {"sub": account.subject, **account.claims}
    if "email" in scopes and account.email is not None:
        told |= {"email": account.email, "email_verified": account.email_verified}
    if "profile" in scopes:
        about = {"name": account.name, "preferred_username": account.username, "picture": account.picture}
        told |= {name: value for name, value in about.items() if value}
    return told


def github_user(account: Account, *, shows_email: bool) -> dict[str, object]:
    """GitHub's `/user`: what a person shows to everybody."""
    return {
        "login": account.username,
        "id": int(account.subject),
        "avatar_url": account.picture,
        "type": "User",
        "name": account.name,
        "email": account.email if shows_email else None,
        **account.claims,
    }


def github_emails(account: Account, *, shows_email: bool) -> list[dict[str, object]]:
    """The one that counts is not the first, as it need not be there."""
    hidden = f"{account.subject}+{account.username}@users.noreply.github.com"
    listed = [{"email": hidden, "primary": False, "verified": True, "visibility": None}]
    if account.email is not None:
        visibility = "public" if shows_email else "private"
        listed.append(
            {
                "email": account.email,
                "primary": True,
                "verified": account.email_verified,
                "visibility": visibility,
            }
        )
    return listed

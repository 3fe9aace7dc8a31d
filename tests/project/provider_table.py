"""docs/reference/providers.md: what is known about each OAuth provider, written from the data.

`python -m tests.project.provider_table` writes the page.
"""

import inspect
from collections.abc import Iterator

import vestibule.oauth as oauth
from tests.project.tree import ROOT
from vestibule.oauth import PROVIDERS, Provider
from vestibule.oauth.profile import trusts_email

PAGE = ROOT / "docs" / "reference" / "providers.md"
COMMON = {"client_id", "client_secret", "scopes", "params", "id"}
INTRODUCTION = """\
# OAuth providers

What `vestibule.oauth` knows about each provider. Needs the `oauth` extra, `pip install 'vestibule[oauth]'`.

Each takes `client_id`, `client_secret`, `scopes` (instead of the usual ones), `params` (more parameters of
the authorize address) and `id` (another name, for two of a kind); *settings* are those it has besides. What
is not given comes from the environment: for `github` the first that is set of `VESTIBULE_GITHUB_CLIENT_ID`,
`AURA_AUTH_GITHUB_CLIENT_ID`, `AURA_GITHUB_CLIENT_ID`, `AUTH_GITHUB_CLIENT_ID` and `GITHUB_CLIENT_ID`, and
likewise for the secret and the settings.

*Key* is what an account is known by, together with the provider (or the issuer, where each customer has one):
never an e-mail address. *Joins by e-mail* says which proof lets somebody into an account with the same
verified address; *no* means that only somebody who is signed in can connect the two.

Any OpenID Connect issuer works by its address, `oidc("https://id.example.com", id="acme")`, and any other
provider by the words of the table, `oauth2(id=…, authorize_url=…, tokens=…, user=…, profile=…)`.

Written by `python -m tests.project.provider_table` from the data in `src/vestibule/oauth/providers/`; a test
fails when it no longer says what is there.
"""
SUPPORTED = """\
## Supported

Each has a fixture in `tests/oauth/fixtures/`, written by hand from what is named as *source*, and the whole
sign-in is tested with it. The date is when the row was last compared with its source. No provider was called
over the network for it.
"""
OTHERS = """\
## Not tried yet

The same data, taken from other programs, of which no sign-in is tested: `provider_client("zoom", …)`. Try one
before you rely on it, and tell us.
"""
PKCE = {"required": "required", "supported": "yes", "ignored": "sent, ignored", "refused": "**not sent**"}


def page() -> str:
    rows = sorted(PROVIDERS.values(), key=lambda each: each.id)
    supported = [section for each in rows if each.verified for section in _section(each)]
    others = [section for each in rows if not each.verified for section in _section(each)]
    return "\n".join([INTRODUCTION, SUPPORTED, *supported, OTHERS, *others])


def _section(provider: Provider) -> Iterator[str]:
    yield f"### `{provider.id}`\n\n| {provider.name} | |\n| --- | --- |\n" + "".join(
        f"| {name} | {text} |\n" for name, text in _facts(provider) if text
    )
    if provider.quirks:
        yield "".join(f"- {quirk}\n" for quirk in provider.quirks)


def _facts(provider: Provider) -> Iterator[tuple[str, str]]:
    yield "Kind", "OpenID Connect" if provider.kind == "oidc" else "OAuth 2.0"
    yield "Also called", _codes(provider.aliases)
    yield "Issuer", _code(provider.issuer)
    yield "Authorize", _code(provider.authorize_url) or "by discovery"
    yield (
        "Tokens",
        f"{_code(provider.tokens.url) or 'by discovery'}, {provider.tokens.auth or 'by discovery'}",
    )
    yield "Scopes", _codes(provider.scopes)
    yield "Settings", _codes(_settings(provider))
    yield "PKCE", PKCE[provider.pkce]
    yield "Key", " and ".join(_code(each) for each in provider.profile.subject)
    yield "Joins by e-mail", _proof(provider)
    yield "Revocation", _code(provider.revoke_url) or ("by discovery" if provider.discovers else "none")
    yield "Documentation", f"<{provider.docs}>"
    yield "Source", provider.source + (f" ({provider.verified_on})" if provider.verified_on else "")


def _settings(provider: Provider) -> list[str]:
    function = getattr(oauth, provider.id, None)
    if function is None:
        return list(provider.slots)
    return [name for name in inspect.signature(function).parameters if name not in COMMON]


def _proof(provider: Provider) -> str:
    where = provider.profile
    if not trusts_email(provider):
        return "no"
    if where.email_proof == "claims":
        return " and ".join(_code(each) for each in where.email_verified)
    return "the second call says so" if where.email_proof == "list" else f"by being in {_code(where.email)}"


def _codes(values: list[str] | tuple[str, ...]) -> str:
    return " ".join(_code(each) for each in values)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

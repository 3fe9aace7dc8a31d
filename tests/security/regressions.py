"""What went wrong elsewhere: the ids it got, what must not happen here, and what it waits for."""

from dataclasses import dataclass

from tests.security.cases import (
    SAML,
    SCIM,
    SOCIAL,
)

CLIENTS = "client assertions"


@dataclass(frozen=True, slots=True)
class Regression:
    ids: tuple[str, ...]
    title: str
    same_as: tuple[str, ...] = ()
    waiting: str = ""


def _row(ids: str, title: str, same_as: str = "", waiting: str = "") -> Regression:
    return Regression(tuple(ids.split()), title, tuple(same_as.split()), waiting)


REGRESSIONS = (
    # Tokens
    _row(
        "CVE-2017-11424 CVE-2022-29217 DSA-3293 CVE-2024-33663 CVE-2024-37568",
        "A public key as shared secret",
    ),
    _row("CVE-2016-7036", "A secret compared with `==`"),
    _row("CVE-2024-53861", "Part of an issuer taken for the issuer"),
    _row("CVE-2025-59420 CVE-2026-32597 python-jose-413", "Unknown critical extensions passed over"),
    _row("CVE-2026-48523", "The allow-list held against another algorithm than the signature's"),
    _row("CVE-2026-48524", "A fetch for every unknown key id, and a failed one that empties the cache"),
    _row("CVE-2026-27962", "A key taken from the token itself"),
    _row("CVE-2026-28802", "An unsigned token with a blank signature"),
    _row("CVE-2026-28498", "A check that passes what it does not know"),
    _row("CVE-2026-27932 CVE-2024-28102 CVE-2026-39373", "Work without measure for encrypted tokens"),
    _row("GHSA-869p-cjfg-cm3x", "A key id that reaches more than a lookup"),
    # Toolkits
    _row("CVE-2025-68158 CVE-2026-41425", "A sign-in finished by another browser than began it"),
    _row("CVE-2025-68481", "A state without chance in it"),
    _row("CVE-2025-14546", "A state that nobody compares"),
    _row("authkit-nextjs-388 authkit-nextjs-398", "A callback that needs no cookie"),
    _row("CVE-2025-64762 CVE-2025-48947", "A cached answer with somebody's session cookie"),
    _row("CVE-2026-40155", "Somebody else's token from a shared cache"),
    _row("authkit-react-router-69", "A token for another client, rightly signed"),
    _row("CVE-2024-31999", "A session that goes on after it was ended"),
    _row("CVE-2024-35220", "A session that never ends"),
    _row("CVE-2023-48309 CVE-2023-27490", "A sign-in's state taken for a session", "CK-3"),
    _row("CVE-2022-35924", "Two addresses in one"),
    _row("CVE-2022-31127", "Markup in a mail"),
    _row("CVE-2022-31093", "A return address that breaks the callback"),
    _row("GHSA-4rxr-27mm-mxq9", "The right address with any code"),
    _row("CVE-2022-36087", "A redirect URI that keeps the parser busy"),
    _row("CVE-2021-32805", "A redirect to anywhere after sign-in", "OR-1 OR-2 OR-3"),
    _row("CVE-2021-29621 CVE-2022-21659", "Accounts told apart by time", "EN-3"),
    # Identity servers
    _row("CVE-2026-1035", "Two generations from one refresh token"),
    _row("CVE-2026-9802", "Revoked tokens that work again after a restart"),
    _row("CVE-2026-1529", "An invitation edited by its bearer"),
    _row(
        "CVE-2026-1486 CVE-2026-3009 CVE-2026-9098", "A disabled provider that still signs in", waiting=SOCIAL
    ),
    _row("CVE-2026-9087", "A proof used for another account elsewhere", waiting=SOCIAL),
    _row("CVE-2026-9689", "A parameter sent twice"),
    _row("CVE-2026-7571", "The implicit flow by a detour"),
    _row("CVE-2024-4540", "What was asked, in clear in a cookie"),
    _row("CVE-2026-9793", "A request object passed over or believed"),
    _row("CVE-2026-0976", "A path spelled otherwise"),
    _row("CVE-2026-9791", "Claims of a feature that is off"),
    _row("CVE-2025-46815", "A provider's answer used twice", waiting=SOCIAL),
    _row("CVE-2025-64101", "A link made from a forwarded header"),
    _row("CVE-2026-27945 CVE-2026-55671", "Requests to inner addresses"),
    _row("CVE-2026-27946", "A form that sets what it does not ask for"),
    _row("CVE-2026-55669", "An ID token for another client", "OI-1"),
    _row("CVE-2023-48228", "A verifier that is checked only when sent"),
    _row("CVE-2026-25922 CVE-2026-47201", "Wrapped assertions", waiting=SAML),
    _row("CVE-2026-41577", "Conditions passed over", waiting=SAML),
    _row("CVE-2026-25227", "Code in the configuration"),
    _row("CVE-2026-25748", "A malformed cookie that opens the gate"),
    _row("CVE-2026-9090", "A certificate taken from the message", waiting=SAML),
    _row(
        "CVE-2026-9091 CVE-2026-9092", "A second factor passed by, an unproved address linked", waiting=SOCIAL
    ),
    _row("CVE-2026-9094 CVE-2026-9097", "Tokens exchanged across organizations"),
    _row("CVE-2026-28512", "A user name in a redirect URI"),
    _row("CVE-2026-28513", "`and` where `or` was meant, in a code's checks"),
    _row("GHSA-3p3g-vpw6-4w66", "A client assertion used twice", waiting=CLIENTS),
    _row("Ory-26.2.5", "One error object shared by two requests"),
    _row("Kratos-26.2.19", "Parameters of the caller passed on unseen"),
    _row("CVE-2022-39222", "A sign-in finished by who only saw its address"),
    _row("CVE-2025-61928", "A user named in the body taken for a key"),
    _row("GHSA-xg6x-h9c9-2m83", "A session before the second factor"),
    _row("better-auth-9203", "A second factor asked of the wrong person"),
    _row("CVE-2026-45364", "An address spelled otherwise to begin a new count"),
    _row("CVE-2026-45337", "A device approved by anybody"),
    _row("better-auth-7196", "An address changed before it was proved"),
    _row("better-auth-9184", "One invitation accepted twice at once"),
    _row("allauth-65.13", "A name that can change, as identity"),
    _row("allauth-consume-rate", "A burst that outruns its limit", "RL-6"),
    _row("CVE-2025-61783", "Accounts linked by address unasked", "OI-3"),
    _row("CVE-2024-32879", "Two identities that differ by case taken for one"),
    _row("CVE-2019-19844", "Mail to the address that was typed"),
    _row("nOAuth", "A changeable address as key"),
    _row("CVE-2026-56450", "Codes guessed without limit", "RL-6"),
    _row("Gitea-TOTP", "A one-time password used twice"),
    # SAML, directories, passkeys
    _row("CVE-2024-45409", "A digest from elsewhere in the document", waiting=SAML),
    _row(
        "CVE-2025-25291 CVE-2025-25292 CVE-2025-66567 CVE-2025-66568",
        "Two parsers, two readings",
        waiting=SAML,
    ),
    _row("CVE-2025-29774 CVE-2025-29775", "Several signed parts, comments in digests", waiting=SAML),
    _row(
        "CVE-2025-47949 CVE-2025-54419 CVE-2020-5390 CVE-2021-21238",
        "Unsigned parts that are read",
        waiting=SAML,
    ),
    _row("CVE-2021-21239", "Any key that the message brings", waiting=SAML),
    _row("CVE-2016-10127 CVE-2016-10149", "External entities", waiting=SAML),
    _row("CVE-2017-1000433", "A check made by `assert`, gone under `python -O`"),
    _row("CVE-2017-11427", "A comment that cuts a name", waiting=SAML),
    _row("CVE-2018-7644", "Keys and digests compared loosely", waiting=SAML),
    _row("CVE-2025-41115", "An outside id taken for an inner one", waiting=SCIM),
    _row("Doyensec-SCIM", "Attributes a directory may not set", waiting=SCIM),
    _row("CVE-2026-46419", "Somebody else's credential"),
    _row("Vaultwarden-passkeys", "A challenge found, then deleted"),
    # Frameworks
    _row("CVE-2026-48710", "A host with a path that opens a guarded page"),
    _row("starlette-request-target", "A request target taken for a host"),
    _row("starlette-forms CVE-2024-47874 CVE-2026-42561", "Forms without measure", "SZ-1"),
    _row("starlette-methods", "A method that names an attribute"),
)

"""What takes text from strangers, each with what must hold whatever the text is.

A target returns when all is well and raises when something is not: an error of another kind than the
documented one is a finding too.
"""

import contextlib
from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin, urlsplit

from vestibule.cookies import parse_cookies
from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.jwt import verify
from vestibule.crypto.keys import parse_key_set
from vestibule.crypto.seal import seal, unseal
from vestibule.direct.aura.keys import AuraKeys
from vestibule.direct.aura.redirects import target
from vestibule.direct.aura.tokens import AuraTokens
from vestibule.errors import SealError, TokenError
from vestibule.server.identity.addresses import check_registrable
from vestibule.server.identity.emails import parse_email
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.redirect_uris import is_registered
from vestibule.session.return_path import sanitize_return_path

PASSWORD: Final = "a-password-that-only-the-fuzzers-know-of"
SEALED: Final = seal({"a": 1}, PASSWORD, now_ms=1_767_268_800_000)
KEYS: Final = parse_key_set(
    b'{"keys":[{"kty":"RSA","kid":"k","alg":"RS256","use":"sig","e":"AQAB","n":"'
    + b64url_encode(b"\xc5" + b"\x5a" * 254 + b"\x01").encode()
    + b'"}]}'
)
REGISTERED: Final = (
    "https://app.example.com/callback",
    "http://localhost:3000/callback",
    "https://*.preview.example.com/callback",
    "https://app.example.com/other?a=b",
)
AURA: Final = AuraTokens([AuraKeys.derive("the secret of the fuzzers", "and their salt")])
AURA_CLAIMS: Final = AURA.completed({"sub": "1"}, 1_767_268_800)
AURA_TOKEN: Final = AURA.write(AURA_CLAIMS, now=1_767_268_800)
TRUSTED: Final = ("https://*.trusted.example", "http://localhost:*")


class Finding(Exception):
    """Something that must hold does not."""


def fuzz_unseal(data: bytes) -> None:
    text = _text(data)
    for candidate in (text, SEALED[: len(data) % len(SEALED)] + text, text + SEALED):
        with contextlib.suppress(SealError):
            content = unseal(candidate, PASSWORD, now_ms=1_767_268_800_000)
            _hold(content == {"a": 1}, f"opened {candidate!r}")


def fuzz_token(data: bytes) -> None:
    header, _, rest = data.partition(b"|")
    payload, _, signature = rest.partition(b"|")
    made = ".".join(b64url_encode(part) for part in (header, payload, signature))
    known = b64url_encode(b'{"alg":"RS256","kid":"k","typ":"at+jwt"}')
    for token in (_text(data), made, f"{known}.{b64url_encode(rest)}.{b64url_encode(header)}"):
        try:
            verify(token, KEYS, now=1_767_268_800, issuers=["https://id.example.com"], audience="client_1")
        except TokenError:
            continue
        raise Finding(f"nobody can have signed {token!r}")


def fuzz_aura_token(data: bytes) -> None:
    text = _text(data)
    made = ".".join(b64url_encode(part) for part in data.split(b"|"))
    for candidate in (text, made, AURA_TOKEN[: len(data) % len(AURA_TOKEN)] + text, text + AURA_TOKEN):
        try:
            claims = AURA.read(candidate, now=1_767_268_800)
        except TokenError:
            continue
        _hold(claims == AURA_CLAIMS, f"opened {candidate!r}")


def fuzz_aura_redirect(data: bytes) -> None:
    own, text = "https://app.example.com", _text(data)
    for candidate in (text, "/" + text, "https://" + text, own + text, "https://a.trusted.example" + text):
        path = target(candidate, own_origin=own, trusted=TRUSTED)
        joined = urlsplit(urljoin(own + "/here", path))
        host = joined.hostname or ""
        known = host in ("app.example.com", "localhost") or host.endswith(".trusted.example")
        _hold(known and joined.username is None, f"leads away: {path!r}")
        _hold(path.isascii() and path.isprintable() and " " not in path, f"odd characters: {path!r}")


def fuzz_cookies(data: bytes) -> None:
    text = data.decode("latin-1")
    cookies = parse_cookies(text)
    _hold(len(cookies) <= text.count(";") + 1, "more cookies than pieces")
    for name, _ in cookies:
        _hold(";" not in name and "=" not in name, "a name holds a separator")
        _hold(name in text, "a name that nobody sent")


def fuzz_return_path(data: bytes) -> None:
    for candidate in (_text(data), "/" + _text(data), "/\\" + _text(data)):
        path = sanitize_return_path(candidate)
        _hold(path.isascii() and path.isprintable() and " " not in path, f"odd characters: {path!r}")
        _hold(path.startswith("/") and not path.startswith(("//", "/\\")), f"leads away: {path!r}")
        joined = urlsplit(urljoin("https://app.example.com/here", path))
        _hold((joined.scheme, joined.netloc) == ("https", "app.example.com"), f"leads away: {path!r}")
        _hold(sanitize_return_path(path) == path, f"not settled: {path!r}")


def fuzz_redirect_uri(data: bytes) -> None:
    text = _text(data)
    for candidate in (text, "https://" + text, REGISTERED[len(data) % 4] + text, "http://localhost:" + text):
        if is_registered(candidate, REGISTERED):
            parts = urlsplit(candidate)
            host = parts.hostname or ""
            known = host in ("app.example.com", "localhost", "127.0.0.1", "::1")
            _hold(known or host.endswith(".preview.example.com"), f"followed to {candidate!r}")
            _hold(parts.username is None and not parts.fragment, f"followed to {candidate!r}")
            _hold(parts.path in ("/callback", "/other"), f"followed to {candidate!r}")
        for staging in (True, False):
            with contextlib.suppress(Invalid):
                check_registrable(candidate, field="uri", staging=staging)


def fuzz_email(data: bytes) -> None:
    text = _text(data)
    for candidate in (text, text + "@example.com", "ada@" + text):
        try:
            parsed = parse_email(candidate)
        except ValueError:
            continue
        shown = parsed.address + parsed.key
        _hold(not set(shown) & set("\r\n\x00,;<> "), f"two addresses or a header: {candidate!r}")
        _hold(parsed.address.count("@") == parsed.key.count("@") == 1, f"two addresses: {candidate!r}")
        again = parse_email(parsed.address)
        _hold(again == parsed, f"not settled: {candidate!r}")
        _hold(parse_email(parsed.key).key == parsed.key, f"the key of a key: {candidate!r}")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _hold(claim: bool, otherwise: str) -> None:
    if not claim:
        raise Finding(otherwise)


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "unseal": fuzz_unseal,
    "token": fuzz_token,
    "aura_token": fuzz_aura_token,
    "aura_redirect": fuzz_aura_redirect,
    "cookies": fuzz_cookies,
    "return_path": fuzz_return_path,
    "redirect_uri": fuzz_redirect_uri,
    "email": fuzz_email,
}

SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "unseal": (SEALED.encode(), b"Fe26.2*1*a*b*c*0*e*f~2"),
    "token": (b'{"alg":"RS256","kid":"k","typ":"at+jwt"}|{"iss":"https://id.example.com","exp":1}|sig',),
    "aura_token": (AURA_TOKEN.encode(), b'{"alg":"HS256","typ":"JWT"}|{"sub":"1","exp":2}|sig'),
    "aura_redirect": (b"/me?tab=1#x", b"//evil.example", b"/\\evil", b"undefined", b"evil.example/@"),
    "cookies": (b'a=b; c="d"; =e; wos-session=Fe26.2*1~2',),
    "return_path": (b"/me?tab=1#x", b"//evil.example", b"/%2F/evil", b"\t/\\evil", "/\u00e9".encode()),
    "redirect_uri": (b"https://a.preview.example.com/callback", *(uri.encode() for uri in REGISTERED)),
    "email": (b"ada@example.com", "m\u0131ke@b\u00fccher.example".encode(), b'"a b"@[127.0.0.1]'),
}

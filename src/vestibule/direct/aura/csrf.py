"""Signed double submit: what a page sends in a header fits what its cookie says.

Aura's own pairs fit anybody. Ours may carry `sid`, and then fit one session only.
"""

import hmac
from typing import Final

from vestibule.crypto.encoding import b64url_encode
from vestibule.crypto.strict_json import Json
from vestibule.direct.aura.tokens import ID_LENGTH, AuraTokens, encode_claims, sign, verified
from vestibule.errors import TokenError

HEADER: Final = "x-csrf-token"


def make(tokens: AuraTokens, *, now: int, session_id: str | None = None) -> str:
    """The same text is for the cookie and for the page."""
    claims: dict[str, Json] = {"token": b64url_encode(tokens.entropy(ID_LENGTH))}
    if session_id is not None:
        claims["sid"] = session_id
    return sign(encode_claims(tokens.completed(claims, now)), tokens.keys[0].signing)


def fits(
    tokens: AuraTokens, *, cookie: str | None, header: str | None, now: float, session_id: str | None = None
) -> bool:
    """Whether this request was made by a page that may read what we answer.

    A pair without `sid` is taken in any session: Aura's are, and no other host can plant one under the
    `__Host-` name that the cookie has on https.
    """
    if not cookie or not header:
        return False
    ours, theirs = (_claims(tokens, text, now) for text in (cookie, header))
    if ours is None or theirs is None:
        return False
    same = hmac.compare_digest(_text(ours, "token").encode(), _text(theirs, "token").encode())
    return same and all("sid" not in each or each["sid"] == session_id for each in (ours, theirs))


def is_usable(tokens: AuraTokens, cookie: str | None, *, now: float, session_id: str | None) -> bool:
    """Whether the pair that a browser has is good for another request, of this session if there is one."""
    claims = _claims(tokens, cookie, now) if cookie else None
    return claims is not None and claims.get("sid") == session_id


def _claims(tokens: AuraTokens, text: str, now: float) -> dict[str, Json] | None:
    """None for what was not signed by us as a pair, or has nothing to compare."""
    try:
        claims = verified(text, [key.signing for key in tokens.keys])
        tokens.check(claims, now=now)
    except TokenError:
        return None
    return claims if _text(claims, "token") else None


def _text(claims: dict[str, Json], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""

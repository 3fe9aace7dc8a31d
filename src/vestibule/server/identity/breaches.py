"""Whether a password is in a published leak: asked by five characters of its hash, so that nobody learns it.

The protocol of "Have I Been Pwned" (range search): `GET {url}/ABCDE` answers the hashes that begin with
ABCDE, one `REST:TIMES` a line. With padding, lines are added that occur zero times, so that the size of the
answer tells an onlooker nothing either.
"""

import hashlib
import hmac
import logging
from typing import Final

from vestibule.errors import Unreachable
from vestibule.flow import Flow, HttpRequest, run
from vestibule.send import Sender

PREFIX: Final = 5
SECONDS: Final = 2.0
HEADERS: Final = {"add-padding": "true", "user-agent": "vestibule"}

log = logging.getLogger("vestibule.server.passwords")


def is_breached(url: str, password: str) -> bool:
    """False also when nobody answers in two seconds, which is logged."""
    sender = Sender(workers=1)
    try:
        return run(look_up(url, password), sender.send)
    finally:
        sender.close()


def look_up(url: str, password: str) -> Flow[bool]:
    encoded = password.encode("utf-8", "surrogatepass")
    hashed = hashlib.sha1(encoded, usedforsecurity=False).hexdigest().upper()
    address = f"{url.rstrip('/')}/{hashed[:PREFIX]}"
    try:
        answer = yield HttpRequest("GET", address, headers=HEADERS, deadline=SECONDS)
    except Unreachable:
        return _unknown("no answer")
    if answer.status != 200:
        return _unknown(f"status {answer.status}")
    return any(_is(line, hashed[PREFIX:]) for line in answer.body.decode("ascii", "replace").splitlines())


def _is(line: str, rest: str) -> bool:
    found, _, times = line.strip().partition(":")
    return hmac.compare_digest(found.upper().encode(), rest.encode()) and times.strip("0") != ""


def _unknown(reason: str) -> bool:
    log.warning("breach_lookup_failed: %s; the password was taken without it", reason)
    return False

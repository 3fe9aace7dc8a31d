"""What the scripts of the app's own pages ask besides the session: tokens, a refresh, the client itself."""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from vestibule.flow import Flow, HttpRequest
from vestibule.session.answers import signed_out
from vestibule.session.model import Session
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.wire import fields
from vestibule.wire.paths import ORGANIZATIONS

CLIENT = Path(__file__).with_name("client.js")  # built from clients/js, and compared with it by a test
ONE_HOUR = ("Cache-Control", "public, max-age=3600")


def access_token(visit: Visit) -> Flow[Reply]:
    """The token, refreshed when it ends soon. For pages of this origin and of trusted ones."""
    config = visit.config
    if not config.browser_tokens:
        return no_tokens()
    if visit.incoming.is_cross_site({*config.trusted_origins, config.origin}):
        return Reply.json(403, "cross_site", "Only pages of this site may ask.")
    session = yield from visit.load()
    return Reply.data(200, token_of(session, visit.now)) if session else signed_out(visit)


def refresh(visit: Visit) -> Flow[Reply | Session]:
    """New claims, in another organization when one is named. Raises Refused, and SignInNeeded where that
    takes a sign-in."""
    form = visit.incoming.form
    if form is None:
        return Reply.json(415, "unsupported_media_type", "Send a form or JSON.")
    session = yield from visit.load()
    if session is None:
        return signed_out(visit)
    organization_id = form.get("organization_id")
    if organization_id:
        return (yield from visit.switch(organization_id))
    # At its end the token was replaced on the way in; a second refresh would say the same.
    return session if visit.was_renewed else (yield from visit.refresh())


def organization(visit: Visit) -> Flow[Reply]:
    """The name of the session's own organization. Others are none of the visitor's business, so about them
    it says as much as about those that do not exist."""
    session = yield from visit.load()
    if session is None:
        return signed_out(visit)
    own, config = session.organization_id, visit.config
    if own is None or config.api_key is None or visit.incoming.params.get("id", own) != own:
        return Reply.data(200, None)
    response = yield HttpRequest(
        "GET",
        f"{config.url}{ORGANIZATIONS}/{quote(own, safe='')}",
        headers={"Authorization": f"Bearer {config.api_key}", "Accept": "application/json"},
        share=f"organization {own}",
        attempts=2,
    )
    name = _name(response.body) if response.status == 200 else None
    return Reply.data(200, {"id": own, "name": name} if name else None)


def client(visit: Visit) -> Reply:
    """The browser client as one module, for pages without a bundler."""
    body, tag = _module()
    if visit.incoming.headers.get("if-none-match") == tag:
        return Reply(304, (ONE_HOUR, ("ETag", tag)))
    return Reply(200, (("Content-Type", "text/javascript; charset=utf-8"), ONE_HOUR, ("ETag", tag)), body)


def token_of(session: Session, now: float) -> dict[str, object]:
    """With the seconds it is still good for: the browser's clock may be wrong."""
    return {
        "access_token": session.access_token,
        "expires_at": fields.time_text(session.expires_at),
        "expires_in": max(0, int(session.expires_at.timestamp() - now)),
    }


def no_tokens() -> Reply:
    return Reply.json(404, "browser_tokens_off", "This app gives its scripts no tokens.")


def _name(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return fields.text(found, "name") if isinstance(found, dict) else None


@cache
def _module() -> tuple[bytes, str]:
    body = CLIENT.read_bytes()
    return body, f'"{sha256(body).hexdigest()[:16]}"'

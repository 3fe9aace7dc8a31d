"""What every hosted page shares: templates, one sheet, a branding, and headers that keep a page harmless."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vestibule.server import languages, page_templates, theme
from vestibule.server.identity.branding import PLAIN, Branding
from vestibule.server.identity.models import Picture
from vestibule.server.languages import Language
from vestibule.server.settings import Settings

NOTHING: Mapping[str, str] = {}
BLANK = (
    *("product", "application", "problem", "notice", "message", "hint", "code", "request_id"),
    *("email", "login", "continue_url", "continue_text", "styles"),
)
ASSETS = {
    "vestibule.css": "text/css; charset=utf-8",
    "inbox.css": "text/css; charset=utf-8",
    "account.css": "text/css; charset=utf-8",
    "dashboard.css": "text/css; charset=utf-8",
    "dashboard.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
    "submit.js": "text/javascript; charset=utf-8",
    "passkeys.js": "text/javascript; charset=utf-8",
    "forms.js": "text/javascript; charset=utf-8",
}
NONCE_BYTES = 18
LINKED: Final = 'rel="stylesheet"'
FRAME: Final = "<iframe"
PERMISSIONS: Final = ", ".join(
    [
        *("publickey-credentials-get=(self)", "publickey-credentials-create=(self)"),
        *(
            f"{name}=()"
            for name in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
        ),
    ]
)
"""Passkeys are for us alone; nothing here needs the others."""


def render(
    template: str,
    *,
    settings: Settings,
    status: int = 200,
    leads_to: Iterable[str] = (),
    script: str = "",
    branding: Branding = PLAIN,
    framed: bool = False,
    language: Language | None = None,
    here: str | None = None,
    headers: Mapping[str, str] = NOTHING,
    errors: Mapping[str, str] = NOTHING,
    values: Mapping[str, str] = NOTHING,
    **context: object,
) -> HTMLResponse:
    """A page. `leads_to`: the addresses a form on it may end at by redirects, besides this server. `script`:
    the files of ours that may run on it, with blanks between; they ask this server and nobody else. `here`:
    the query that brings it again, in another language as well. `framed`: a page of ours may show it inside.

    Chromium applies `form-action` to the redirects that follow a form's POST, so a sign-in page that
    does not name the application's origin could never lead back to it.
    """
    nonce = secrets.token_urlsafe(NONCE_BYTES) if script else ""
    spoken = language or languages.english()
    given = (
        _defaults(settings)
        | {"script": script, "nonce": nonce, "branding": branding, "sheet": theme.HERE}
        | {"language": spoken, "here": here, "languages": languages.available()}
        | context
        | {"errors": Blanks(errors), "values": Blanks(values)}
    )
    given["words"] = Blanks(branding.words(spoken.tag))
    given["product"] = branding.name or given["product"] or branding.product
    filled = page_templates.fill(template, given, own=settings.page_templates)
    html, sheet = theme.dress(filled, branding)
    page = HTMLResponse(html, status_code=status, headers=dict(headers))
    styles = f"'self' {sheet.source}" if LINKED in html else sheet.source
    if FRAME in html:
        styles += "; frame-src 'self'"
    page.headers.update(_headers(leads_to, nonce, styles, framed=framed))
    return page


class Blanks(dict[str, str]):
    """What was typed, or what was wrong with it, by input; '' for the rest."""

    def __missing__(self, key: str) -> str:
        return ""


def _defaults(settings: Settings) -> dict[str, object]:
    return dict.fromkeys(BLANK, "") | {
        "base": settings.path,
        "development": settings.development,
        "password_min_length": settings.password_min_length,
    }


def _headers(leads_to: Iterable[str], nonce: str, styles: str, *, framed: bool) -> dict[str, str]:
    targets = " ".join(["'self'", *sorted({source for url in leads_to if (source := form_target(url))})])
    framers = "'self'" if framed else "'none'"
    scripts = f"script-src 'nonce-{nonce}'; connect-src 'self'; " if nonce else ""
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; {scripts}style-src {styles}; img-src 'self' data:; "
            f"form-action {targets}; frame-ancestors {framers}; base-uri 'none'"
        ),
        "Cache-Control": "no-store",
        "Permissions-Policy": PERMISSIONS,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def form_target(url: str) -> str:
    """What `form-action` must name for `url`: its origin, or the scheme of a native app; '' for neither."""
    parts = urlsplit(url)
    source = f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
    # What does not look like a source would end the directive and begin another.
    return source if re.fullmatch(r"[a-z][a-z0-9+.-]*:(//[A-Za-z0-9.\-\[\]:*]+)?", source) else ""


@cache
def asset_body(name: str) -> bytes:
    return files("vestibule.server").joinpath("static", name).read_bytes()


@cache
def asset(name: str) -> str:
    """The address of a static file below the server's own; it changes with the content, so browsers may keep
    it for ever."""
    return f"/assets/{name}?v={hashlib.sha256(asset_body(name)).hexdigest()[:12]}"


def picture(shown: Picture) -> str:
    """The address of a picture of the branding, below the server's own; it changes with the picture."""
    return f"/branding/{shown.place.replace('_', '-')}?v={shown.digest[:12]}"


async def _asset(request: Request) -> Response:
    name = str(request.path_params["name"])
    if name not in ASSETS:
        return Response(status_code=404)
    lasting = "public, max-age=31536000, immutable" if "v" in request.query_params else "no-cache"
    return Response(
        asset_body(name),
        headers={"Cache-Control": lasting, "X-Content-Type-Options": "nosniff"},
        media_type=ASSETS[name],
    )


def asset_routes() -> list[Route]:
    return [Route("/assets/{name}", _asset, methods=["GET"])]


page_templates.GLOBALS.update(asset=asset, picture=picture)

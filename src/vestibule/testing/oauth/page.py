"""What a person sees at the provider: who they are here, and a way to say no. Works without scripts."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from vestibule.flow import HttpResponse
from vestibule.testing.oauth.accounts import Account

STYLE = "/provider.css"
SHEET = Path(__file__).with_name("provider.css")


def sheet() -> HttpResponse:
    return HttpResponse(200, SHEET.read_bytes(), {"content-type": "text/css; charset=utf-8"})


def choice_page(name: str, people: Sequence[Account], *, app: str, redirect_uri: str) -> HttpResponse:
    """A button for each, and "Cancel"."""
    body = "".join(
        f'<button name="account" value="{escape(each.subject)}">{escape(each.label)}'
        f"<span>{escape(each.email or each.username)}</span></button>"
        for each in people
    )
    host = urlsplit(redirect_uri).netloc or redirect_uri
    lead = f"Choose who signs in to <strong>{escape(app)}</strong> at {escape(host)}."
    form = f'<form method="post">{body}<button class="cancel" name="cancel" value="1">Cancel</button></form>'
    return _page(200, f"Sign in with {name}", lead, form, way_out=redirect_uri)


def refusal_page(name: str, error: str, description: str, *, status: int) -> HttpResponse:
    """Shown when there is no address that anybody may be sent back to."""
    alert = f'<p role="alert">{escape(description)}</p><p><code>{escape(error)}</code></p>'
    return _page(status, f"{name} does not go on", "The app that sent you here has to be mended.", alert)


def _page(status: int, title: str, lead: str, content: str, *, way_out: str = "") -> HttpResponse:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{STYLE}"></head><body><main>'
        f"<h1>{escape(title)}</h1><p>{lead}</p>{content}"
        "<footer>A provider for tests. Nobody is asked for a password here.</footer></main></body></html>"
    )
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "content-security-policy": _policy(way_out),
        "referrer-policy": "no-referrer",
    }
    return HttpResponse(status, html.encode(), headers)


def _policy(way_out: str) -> str:
    """Chromium looks at the redirect after a form as well."""
    parts = urlsplit(way_out)
    origin = f" {parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""
    return (
        f"default-src 'none'; style-src 'self'; form-action 'self'{origin}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )

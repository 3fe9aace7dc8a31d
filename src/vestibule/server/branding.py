"""Branding over HTTP: its pictures for everybody, and a page in colors that nobody has saved yet."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server import pages
from vestibule.server.hops import Hops
from vestibule.server.identity.branding import Branding, find_picture
from vestibule.server.identity.context import Identity
from vestibule.server.languages import Language

# Whoever opens an SVG by itself gets a picture, too: no script, no address of ours, nothing from elsewhere.
# Its own style attributes are all that it may have, or Firefox would not even paint it inside a page.
ALONE: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
LASTING: Final = "public, max-age=31536000, immutable"

ANYBODY: Final[Mapping[str, Any]] = {
    **{"login": "", "csrf": "", "email": "ada@example.com", "application": "", "invited": "", "notice": ""},
    **{"sign_up": True, "passwords": True, "magic": True, "passkeys": True, "providers": (), "again": False},
    **{"last_method": "", "script": "", "first_name": "", "last_name": ""},
}
PREVIEWS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "sign-in": ("login/sign-in.html", ANYBODY),
    "password": ("login/password.html", ANYBODY),
    "sign-up": ("login/sign-up.html", ANYBODY),
    "problem": (
        "login/sign-in.html",
        {
            **ANYBODY,
            "errors": {"email": "Enter your email address."},
            "problem": "This is how a problem looks.",
        },
    ),
}


def routes(identity: Identity, hops: Hops) -> list[Route]:
    async def answer(request: Request) -> Response:
        place = str(request.path_params["name"]).replace("-", "_")
        return await hops.run(_picture, identity, place, "v" in request.query_params)

    return [Route("/branding/{name}", answer, methods=["GET"])]


def preview(
    identity: Identity, branding: Branding, *, page: str = "sign-in", language: Language | None = None
) -> Response:
    """One of `PREVIEWS` as it would look: for a frame in a page of ours. It runs and sends nothing.

    `identity.branding.draft_branding` makes the branding out of what is typed.
    """
    template, context = PREVIEWS[page]
    shown = pages.render(
        template, settings=identity.settings, branding=branding, language=language, framed=True, **context
    )
    shown.headers["content-security-policy"] += "; sandbox"
    # A page in a frame takes the focus from nobody, and browsers complain about one that tries.
    shown.body = bytes(shown.body).replace(b" autofocus", b"")
    shown.headers["content-length"] = str(len(shown.body))
    return shown


def _picture(identity: Identity, place: str, versioned: bool) -> Response:
    found = find_picture(identity, place)
    if found is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    picture, content = found
    return Response(
        content,
        media_type=picture.media_type,
        headers={
            "Cache-Control": LASTING if versioned else "no-cache",
            "Content-Security-Policy": ALONE,
            "X-Content-Type-Options": "nosniff",
        },
    )

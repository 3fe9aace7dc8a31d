"""The answer as a form that the browser posts, or somebody by a button (OAuth 2.0 Form Post)."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vestibule.server import browsers, pages
from vestibule.server.hops import Hops
from vestibule.server.identity.branding import last_branding
from vestibule.server.identity.context import Identity
from vestibule.server.identity.responding import open_posting


def routes(identity: Identity, hops: Hops) -> list[Route]:
    async def answer(request: Request) -> Response:
        posting = open_posting(identity, request.query_params.get("sealed", ""))
        if posting is None:
            return RedirectResponse("/continue", 303)  # which says where to begin
        page = pages.render(
            "form-post.html",
            settings=identity.settings,
            branding=last_branding(identity),
            language=browsers.language(request, identity.settings),
            leads_to=[posting.redirect_uri],
            action=posting.redirect_uri,
            answer=posting.answer,
        )
        policy = page.headers["content-security-policy"]
        page.headers["content-security-policy"] = f"{policy}; script-src 'self'"
        return page

    return [Route("/oauth2/answer", answer, methods=["GET"])]

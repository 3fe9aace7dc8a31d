"""The development inbox: the mail a development server keeps, so that a newcomer needs no mail server."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vestibule.server import pages
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.outbox import Mail, list_mails, read_mail

# Like a mail program: no scripts, no forms, nothing from elsewhere; but links may be followed.
AS_SENT: Final = (
    "sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)

View = Callable[[Identity, Mail], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(identity: Identity, hops: Hops) -> list[Route]:
    """None outside development: what is in there opens accounts."""
    if not identity.settings.development:
        return []
    return [
        Route("/dev/inbox", _listing(identity, hops), methods=["GET"]),
        Route("/dev/inbox/{mail_id}", _one(identity, hops, _as_text), methods=["GET"]),
        Route("/dev/inbox/{mail_id}/as-sent", _one(identity, hops, _as_sent), methods=["GET"]),
    ]


def _listing(identity: Identity, hops: Hops) -> Endpoint:
    def show() -> Response:
        return pages.render(
            "inbox/list.html", settings=identity.settings, styles="inbox.css", mails=list_mails(identity)
        )

    async def answer(request: Request) -> Response:
        return await hops.run(show)

    return answer


def _one(identity: Identity, hops: Hops, view: View) -> Endpoint:
    def show(mail_id: str) -> Response:
        try:
            return view(identity, read_mail(identity, mail_id))
        except NotFound:
            return _missing(identity)

    async def answer(request: Request) -> Response:
        return await hops.run(show, request.path_params["mail_id"])

    return answer


def _as_text(identity: Identity, mail: Mail) -> Response:
    return pages.render(
        "inbox/mail.html", settings=identity.settings, styles="inbox.css", mail=mail, text=mail.text
    )


def _as_sent(identity: Identity, mail: Mail) -> Response:
    return HTMLResponse(mail.html, headers={"Content-Security-Policy": AS_SENT, "Cache-Control": "no-store"})


def _missing(identity: Identity) -> HTMLResponse:
    return pages.render(
        "error.html",
        settings=identity.settings,
        status=404,
        title="There is no such mail",
        message="It may have been sent by another server, or the database was made anew.",
        code="mail_not_found",
        continue_url=identity.settings.link("/dev/inbox"),
        continue_text="All mail",
    )

"""The development inbox: the mail a development server keeps, so that a newcomer needs no mail server."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vestibule.server import pages
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.outbox import list_mails, read_mail

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(identity: Identity, hops: Hops) -> list[Route]:
    """None outside development: what is in there opens accounts."""
    if not identity.settings.development:
        return []
    return [
        Route("/dev/inbox", _listing(identity, hops), methods=["GET"]),
        Route("/dev/inbox/{mail_id}", _letter(identity, hops), methods=["GET"]),
    ]


def _listing(identity: Identity, hops: Hops) -> Endpoint:
    def show() -> Response:
        return pages.render("inbox/list.html", settings=identity.settings, mails=list_mails(identity))

    async def answer(request: Request) -> Response:
        return await hops.run(show)

    return answer


def _letter(identity: Identity, hops: Hops) -> Endpoint:
    def show(mail_id: str) -> Response:
        try:
            mail = read_mail(identity, mail_id)
        except NotFound:
            return _missing(identity)
        return pages.render("inbox/mail.html", settings=identity.settings, mail=mail, text=mail.text)

    async def answer(request: Request) -> Response:
        return await hops.run(show, request.path_params["mail_id"])

    return answer


def _missing(identity: Identity) -> HTMLResponse:
    return pages.render(
        "error.html",
        settings=identity.settings,
        status=404,
        title="There is no such mail",
        message="It may have been sent by another server, or the database was made anew.",
        code="mail_not_found",
        continue_url="/dev/inbox",
        continue_text="All mail",
    )

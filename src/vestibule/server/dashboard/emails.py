"""Mail: which letters there are and how each looks, whether they leave, and what could not be sent."""

from typing import Final
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

from vestibule.server import languages
from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity.errors import Conflict, Invalid, TooMany
from vestibule.server.identity.letter_examples import KINDS, get_kind, preview, send_example
from vestibule.server.identity.letters import is_inbox
from vestibule.server.identity.outbox import list_troubled_mails, retry_mail
from vestibule.server.mail.render import own_template
from vestibule.server.settings import Settings

PATH: Final = "/dashboard/emails"
ONE: Final = f"{PATH}/{{kind}}"
# Like a mail program: no script, no form, nothing from elsewhere. Letters bring their style along.
AS_SENT: Final = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
SAID: Final = {
    "sent": "It is on its way to your own address.",
    "retried": "It is tried again within a few seconds.",
}


def show(desk: Desk) -> Response:
    return _list(desk)


def _list(desk: Desk, *, problem: str = "") -> Response:
    settings = desk.identity.settings
    own = settings.mail_templates
    return desk.page(
        "emails.html",
        status=409 if problem else 200,
        kinds=[(each, own_template(each.kind, settings.locale, own)) for each in KINDS],
        sender=settings.mail_from,
        server=_server(settings),
        inbox=is_inbox(desk.identity),
        own=own,
        troubled=list_troubled_mails(desk.identity),
        problem=problem,
    )


def _server(settings: Settings) -> str:
    """Without user name and password."""
    if settings.smtp_url is None:
        return ""
    parts = urlsplit(settings.smtp_url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def show_one(desk: Desk) -> Response:
    return _one(desk)


def _one(desk: Desk, *, problem: str = "", status: int = 422) -> Response:
    kind, tag = get_kind(desk.path("kind")), _language(desk).tag
    message = None
    try:
        message = preview(desk.identity, kind.kind, locale=tag)
    except Invalid as error:
        problem = error.message
    return desk.page(
        "email.html",
        status=status if problem else 200,
        kind=kind,
        message=message,
        tag=tag,
        choices=[(each.tag, each.name) for each in languages.available()],
        own=own_template(kind.kind, tag, desk.identity.settings.mail_templates),
        recipient=desk.operator.email,
        inbox=is_inbox(desk.identity),
        problem=problem,
    )


def show_html(desk: Desk) -> Response:
    """As a mail program shows it, for the frame in the page about it."""
    message = preview(desk.identity, get_kind(desk.path("kind")).kind, locale=_language(desk).tag)
    return HTMLResponse(
        message.html,
        headers={
            "Content-Security-Policy": AS_SENT,
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        },
    )


def send(desk: Desk) -> Response:
    kind, tag = get_kind(desk.path("kind")), _language(desk).tag
    try:
        send_example(desk.identity, kind.kind, recipient=desk.operator.email, locale=tag)
    except TooMany as error:
        problem = f"That were many in a short time: try again in {error.retry_after} seconds."
        return _one(desk, problem=problem, status=429)
    except Invalid as error:
        return _one(desk, problem=error.message)
    return desk.go(ONE.format(kind=kind.kind), done="sent", lang=tag)


def retry(desk: Desk) -> Response:
    try:
        retry_mail(desk.identity, desk.path("id"))
    except Conflict as error:
        return _list(desk, problem=error.message)
    return desk.go(PATH, done="retried")


def _language(desk: Desk) -> languages.Language:
    asked = desk.form.get("lang") or desk.query("lang") or desk.identity.settings.locale
    return languages.find_language(asked) or languages.english()


DEEDS: Final = (
    page(PATH, show, said=SAID),
    deed(f"{PATH}/waiting/{{id}}/retry", retry, right="support", back=PATH),
    page(ONE, show_one, said=SAID),
    page(f"{ONE}/html", show_html),
    deed(f"{ONE}/test", send, right="support", back=ONE),
)

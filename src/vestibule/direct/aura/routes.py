"""What Aura's routes answer: its client asks these, and so do the functions of its guide."""

from urllib.parse import urlencode

from vestibule.direct.aura import csrf, pairs, replies
from vestibule.direct.aura.asking import Asked, param
from vestibule.direct.aura.changing import change_session
from vestibule.direct.aura.credentials import sign_in_with_password
from vestibule.direct.aura.ending import callback
from vestibule.direct.aura.providers import about_provider
from vestibule.direct.aura.way import AuraWay
from vestibule.direct.beginning import check_mount, depart
from vestibule.direct.sessions import kept_of
from vestibule.direct.settings import CREDENTIALS
from vestibule.direct.signing_out import after_end
from vestibule.errors import LoginError
from vestibule.flow import Flow
from vestibule.session.answers import our_path
from vestibule.session.cors import preflight
from vestibule.session.reply import Reply
from vestibule.session.routes import same_loopback
from vestibule.session.session_cookie import delete_session
from vestibule.session.visit import Visit
from vestibule.session.way import Answer

METHODS = ("GET", "POST", "PATCH", "DELETE")
HEADERS = f"content-type, {csrf.HEADER}"
HINT = "session_token"


def answer(way: AuraWay, visit: Visit, kind: str, rest: str) -> Flow[Answer]:
    """Raises LoginError for a person to read, Unreachable and ConfigError."""
    if kind == "callback":
        return (yield from callback(way, visit, rest))
    permission = preflight(visit.incoming, visit.config, METHODS, headers=HEADERS)
    if permission is not None:
        return permission
    first, _, name = rest.partition("/")
    method = visit.incoming.method
    if first == "providers":
        return (yield from about_provider(way, visit, name))
    if first == "signIn":
        return (yield from _sign_in(way, visit, name))
    if first == "session":
        if method == "PATCH":
            return (yield from change_session(way, visit))
        return (yield from _session(visit)) if method == "GET" else replies.wrong_method("GET", "PATCH")
    if first == "csrfToken":
        return (yield from _csrf_token(way, visit)) if method == "GET" else replies.wrong_method("GET")
    if first == "signOut":
        return (yield from _sign_out(way, visit)) if method == "POST" else replies.wrong_method("POST")
    return replies.not_found()  # signUp: the accounts are the app's, and so is making them


def _session(visit: Visit) -> Flow[Reply]:
    session = yield from visit.load()
    if session is None:
        if not visit.pending:
            visit.carry(delete_session(visit.config))
        return replies.data(401, {"success": False, "authenticated": False, "session": None})
    shown = replies.session_of(kept_of(session))
    return replies.data(200, {"success": True, "authenticated": True, "session": shown})


def _csrf_token(way: AuraWay, visit: Visit) -> Flow[Reply]:
    session = yield from visit.load()
    pair = pairs.give(way, visit, session.id if session else None)
    return replies.data(200, {"csrfToken": pair})


def _sign_in(way: AuraWay, visit: Visit, name: str) -> Flow[Answer]:
    method = visit.incoming.method
    if name == CREDENTIALS and method == "POST" and way.hooks.authorize is not None:
        return (yield from sign_in_with_password(way, visit))
    if method != "GET":
        return replies.wrong_method("POST" if name == CREDENTIALS else "GET")
    if name not in way.clients:
        return replies.unknown_provider(way)
    asked = Asked.read(visit)
    if isinstance(asked, Reply):
        return asked
    if not asked.redirect:
        # Our own address: the cookie of a sign-in is set by a navigation, never while data is fetched.
        query = urlencode({"redirectTo": asked.to} if asked.to else {})
        url = f"{visit.config.origin}{our_path(visit, f'signIn/{name}')}?{query}"
        return replies.data(200, {"success": True, "redirect": False, "signInURL": url})
    return (yield from _begin(way, visit, name, asked))


def _begin(way: AuraWay, visit: Visit, name: str, asked: Asked) -> Flow[Reply]:
    if visit.incoming.is_prefetch:
        message = "Sign-in begins when somebody asks for it."
        return replies.error(403, "AUTH_FLOW", "PREFETCH_REFUSED", message)
    elsewhere = same_loopback(visit)
    if elsewhere:
        return Reply.redirect(elsewhere)
    check_mount(way, visit)
    home = visit.incoming.root_path + visit.config.home
    try:
        url = yield from depart(way, visit, name, return_to=asked.to or asked.here or home)
    except LoginError as failure:
        if visit.incoming.wants_page:
            raise
        return replies.failed(visit, failure)
    return replies.redirect(url, {"success": True, "redirect": True, "signInURL": url})


def _sign_out(way: AuraWay, visit: Visit) -> Flow[Reply]:
    asked = Asked.read(visit)
    if isinstance(asked, Reply):
        return asked
    if param(visit.incoming, "token_type_hint") not in (None, HINT):
        return replies.invalid(token_type_hint=f'Invalid input: expected "{HINT}"')
    session = yield from visit.load()
    refused = {"success": False, "redirect": False, "redirectURL": None}
    if not pairs.fits(way, visit, session):
        return replies.data(403, refused)
    if session is None:
        return replies.data(401, refused)
    visit.end()
    pairs.forget(way, visit)
    yield from after_end(way, visit)
    return asked.answer(visit, 202, {"success": True})

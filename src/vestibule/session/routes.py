"""The routes every app gets: sign-in, sign-up, callback, sign-out, and what the scripts of its pages ask."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from vestibule.errors import LoginError
from vestibule.flow import Flow
from vestibule.session import scripts
from vestibule.session.answers import our_path, signed_out
from vestibule.session.config import Config
from vestibule.session.cors import preflight
from vestibule.session.incoming import Incoming
from vestibule.session.model import Session, SignIn
from vestibule.session.own_paths import PATHS
from vestibule.session.pages import ANYWHERE, security_headers, sign_out_page
from vestibule.session.reply import Reply
from vestibule.session.return_path import sanitize_return_path
from vestibule.session.sessions import Sessions
from vestibule.session.targets import local_target
from vestibule.session.visit import Visit
from vestibule.session.way import Answer
from vestibule.wire import fields

METHODS = {
    "sign_in": ("GET", "HEAD"),
    "sign_up": ("GET", "HEAD"),
    "callback": ("GET",),
    "sign_out": ("POST", "GET", "HEAD"),
    "session": ("GET", "HEAD"),
    "organization": ("POST", "GET"),
    "access_token": ("GET",),
    "refresh": ("POST",),
    "client": ("GET", "HEAD"),
}
WITH_BODY = frozenset({"organization", "refresh", "sign_out"})
NAMES = {path: name for name, path in PATHS.items()}
# Where a sign-in may have been spoiled by being opened again: a live session is then good enough.
REPLAYED = frozenset({"verifier_cookie_missing", "state_mismatch"})
PROMPTS = frozenset({"login", "none", "consent", "select_account"})
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MAX_PARAM = 512


class ThroughServer:
    """The `Way` of apps with an identity server."""

    def sessions(self, config: Config, *, clock: Callable[[], float]) -> Sessions:
        return Sessions(config, clock=clock)

    def route_of(self, incoming: Incoming, config: Config) -> str | None:
        return route_of(incoming, prefix=config.prefix, callback_path=config.callback_path)

    def reads_body(self, route: str) -> bool:
        return route in WITH_BODY

    def takes_cross_site(self, route: str) -> bool:
        return False

    def answer(self, visit: Visit, route: str) -> Flow[Answer]:
        return (yield from answer(visit, route))


def answer(visit: Visit, route: str) -> Flow[Reply | SignIn]:
    permission = preflight(visit.incoming, visit.config, METHODS[route])
    if permission is not None:
        return permission
    if visit.incoming.method not in METHODS[route]:
        allow = ("Allow", ", ".join(METHODS[route]))
        return Reply.json(405, "method_not_allowed", f"Use {METHODS[route][0]} here.", headers=(allow,))
    if route in ("sign_in", "sign_up"):
        return begin(visit, route)
    if route == "sign_out":
        return sign_out(visit)
    if route == "client":
        return scripts.client(visit)
    flows: dict[str, Callable[[Visit], Flow[Reply | SignIn]]] = {
        "callback": callback,
        "session": session,
        "organization": organization,
        "access_token": scripts.access_token,
        "refresh": refresh,
    }
    return (yield from flows[route](visit))


def callback(visit: Visit) -> Flow[Reply | SignIn]:
    try:
        return (yield from visit.finish())
    except LoginError as error:
        if error.code == "state_missing":
            # Begun at the server (an impersonation, a link in a mail): such a code is never taken,
            # but the sign-in can begin again here, bound to this browser.
            return Reply.redirect(our_path(visit, "sign-in"))
        if error.code in REPLAYED and (yield from visit.load()) is not None:
            return Reply.redirect(visit.return_path_of_state())
        raise


def organization(visit: Visit) -> Flow[Reply | SignIn]:
    """Raises Refused, and SignInNeeded where a switch is not enough."""
    if visit.incoming.method == "GET":
        return (yield from scripts.organization(visit))
    form = visit.incoming.form
    if form is None:
        return Reply.json(415, "unsupported_media_type", "Send a form or JSON.")
    organization_id = form.get("organization_id")
    if not organization_id:
        return Reply.json(400, "organization_id_missing", "organization_id is missing.")
    if (yield from visit.load()) is None:
        return signed_out(visit)
    target = local_target(form.get("return_to"), visit.incoming.root_path + visit.config.home)
    switched = yield from visit.switch(organization_id, return_to=target)
    if visit.incoming.is_htmx:
        return Reply.data(200, {"session": describe(switched)}, headers=(("HX-Redirect", target),))
    if visit.incoming.wants_page:
        return Reply.redirect(target)
    return Reply.data(200, {"session": describe(switched)})


def route_of(incoming: Incoming, *, prefix: str, callback_path: str) -> str | None:
    """The callback's path is the browser's view of it, so it may include what the app is mounted under."""
    if callback_path in (incoming.root_path + incoming.path, incoming.path):
        return "callback"
    if not incoming.path.startswith(f"{prefix}/"):
        return None
    return NAMES.get(incoming.path[len(prefix) + 1 :])


def begin(visit: Visit, route: str) -> Reply:
    incoming = visit.incoming
    reply = not_yet(visit)
    if reply is not None:
        return reply
    params = short_params(incoming)
    return Reply.redirect(
        visit.begin(
            screen_hint=PATHS[route],
            return_path=incoming.params.get("return_to"),
            organization_id=params.get("organization_id"),
            login_hint=params.get("login_hint"),
            domain_hint=params.get("domain_hint"),
            invitation_token=params.get("invitation_token"),
            prompt=prompt_of(params),
            acr_values=params.get("acr_values"),
            max_age=max_age_of(params),
        )
    )


def not_yet(visit: Visit) -> Reply | None:
    """What a request gets in place of the beginning of a sign-in; None: begin."""
    if visit.incoming.method == "HEAD":
        return Reply(204)
    if visit.incoming.is_prefetch:
        # Nobody has asked yet, and unused cookies pile up until servers refuse the header.
        return Reply.json(403, "prefetch_refused", "Sign-in begins when somebody asks for it.")
    elsewhere = same_loopback(visit)
    return Reply.redirect(elsewhere) if elsewhere else None


def short_params(incoming: Incoming) -> dict[str, str]:
    return {name: value for name, value in incoming.params.items() if value and len(value) <= MAX_PARAM}


def prompt_of(params: Mapping[str, str]) -> str | None:
    prompt = params.get("prompt")
    return prompt if prompt in PROMPTS else None


def max_age_of(params: Mapping[str, str]) -> int | None:
    text = params.get("max_age", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def sign_out(visit: Visit) -> Reply:
    incoming = visit.incoming
    if incoming.method == "HEAD":
        return Reply(204)
    if incoming.method == "GET" and (incoming.came_from_elsewhere or incoming.is_prefetch):
        html = sign_out_page(
            action=our_path(visit, "sign-out"),
            return_to=incoming.params.get("return_to"),
            home=incoming.root_path + visit.config.home,
        )
        return Reply.page(200, html, headers=security_headers(form_action=ANYWHERE))
    fields_given = {**incoming.params, **((incoming.form or {}) if incoming.method == "POST" else {})}
    target = visit.end(return_to=fields_given.get("return_to"))
    if incoming.is_htmx:
        return Reply.data(200, {"url": target}, headers=(("HX-Redirect", target),))
    if "application/json" in incoming.headers.get("accept", "").lower() and not incoming.wants_page:
        # A script must let the browser itself go there: its own request would stop at the other origin.
        return Reply.data(200, {"url": target})
    return Reply.redirect(target)


def session(visit: Visit) -> Flow[Reply | SignIn]:
    current = yield from visit.load()
    if current is None:
        reason = visit.reason.value if visit.reason else None
        return Reply.data(200, {"session": None, "reason": reason})
    return Reply.data(200, {"session": describe(current)})


def refresh(visit: Visit) -> Flow[Reply | SignIn]:
    """Raises Refused, and SignInNeeded."""
    answer = yield from scripts.refresh(visit)
    if isinstance(answer, Reply):
        return answer
    tokens = scripts.token_of(answer, visit.now) if visit.config.browser_tokens else {}
    return Reply.data(200, {"session": describe(answer), **tokens})


def describe(current: Session) -> dict[str, object]:
    """What the app's own pages may know: no token."""
    impersonator = current.impersonator
    return {
        "id": current.id,
        "user": current.user.to_api(),
        "organization_id": current.organization_id,
        "role": current.role,
        "roles": sorted(current.roles),
        "permissions": sorted(current.permissions),
        "entitlements": sorted(current.entitlements),
        "feature_flags": sorted(current.feature_flags),
        "impersonator": impersonator.to_cookie() if impersonator else None,
        "authentication_method": current.authentication_method,
        "authenticated_at": fields.time_text(current.authenticated_at),
        "expires_at": fields.time_text(current.expires_at),
    }


def same_loopback(visit: Visit) -> str | None:
    """On 127.0.0.1 with the callback on localhost the verifier cookie would be lost: change over first."""
    incoming = visit.incoming
    try:
        here, there = urlsplit(f"//{incoming.host}"), urlsplit(visit.config.origin)
        same_port = here.port == there.port
    except ValueError:
        return None
    names = {here.hostname, there.hostname}
    if not same_port or len(names) == 1 or not names <= LOOPBACK or visit.config.cookie_domain:
        return None
    return visit.config.origin + sanitize_return_path(incoming.url_path)

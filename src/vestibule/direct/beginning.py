"""Sending a browser to a provider: to sign in there, or to connect the account it has there."""

from urllib.parse import urlsplit

from vestibule.cookies import SetCookie, is_secure
from vestibule.direct.kept import DirectSession
from vestibule.direct.linking import note_of
from vestibule.direct.pages import Choice, sign_in_page
from vestibule.direct.settings import CREDENTIALS
from vestibule.direct.way import DirectWay
from vestibule.errors import ConfigError
from vestibule.flow import Flow
from vestibule.oauth.transaction import cookies_to_evict, transaction_cookie
from vestibule.session.answers import our_path, signed_out
from vestibule.session.pages import security_headers
from vestibule.session.reply import Reply
from vestibule.session.return_path import sanitize_return_path
from vestibule.session.routes import max_age_of, not_yet, prompt_of, short_params
from vestibule.session.targets import local_target
from vestibule.session.visit import Visit

HINTS = ("login_hint", "prompt", "max_age")


def choose_way(way: DirectWay, visit: Visit) -> Flow[Reply]:
    """Straight to the one provider, or a page with all ways of signing in."""
    if len(way.clients) == 1 and way.hooks.authorize is None:
        return (yield from begin(way, visit, next(iter(way.clients))))
    if visit.incoming.method == "HEAD":
        return Reply(204)
    if "max_age" in visit.incoming.params:
        # To prove it again is to prove it where one did before.
        session = yield from visit.load()
        before = session.provider if isinstance(session, DirectSession) else None
        if before is not None and before in way.clients:
            return (yield from begin(way, visit, before))
    return ways_page(way, visit, return_to=visit.incoming.params.get("return_to"))


def ways_page(
    way: DirectWay,
    visit: Visit,
    *,
    return_to: str | None,
    status: int = 200,
    username: str = "",
    alert: str | None = None,
) -> Reply:
    given = short_params(visit.incoming)
    hints = {name: given[name] for name in HINTS if name in given}
    choices = [
        Choice(client.template.name, our_path(visit, f"sign-in/{name}", return_to=return_to, **hints))
        for name, client in way.clients.items()
    ]
    action = our_path(visit, f"sign-in/{CREDENTIALS}") if way.hooks.authorize is not None else None
    host = urlsplit(visit.config.origin).netloc
    html = sign_in_page(
        choices, host=host, action=action, return_to=return_to, username=username, alert=alert
    )
    return Reply.page(status, html, headers=security_headers(form_action="'self'"))


def begin(way: DirectWay, visit: Visit, name: str) -> Flow[Reply]:
    """Raises LoginError `provider_unknown`, ProviderError, Unreachable."""
    upstream = way.upstream(name)
    reply = not_yet(visit)
    if reply is not None:
        return reply
    given = short_params(visit.incoming)
    hints = {"login_hint": given.get("login_hint"), "prompt": prompt_of(given)}
    url = yield from go(
        way,
        visit,
        upstream.client.id,
        return_to=visit.incoming.params.get("return_to"),
        max_age=max_age_of(given),
        params={key: value for key, value in hints.items() if value},
    )
    return Reply.redirect(url)


def link(way: DirectWay, visit: Visit, name: str) -> Flow[Reply]:
    """A POST, so that no other site can begin it. Raises as `begin`."""
    _ = way.upstream(name)
    session = yield from visit.load()
    if not isinstance(session, DirectSession):
        return signed_out(visit)
    form = visit.incoming.form or {}
    back = local_target(form.get("return_to"), visit.incoming.root_path + visit.config.home)
    url = yield from go(way, visit, name, return_to=back, note=note_of(session))
    return leading_to(visit, url)


def leading_to(visit: Visit, url: str) -> Reply:
    """A page goes there, htmx and scripts are told to."""
    if visit.incoming.is_htmx:
        return Reply.data(200, {"url": url}, headers=(("HX-Redirect", url),))
    return Reply.redirect(url) if visit.incoming.wants_page else Reply.data(200, {"url": url})


def go(
    way: DirectWay,
    visit: Visit,
    name: str,
    *,
    return_to: str | None = None,
    note: str | None = None,
    max_age: int | None = None,
    params: dict[str, str] | None = None,
) -> Flow[str]:
    """The provider's address; the cookie that binds this sign-in to the browser leaves with the response."""
    path = sanitize_return_path(return_to) if return_to else None
    return (yield from depart(way, visit, name, return_to=path, note=note, max_age=max_age, params=params))


def depart(
    way: DirectWay,
    visit: Visit,
    name: str,
    *,
    return_to: str | None,
    note: str | None = None,
    max_age: int | None = None,
    params: dict[str, str] | None = None,
) -> Flow[str]:
    """As `go`, with a `return_to` that has been judged."""
    check_mount(way, visit)
    config = visit.config
    beginning = yield from way.upstream(name).begin(
        redirect_uri=way.callback_url(name),
        return_to=return_to,
        note=note,
        max_age=max_age,
        params=params or {},
    )
    cookie = transaction_cookie(beginning.transaction, config.sealer, domain=config.cookie_domain)
    held = [each for each, value in visit.incoming.cookies if value]
    for other in cookies_to_evict(held, keep=cookie.name):
        visit.carry(forgotten(visit, other))
    visit.carry(cookie)
    return beginning.url


def forgotten(visit: Visit, name: str) -> SetCookie:
    """The deletion of a transaction's cookie."""
    config = visit.config
    secure = is_secure(config.callback_url(), "lax")
    return SetCookie.delete(name, domain=config.cookie_domain, secure=secure)


def check_mount(way: DirectWay, visit: Visit) -> None:
    """The provider sends people back to the address of the settings: when the app is mounted elsewhere, to
    nothing. Raises ConfigError."""
    said, real = way.settings.mount_path, visit.incoming.root_path.rstrip("/")
    if said != real:
        raise ConfigError(
            f"base_url says that this app is mounted under {said or '/'}, and it is under {real or '/'}: "
            f"set VESTIBULE_BASE_URL to {visit.config.origin}{real}."
        )

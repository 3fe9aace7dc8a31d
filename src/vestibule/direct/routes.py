"""What the routes of direct mode answer. Signing in itself is `beginning` and `ending`."""

from collections.abc import Callable
from typing import Final

from vestibule.direct import provider_tokens
from vestibule.direct.beginning import begin, choose_way, link
from vestibule.direct.ending import callback, unlink
from vestibule.direct.passwords_route import sign_in_with_password
from vestibule.direct.sessions import kept_of
from vestibule.direct.settings import CREDENTIALS
from vestibule.direct.signing_out import sign_out
from vestibule.direct.way import NAMING, PLAIN, DirectWay
from vestibule.flow import Flow
from vestibule.session import routes, scripts
from vestibule.session.answers import our_path, signed_out
from vestibule.session.cors import preflight
from vestibule.session.model import Session
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.session.way import Answer

METHODS: Final = {
    "sign_in": ("GET", "HEAD"),
    "sign_up": ("GET", "HEAD"),
    "callback": ("GET", "POST"),
    "sign_out": ("POST", "GET", "HEAD"),
    "session": ("GET", "HEAD"),
    "providers": ("GET", "HEAD"),
    "refresh": ("POST",),
    "access_token": ("GET",),
    "organization": ("POST", "GET"),
    "client": ("GET", "HEAD"),
    "link": ("POST",),
    "unlink": ("POST", "DELETE"),
    "provider_tokens": ("GET",),
}
NAMED: Final[dict[str, Callable[[DirectWay, Visit, str], Flow[Answer]]]] = {
    "callback": callback,
    "link": link,
    "unlink": unlink,
    "provider_tokens": provider_tokens.for_scripts,
}


def listed(way: DirectWay) -> dict[str, tuple[str, ...]]:
    """What there is below the prefix, with its methods."""
    found = {page: METHODS[kind] for page, kind in PLAIN.items()}
    found |= {f"{page}/{{provider}}": METHODS[kind] for page, kind in NAMING.items()}
    return found | ({f"sign-in/{CREDENTIALS}": ("POST",)} if way.hooks.authorize is not None else {})


def answer(way: DirectWay, visit: Visit, route: str) -> Flow[Answer]:
    """Raises LoginError, Refused, Unreachable and ConfigError."""
    kind, slash, name = route.partition("/")
    with_password = kind == "sign_in" and name == CREDENTIALS and way.hooks.authorize is not None
    methods = ("POST",) if with_password else METHODS[kind]
    permission = preflight(visit.incoming, visit.config, methods)
    if permission is not None:
        return permission
    if visit.incoming.method not in methods:
        allow = ("Allow", ", ".join(methods))
        return Reply.json(405, "method_not_allowed", f"Use {methods[0]} here.", headers=(allow,))
    if with_password:
        return (yield from sign_in_with_password(way, visit))
    if kind in ("sign_in", "sign_up"):
        given = name if slash else visit.incoming.params.get("provider")
        return (yield from (choose_way(way, visit) if given is None else begin(way, visit, given)))
    if kind in NAMED:
        return (yield from NAMED[kind](way, visit, name))
    return (yield from _plain(way, visit, kind))


def _plain(way: DirectWay, visit: Visit, kind: str) -> Flow[Answer]:
    if kind == "sign_out":
        return (yield from sign_out(way, visit))
    if kind == "client":
        return scripts.client(visit)
    if kind == "providers":
        return providers(way, visit)
    if kind == "access_token":
        return scripts.no_tokens()
    if kind == "organization":
        return Reply.json(404, "no_organizations", "Direct mode has no organizations to switch between.")
    session = yield from visit.load()
    if session is not None:
        return Reply.data(200, {"session": describe(session)})
    if kind == "refresh":
        return signed_out(visit)
    reason = visit.reason.value if visit.reason else None
    return Reply.data(200, {"session": None, "reason": reason})


def providers(way: DirectWay, visit: Visit) -> Reply:
    """For pages that make their own buttons."""
    listed = [
        {"id": name, "name": client.template.name, "sign_in_url": our_path(visit, f"sign-in/{name}")}
        for name, client in way.clients.items()
    ]
    return Reply.data(200, {"providers": listed, "password": way.hooks.authorize is not None})


def describe(session: Session) -> dict[str, object]:
    kept = kept_of(session)
    return {**routes.describe(session), "provider": kept.provider, "accounts": sorted(kept.accounts)}

"""How an application is connected: what to install, to set and to write, with this server's own values."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity.api_keys import create_api_key, list_api_keys
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.event_search import Search, find_events
from vestibule.server.identity.organizations import list_organizations
from vestibule.server.identity.paging import Page
from vestibule.server.identity.redirect_uris import list_redirect_uris

PATH: Final = "/dashboard/getting-started"
NO_KEY: Final = "sk_…"
PORTS: Final[Mapping[str, int]] = {"https": 443, "http": 80}
NEW_KEY: Final = "An application"


@dataclass(frozen=True, slots=True)
class Framework:
    """`callback`: where its own documentation puts it. `family`: whose names the variables have."""

    key: str
    title: str
    install: str
    family: str = "vestibule"
    file: str = ".env"
    port: int = 8000
    callback: str = "/auth/callback"
    note: str = ""


FRAMEWORKS: Final = (
    Framework("fastapi", "FastAPI", "pip install 'vestibule[fastapi]' uvicorn"),
    Framework("starlette", "Starlette", "pip install 'vestibule[starlette]' uvicorn"),
    Framework("flask", "Flask", "pip install 'vestibule[flask]'", port=5000),
    Framework("django", "Django", "pip install 'vestibule[django]'"),
    Framework("litestar", "Litestar", "pip install 'vestibule[litestar]' uvicorn"),
    Framework(
        "nextjs",
        "Next.js",
        "npm install @workos-inc/authkit-nextjs",
        family="workos",
        file=".env.local",
        port=3000,
        callback="/callback",
        note="The package of WorkOS, unmodified: it is told the host of this server.",
    ),
    Framework(
        "tanstack",
        "TanStack Start",
        "npm install @workos/authkit-tanstack-react-start",
        family="workos",
        port=3000,
        callback="/api/auth/callback",
        note="The package of WorkOS, unmodified: it is told the host of this server.",
    ),
    Framework(
        "oidc",
        "Any OpenID client",
        "pip install authlib httpx",
        family="oidc",
        callback="/callback",
        note="Whatever speaks OpenID Connect finds the rest at /.well-known/openid-configuration.",
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    done: bool
    text: str
    path: str


def show(desk: Desk) -> Response:
    return _page(desk, "")


def create_key(desk: Desk) -> Response:
    """Shown in this answer and never again."""
    _, value = create_api_key(desk.identity, NEW_KEY)
    return _page(desk, value)


def _page(desk: Desk, api_key: str) -> Response:
    asked = desk.form.get("framework") or desk.query("framework")
    chosen = next((each for each in FRAMEWORKS if each.key == asked), FRAMEWORKS[0])
    uris = [each.uri for each in list_redirect_uris(desk.identity, Page(limit=20)).data]
    redirect_uri = _redirect_uri(chosen, uris)
    steps = _steps(desk.identity, has_redirect_uri=bool(uris))
    return desk.page(
        "getting-started.html",
        frameworks=FRAMEWORKS,
        chosen=chosen,
        redirect_uri=redirect_uri,
        is_registered=bool(uris),
        environment_lines=_environment(chosen, desk.identity, redirect_uri, api_key or NO_KEY),
        snippet_text=snippet(chosen.key),
        api_key=api_key,
        steps=steps,
        open_steps=sum(not step.done for step in steps),
        public_url=desk.identity.settings.public_url,
        client_id=get_client_id(desk.identity),
    )


def _redirect_uri(chosen: Framework, registered: Sequence[str]) -> str:
    """A registered one with the path of this framework, or another one, or what to register."""
    fitting = [uri for uri in registered if urlsplit(uri).path == chosen.callback]
    own = f"http://localhost:{chosen.port}{chosen.callback}"
    found = next(iter([*fitting, *registered]), own)
    # On a loopback address any port is as good as the one that is registered.
    if urlsplit(found).netloc in ("localhost", "127.0.0.1"):
        parts = urlsplit(found)
        return parts._replace(netloc=f"{parts.netloc}:{chosen.port}").geturl()
    return found


def _environment(chosen: Framework, identity: Identity, redirect_uri: str, api_key: str) -> str:
    lines = {"vestibule": _own, "workos": _workos, "oidc": _oidc}[chosen.family]
    values = lines(identity.settings.public_url, get_client_id(identity), redirect_uri, api_key)
    if chosen.key == "nextjs":
        values["NEXT_PUBLIC_WORKOS_REDIRECT_URI"] = values.pop("WORKOS_REDIRECT_URI")
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _own(url: str, client_id: str, redirect_uri: str, api_key: str) -> dict[str, str]:
    return {
        "VESTIBULE_URL": url,
        "VESTIBULE_CLIENT_ID": client_id,
        "VESTIBULE_API_KEY": api_key,
        "VESTIBULE_COOKIE_PASSWORD": secrets.token_urlsafe(32),
        "VESTIBULE_REDIRECT_URI": redirect_uri,
    }


def _workos(url: str, client_id: str, redirect_uri: str, api_key: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "WORKOS_API_HOSTNAME": parts.hostname or "",
        "WORKOS_API_PORT": str(parts.port or PORTS[parts.scheme]),
        "WORKOS_API_HTTPS": "true" if parts.scheme == "https" else "false",
        "WORKOS_CLIENT_ID": client_id,
        "WORKOS_API_KEY": api_key,
        "WORKOS_COOKIE_PASSWORD": secrets.token_urlsafe(32),
        "WORKOS_REDIRECT_URI": redirect_uri,
    }


def _oidc(url: str, client_id: str, redirect_uri: str, api_key: str) -> dict[str, str]:
    return {
        "OIDC_ISSUER": url,
        "OIDC_CLIENT_ID": client_id,
        "OIDC_CLIENT_SECRET": api_key,
        "OIDC_REDIRECT_URI": redirect_uri,
    }


def _steps(identity: Identity, *, has_redirect_uri: bool) -> Sequence[Step]:
    one, now = Page(limit=1), identity.now
    keys = [
        key
        for key in list_api_keys(identity)
        if key.revoked_at is None and (key.expires_at is None or key.expires_at > now)
    ]
    signed_in = find_events(identity, Search(name="session.created"), one).data
    settings = identity.settings
    return (
        Step(has_redirect_uri, "Register where a sign-in comes back to", "/dashboard/application"),
        Step(bool(keys), "Make an API key", "/dashboard/api-keys"),
        Step(bool(signed_in), "Sign the first user in to your application", "/dashboard/events?name=session"),
        Step(
            bool(list_organizations(identity, one).data), "Make an organization", "/dashboard/organizations"
        ),
        Step(bool(settings.smtp_url or settings.development), "Let mail leave", "/dashboard/health"),
    )


@cache
def snippet(key: str) -> str:
    """The smallest application there is for a framework."""
    return files("vestibule.server").joinpath("snippets", f"{key}.txt").read_text("utf-8")


DEEDS: Final = (
    page(PATH, show),
    deed(PATH + "/api-key", create_key, right="manage", back=PATH, fresh=True),
)

"""From what a reader saw to what is wrong: which endpoints nothing guards, and which guards do not hold."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from vestibule.audit.allowing import allowed
from vestibule.audit.model import ANY, WEBSOCKET, Endpoint, Finding, Flaw, Kind, Page, Report, Surface
from vestibule.errors import ConfigError
from vestibule.installation import Installation
from vestibule.session.config import Config
from vestibule.session.globs import Globs
from vestibule.session.own_paths import PATHS
from vestibule.session.protection import ALWAYS_PUBLIC
from vestibule.session.routes import METHODS

BY_NAME = {"/favicon.ico": Kind.STATIC, "/robots.txt": Kind.STATIC} | dict.fromkeys(
    ("/health", "/healthz", "/livez", "/readyz"), Kind.HEALTH
)
NEED_A_GUARD = (Kind.APP, Kind.OPAQUE)
WELL_KNOWN = "/.well-known/"
PUBLIC_PATH = "public path "
STATIC_FILES = "static files"


def judge(surface: Surface, *, app: str, allow: Iterable[str] = (), strict: bool = False) -> Report:
    """`strict` also finds endpoints that only whole-app protection guards, and unused allowances."""
    pages = Pages()
    endpoints = [_natured(each) for each in surface.endpoints]
    endpoints = [replace(each, page=pages.of(each)) for each in endpoints]
    findings = [*surface.findings, *_findings(endpoints, INSTALL.get(surface.framework, "Auth(app)"))]
    if not strict:
        findings = [each for each in findings if each.flaw is not Flaw.PAGE_ONLY]
    left, permitted, unused = allowed(findings, endpoints, allow)
    warnings = list(surface.warnings)
    if strict:
        left += [_unused(entry) for entry in unused]
    else:
        warnings += [f"`{entry}` in the allow-list allows nothing. Delete it." for entry in unused]
    config = pages.settings(surface.installation)
    return Report(
        app=app,
        framework=surface.framework,
        endpoints=(*endpoints, *pages.own(surface.installation, endpoints)),
        findings=tuple(left),
        allowed=tuple(permitted),
        warnings=(*pages.problems, *warnings),
        protect=config.protect if config else None,
        public_paths=config.public_paths if config else (),
    )


def settings_of(installation: Installation) -> tuple[Config | None, str]:
    """The settings and, where they are incomplete on this machine, a sentence about that."""
    first = ""
    if installation.mounted is None:  # else its server would begin, and make a database
        try:
            return installation.config, ""
        except ConfigError as error:
            first = error.problems[0]
    for redirect_uri in (installation._redirect_uri, REDIRECT_URI):
        with contextlib.suppress(ConfigError):
            return Config.from_env(redirect_uri=redirect_uri, **{**STAND_INS, **installation._defaults}), ""
    return None, f"The settings cannot be read here, so whole-app protection is left out: {first}"


INSTALL = {"django": 'MIDDLEWARE += ["vestibule.django.AuthMiddleware"]', "litestar": "plugins=[Auth()]"}
REDIRECT_URI = "http://localhost/auth/callback"
STAND_INS: dict[str, Any] = {
    "url": "https://id.example.com",
    "client_id": "client_audit",
    "cookie_passwords": ("a stand-in that seals nothing, 0123456789",),
}


class Pages:
    """What somebody meets who opens a page signed out. An app may have an `Auth`, and one below it too."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._settings: dict[Installation, Config | None] = {}

    def settings(self, auth: Installation | None) -> Config | None:
        if auth is not None and auth not in self._settings:
            self._settings[auth], problem = settings_of(auth)
            self.problems += [problem] if problem else []
        return self._settings[auth] if auth is not None else None

    def of(self, endpoint: Endpoint) -> Page:
        page, auth = _from_its_guard(endpoint), endpoint.auth
        config = self.settings(auth)
        if page.guarded:
            return page
        if endpoint.public or auth is None or config is None or not config.protect:
            return Page(False, endpoint.public)
        address = endpoint.address.removeprefix(endpoint.below) or "/"
        if auth.is_open(address):
            return Page(False, STATIC_FILES)
        for glob in (*config.public_paths, *ALWAYS_PUBLIC):
            if Globs([glob]).match(address):
                return Page(False, f"{PUBLIC_PATH}{glob}")
        return Page(True, "whole app")

    def own(self, auth: Installation | None, endpoints: Iterable[Endpoint]) -> Iterator[Endpoint]:
        """The routes of each `Auth`, where it is mounted."""
        places = [(auth, "")] if auth is not None else []
        places = [(each.auth, each.below) for each in endpoints if each.auth is not None] or places
        for installation, below in dict.fromkeys(places):
            config = self.settings(installation)
            if config is not None:
                yield from _own(config, installation, below)


def _from_its_guard(endpoint: Endpoint) -> Page:
    is_page = {"GET", ANY} & set(endpoint.methods)
    return (
        Page(True, "its guard")
        if is_page and endpoint.guarded and not endpoint.lacks_auth
        else Page(False, "")
    )


def _natured(endpoint: Endpoint) -> Endpoint:
    """Health checks and the like are known by their path."""
    if endpoint.kind is not Kind.APP:
        return endpoint
    kind = BY_NAME.get(endpoint.path.rstrip("/"), Kind.APP)
    return replace(endpoint, kind=Kind.STATIC if endpoint.path.startswith(WELL_KNOWN) else kind)


def _own(config: Config, auth: Installation, below: str) -> Iterator[Endpoint]:
    """Sign-in, callback and the rest: answered before the app is asked."""
    inside = getattr(auth.mounted, "path", None)
    if inside is not None:
        path = f"{below}{inside}/{{path}}"
        yield Endpoint(methods=(ANY,), path=path, handler="vestibule.server", kind=Kind.OURS)
    if auth.way is not None:
        for name, methods in auth.way.listed().items():
            path = f"{below}{config.prefix}/{name}"
            yield Endpoint(methods=methods, path=path, handler="vestibule", kind=Kind.OURS)
        return
    paths = {name: f"{below}{config.prefix}/{path}" for name, path in PATHS.items()}
    with contextlib.suppress(Exception):  # a function of the app, which may need its deployment
        paths["callback"] = config.callback_path
    for name, path in paths.items():
        yield Endpoint(methods=METHODS[name], path=path, handler="vestibule", kind=Kind.OURS)


def _findings(endpoints: list[Endpoint], install: str) -> Iterator[Finding]:
    for endpoint in endpoints:
        if endpoint.kind is Kind.AUTOMATIC:
            continue
        if endpoint.taken_by is not None:
            yield from _shadowed(endpoint, endpoint.taken_by)
            continue
        faults = [guard.fault for guard in endpoint.guards if guard.fault is not None]
        for fault in dict.fromkeys(faults):
            yield _finding(endpoint, fault.flaw, f"declared, but does not hold: {fault.why}.", fault.mend)
        if endpoint.lacks_auth:
            yield _finding(
                endpoint,
                Flaw.NOT_INSTALLED,
                "declared, but does not hold: the app has no `Auth`, so the guard answers with an error.",
                f"Add the line `{install}`.",
            )
        if not endpoint.guarded and not faults and endpoint.kind in NEED_A_GUARD:
            yield from _open(endpoint, endpoints)


def _open(endpoint: Endpoint, endpoints: list[Endpoint]) -> Iterator[Finding]:
    """Nothing guards the endpoint itself."""
    if endpoint.page.guarded:
        message = "only whole-app protection guards it: one pattern in `public_paths` would open it."
        yield _finding(endpoint, Flaw.PAGE_ONLY, message, "Put `requires()` on it.")
        return
    if endpoint.page.why:
        glob = endpoint.page.why.removeprefix(PUBLIC_PATH)
        if endpoint.public or endpoint.page.why == STATIC_FILES or not is_pattern(glob):
            return  # somebody wrote down that this very page is public
        message = f"nothing guards it: the pattern `{glob}` takes it out of whole-app protection."
        mend = "Narrow the pattern, or put `requires()` on it, or allow it."
        yield _finding(endpoint, Flaw.OPENED_BY_PATTERN, message, mend)
    elif endpoint.kind is Kind.OPAQUE:
        message = f"cannot see inside of {endpoint.handler}, and nothing guards it from outside."
        yield _finding(endpoint, Flaw.CANNOT_SEE, message, "Guard what it is mounted by, or allow it.")
    elif guarded := _guarded_siblings(endpoint, endpoints):
        others = ", ".join(guarded)
        message = f"nothing guards it, while {others} of the same path needs a session."
        yield _finding(endpoint, Flaw.METHOD_UNGUARDED, message, "Guard this method too.")
    else:
        mend = "Put `requires()` on it, or add it to `allow`."
        yield _finding(endpoint, Flaw.UNGUARDED, "nothing guards it.", mend)


def _guarded_siblings(endpoint: Endpoint, endpoints: list[Endpoint]) -> list[str]:
    """Guarded methods of the same path. A WebSocket is another thing."""
    if WEBSOCKET in endpoint.methods:
        return []
    address = endpoint.address
    siblings = [each for each in endpoints if each.guarded and not each.taken_by and each.address == address]
    return [method for each in siblings for method in each.methods if method not in (WEBSOCKET, "HEAD")]


def _shadowed(endpoint: Endpoint, taker: Endpoint) -> Iterator[Finding]:
    lost = [guard.words for guard in endpoint.holding if guard.words not in {g.words for g in taker.holding}]
    if lost and taker.kind is not Kind.OURS:
        message = (
            f"declared ({' and '.join(lost)}), but does not hold: {taker.shown_methods} {taker.path} "
            f"comes first and takes its requests ({taker.source or taker.handler})."
        )
        yield _finding(endpoint, Flaw.SHADOWED, message, "Put the guarded route first, or guard both.")


def _finding(endpoint: Endpoint, flaw: Flaw, message: str, mend: str) -> Finding:
    return Finding(
        flaw=flaw,
        methods=endpoint.methods,
        path=endpoint.path,
        message=message[0].upper() + message[1:],
        mend=mend,
        source=endpoint.source,
    )


def _unused(entry: str) -> Finding:
    return Finding(
        flaw=Flaw.UNUSED_ALLOW,
        methods=("allow",),
        path=entry,
        message=f"`{entry}` in the allow-list allows nothing.",
        mend="Delete it.",
    )


def is_pattern(glob: str) -> bool:
    return any(sign in glob for sign in ":(*")

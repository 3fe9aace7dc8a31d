"""A request as the session core sees it, whatever the framework."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit

from vestibule.cookies import parse_cookies
from vestibule.crypto.strict_json import parse_object

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
MAX_FIELDS = 100


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """`path` is below `root_path` (what the app is mounted under); `query` is raw, without `?`.
    `headers` has lower-case names, several Cookie lines joined by `; `. `body` is needed on
    the package's own POST routes only (`Core.reads_body`). `by_program`: its credential says that no
    browser made it."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    scheme: str = "https"
    host: str = ""
    root_path: str = ""
    body: bytes = field(default=b"", repr=False)
    by_program: bool = False

    @property
    def is_safe(self) -> bool:
        """Whether the method promises to change nothing. A WebSocket begins with GET and does not."""
        return self.method in SAFE_METHODS and self.scheme not in ("ws", "wss")

    @property
    def is_navigation(self) -> bool:
        """A browser opening a page: it may be sent elsewhere. Scripts and API clients get a status."""
        return self.method == "GET" and self.wants_page

    @property
    def wants_page(self) -> bool:
        """Whether a person will look at the answer, whatever the method."""
        mode = self.headers.get("sec-fetch-mode")
        if self.is_htmx or self.by_program:
            return False
        return mode == "navigate" if mode else "text/html" in self.headers.get("accept", "").lower()

    @property
    def is_prefetch(self) -> bool:
        """A browser's or router's guess at what comes next: nobody has asked for it."""
        purposes = " ".join(self.headers.get(name, "") for name in PREFETCH_HEADERS).lower()
        return "prefetch" in purposes or "prerender" in purposes or "next-router-prefetch" in self.headers

    @property
    def is_htmx(self) -> bool:
        return self.headers.get("hx-request", "").lower() == "true" and not self.by_program

    def is_cross_site(self, trusted_origins: Collection[str] = ()) -> bool:
        """Whether a page of another origin made this request. A client that is no browser says nothing
        and is not cross-site: it carries no cookies by accident."""
        origin = self.headers.get("origin")
        if origin is not None and origin.lower() in trusted_origins:
            return False
        site = self.headers.get("sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        return origin is not None and not self._is_own(origin)

    @property
    def came_from_elsewhere(self) -> bool:
        """For GET, which carries no Origin: whether a link or redirect on another site led here."""
        site = self.headers.get("sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        referer = self.headers.get("referer", "")
        return bool(referer) and not self._is_own(referer)

    @property
    def page_behind(self) -> str | None:
        """The address of the page whose script asks, if it is one of this host and says so."""
        referer = self.headers.get("referer", "")
        return referer if referer and self._is_own(referer) else None

    @cached_property
    def cookies(self) -> list[tuple[str, str]]:
        """All of them in order, duplicates included."""
        return parse_cookies(self.headers.get("cookie"))

    @cached_property
    def params(self) -> Mapping[str, str]:
        """The query's parameters. One given twice is left out: readers disagree about which counts."""
        return single_fields(self.query)

    @cached_property
    def form(self) -> Mapping[str, str] | None:
        """The fields of an urlencoded or JSON body; None for any other kind of body."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            return _json_fields(self.body)
        if kind == "application/x-www-form-urlencoded" or not self.body:
            return single_fields(self.body.decode("utf-8", "replace"))
        return None

    @property
    def url_path(self) -> str:
        """Path and query as the browser knows them."""
        return self.root_path + self.path + (f"?{self.query}" if self.query else "")

    def _is_own(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        # The scheme is not compared: behind a proxy that ends TLS the app sees http.
        return bool(parts.netloc) and _host(parts.scheme, parts.netloc) == _host(parts.scheme, self.host)


def single_fields(encoded: str) -> Mapping[str, str]:
    """The fields of a query or form that occur once."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}


def _json_fields(body: bytes) -> Mapping[str, str] | None:
    try:
        members = parse_object(body)
    except ValueError:
        return None
    return {name: value for name, value in members.items() if isinstance(value, str)}


def _host(scheme: str, netloc: str) -> str:
    host = netloc.rpartition("@")[2].lower()
    port = DEFAULT_PORTS.get(scheme, "")
    return host.removesuffix(f":{port}") if port else host

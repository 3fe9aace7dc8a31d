"""A browser without JavaScript, for pages of a server in the same process: cookies, links and forms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from vestibule.flow import HttpRequest

FORM = "application/x-www-form-urlencoded"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FARTHEST = 20

Headers = Sequence[tuple[str, str]]
Ask = Callable[[HttpRequest], tuple[int, Headers, bytes]]


@dataclass(slots=True)
class Form:
    action: str
    values: dict[str, str] = field(default_factory=dict)
    choices: list[tuple[str, str]] = field(default_factory=list)
    """Its named buttons: name and value."""


@dataclass(slots=True)
class Page:
    """`location` is where a redirect leads that leaves the server; such a page has nothing on it."""

    url: str
    status: int
    text: str = field(repr=False)
    location: str | None = None
    heading: str = ""
    problem: str = ""
    key: str = ""
    """For an authenticator app, where the page shows one."""
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def link(self, path: str) -> str:
        return next(link for link in self.links if urlsplit(link).path == path)

    def form(self, path: str) -> Form:
        """The first that is sent to `path`."""
        return next(form for form in self.forms if urlsplit(form.action).path == path)


class PageBrowser:
    """One person's browser."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._cookies: dict[str, str] = {}

    def get(self, url: str) -> Page:
        return self._follow(HttpRequest("GET", url, self._headers()))

    def submit(self, page: Page, path: str, **values: str) -> Page:
        """Send the page's form for `path`, filled in."""
        form = page.form(path)
        headers = {**self._headers(site="same-origin"), "content-type": FORM}
        body = urlencode({**form.values, **values}).encode()
        return self._follow(HttpRequest("POST", form.action, headers, body))

    def _headers(self, *, site: str = "none") -> dict[str, str]:
        sent = {"accept": "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": site}
        if self._cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return sent

    def _follow(self, request: HttpRequest) -> Page:
        """Redirects within the server."""
        for _ in range(FARTHEST):
            status, headers, body = self._ask(request)
            self._keep(headers)
            location = next((value for name, value in headers if name == "location"), None)
            if status not in REDIRECTS or location is None:
                return read_page(request.url, status, body.decode())
            target = urljoin(request.url, location)
            if urlsplit(target).netloc != urlsplit(request.url).netloc:
                return Page(request.url, status, "", location=target)
            request = HttpRequest("GET", target, self._headers(site="same-origin"))
        raise AssertionError(f"redirects without end: {urlsplit(request.url).path}")

    def _keep(self, headers: Headers) -> None:
        for name, value in headers:
            if name != "set-cookie":
                continue
            try:
                morsels = SimpleCookie(value).items()
            except CookieError:
                continue
            for cookie, morsel in morsels:
                self._cookies.pop(cookie, None)
                if morsel.value and morsel["max-age"] != "0":
                    self._cookies[cookie] = morsel.value


def read_page(url: str, status: int, text: str) -> Page:
    reader = _Reader(Page(url, status, text))
    reader.feed(text)
    return reader.page


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self._form: Form | None = None
        self._words: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(urljoin(self.page.url, given.get("action") or self.page.url))
            self.page.forms.append(self._form)
        elif tag == "a" and "href" in given:
            self.page.links.append(urljoin(self.page.url, given["href"]))
        elif tag in ("input", "button") and self._form is not None and given.get("name"):
            self._take(self._form, tag, given["name"], given.get("value", ""))
        elif tag == "h1":
            self._words = "heading"
        elif given.get("role") == "alert" or given.get("class") == "field-error":
            self._words = "problem"
        elif tag == "code":
            self._words = "key"

    def handle_data(self, data: str) -> None:
        if self._words is not None and data.strip():
            said = getattr(self.page, self._words)
            setattr(self.page, self._words, f"{said} {data.strip()}".strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("h1", "p", "code"):
            self._words = None

    def _take(self, form: Form, tag: str, name: str, value: str) -> None:
        if tag == "button":
            form.choices.append((name, value))
        else:
            form.values[name] = value

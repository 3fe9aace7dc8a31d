"""A browser without JavaScript: a cookie jar that reads pages, fills in what is labelled, and sends forms."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2

VOID = frozenset({"input", "link", "meta", "br"})


@dataclass
class Form:
    action: str
    method: str
    hidden: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    buttons: list[tuple[str, dict[str, str]]] = field(default_factory=list)


class Page(HTMLParser):
    """What a person, or their screen reader, gets from an answer."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__()
        self.response = response
        self.status = response.status_code
        self.url = str(response.url)
        self.labels: dict[str, str] = {}
        self.by_id: dict[str, str] = {}
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.headings: list[str] = []
        self.title = ""
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text)).strip()
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["action"], given["method"]))
        elif tag == "input" and given.get("type") == "hidden":
            self.forms[-1].hidden[given["name"]] = given["value"]
        elif tag in ("input", "select"):
            self.forms[-1].inputs[given["name"]] = given
        elif tag == "option" and "selected" in given:
            next(inner for open, inner, _ in reversed(self._open) if open == "select")["value"] = given[
                "value"
            ]
        if tag not in VOID:
            self._open.append((tag, given, []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only drawings close themselves."""

    def handle_data(self, data: str) -> None:
        for _, _, parts in self._open:
            parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        name, given, parts = self._open.pop()
        assert name == tag, f"<{name}> closed by </{tag}>"
        text = " ".join("".join(parts).split())
        if "id" in given:
            self.by_id[given["id"]] = text
        match tag:
            case "label":
                self.labels[given["for"]] = text.removesuffix(" (optional)")
            case "button":
                self.forms[-1].buttons.append((text, given))
            case "a":
                self.links[text] = given["href"]
            case "h1":
                self.headings.append(text)
            case "title":
                self.title = text

    @property
    def heading(self) -> str:
        assert len(self.headings) == 1, self.headings
        return self.headings[0]

    def value(self, label: str) -> str:
        return self._input(label).get("value", "")

    def problem(self, label: str) -> str:
        """What the page says is wrong with an input, as a screen reader finds it; '' for nothing."""
        found = self._input(label)
        if found.get("aria-invalid") != "true":
            return ""
        return self.by_id[found["aria-describedby"].split()[0]]

    def _input(self, label: str) -> dict[str, str]:
        return next(
            given
            for form in self.forms
            for given in form.inputs.values()
            if self.labels.get(given["id"]) == label
        )


class PlainBrowser:
    """Follows redirects on the server it was given, and stops where one leads anywhere else."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self.trail: list[str] = []
        self.left_for = ""

    def close(self) -> None:
        self._client.close()

    def get(self, url: str, **params: str) -> Page:
        return self._follow(self._client.get(url, params=params or None))

    def click(self, page: Page, link: str) -> Page:
        return self.get(urljoin(page.url, page.links[link]))

    def send(self, page: Page, button: str, **typed: str) -> Page:
        """Press `button`, with its form filled in by label (`Email_address` is "Email address")."""
        form, pressed = next(
            (form, given) for form in page.forms for text, given in form.buttons if text.startswith(button)
        )
        values = form.hidden | {
            name: given.get("value", "")
            for name, given in form.inputs.items()
            if given.get("type") != "checkbox" or "checked" in given
        }
        for label, text in typed.items():
            values[_name_of(page, form, label.replace("_", " "))] = text
        if "name" in pressed:
            values[pressed["name"]] = pressed["value"]
        return self.post(urljoin(page.url, pressed.get("formaction") or form.action), values)

    def identify(self, page: Page, email: str) -> Page:
        return self.send(page, "Continue", Email_address=email)

    def sign_in(self, page: Page, email: str, password: str) -> Page:
        """Over the page for the address and the one for the password; or by the one that knows who it is."""
        if page.heading == "Sign in again" and page.value("Signed in as") != email:
            page = self.click(page, "Use another account")
        if page.heading == "Sign in":
            page = self.identify(page, email)
        button = "Confirm" if page.heading == "Sign in again" else "Sign in"
        return self.send(page, button, Password=password)

    def post(self, url: str, values: dict[str, str]) -> Page:
        headers = {"sec-fetch-site": "same-origin", "origin": "null"}
        return self._follow(self._client.post(url, data=values, headers=headers))

    def cookie(self, name: str) -> str | None:
        return self._client.cookies.get(name)

    def borrow_cookies(self, other: "PlainBrowser") -> None:
        """Become a second tab of the same browser."""
        self._client.cookies.update(other._client.cookies)

    def drop_cookies(self, *names: str) -> None:
        for name in names:
            self._client.cookies.delete(name)

    def _follow(self, response: httpx2.Response) -> Page:
        self.left_for = ""
        for _ in range(10):
            self.trail.append(urlsplit(str(response.url)).path)
            if not response.is_redirect:
                return Page(response)
            target = urljoin(str(response.url), response.headers["location"])
            if urlsplit(target).netloc != urlsplit(str(response.url)).netloc:
                self.left_for = target
                return Page(response)
            response = self._client.get(target)
        raise AssertionError(f"redirected round and round: {self.trail}")


def _name_of(page: Page, form: Form, label: str) -> str:
    for name, given in form.inputs.items():
        if page.labels.get(given["id"]) == label:
            return name
    raise AssertionError(f"no input is labelled {label!r}: {page.labels}")

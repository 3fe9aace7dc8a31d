"""Somebody who walks the hosted pages: makes an account, types the code from the mail, signs in."""

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from vestibule.installation import Installation
from vestibule.testing.browsers import browser_of
from vestibule.testing.pages import Page, PageBrowser

if TYPE_CHECKING:
    from vestibule.testing.server import IdentityServer

PASSWORD = "seven green bottles"  # noqa: S105 - nobody's
LONGEST_WALK = 12

Journey = Generator[str, Any, Any]


class Person:
    """`organization` (its id) is where they go when they have the choice; `secret` is that of their
    authenticator app, which they set up when they are asked to."""

    def __init__(
        self,
        server: "IdentityServer",
        *,
        email: str,
        password: str = PASSWORD,
        first_name: str | None = None,
        last_name: str | None = None,
        organization: str | None = None,
        secret: str | None = None,
    ) -> None:
        self.server = server
        self.email = email
        self.password = password
        self.first_name = first_name or ""
        self.last_name = last_name or ""
        self.organization = organization
        self.secret = secret
        self.browser: PageBrowser = server.browser()

    def sign_in(
        self, client: Any, *, return_to: str = "/", auth: Installation | None = None, **hints: str
    ) -> Any:
        """From the app's sign-in, over the server's pages, back to the app: the client's answer to the
        callback, after which it is signed in. `hints` are those of `Auth.sign_in_url`."""
        journey, browser = self._journey(client, return_to, auth, hints), browser_of(client)
        answer: Any = None
        try:
            while True:
                answer = browser.open(journey.send(answer))
        except StopIteration as end:
            return end.value

    async def sign_in_async(
        self, client: Any, *, return_to: str = "/", auth: Installation | None = None, **hints: str
    ) -> Any:
        """`sign_in` with a client that has to be awaited."""
        journey, browser = self._journey(client, return_to, auth, hints), browser_of(client)
        answer: Any = None
        try:
            while True:
                answer = await browser.open(journey.send(answer))
        except StopIteration as end:
            return end.value

    def visit(self, url: str) -> str:
        """Follow an authorization URL to its end: the callback URL they come back with.

        Raises AssertionError, with what the page said, when they cannot get any further.
        """
        page = self.browser.get(url)
        for _ in range(LONGEST_WALK):
            if page.location is not None:
                return self.server.way_back(page.location)
            page = self._step(page)
        raise AssertionError(f"{self.email} walks in circles: “{page.heading}”")

    def _journey(
        self, client: Any, return_to: str, auth: Installation | None, hints: Mapping[str, str]
    ) -> Journey:
        config = self.server.use(client, auth=auth).config
        begun = yield f"{config.prefix}/sign-in?{urlencode({'return_to': return_to, **hints})}"
        callback = self.visit(begun.headers["location"])
        answer = yield callback.removeprefix(config.origin)
        return answer

    def _step(self, page: Page) -> Page:
        step = STEPS.get(page.path)
        if step is None or page.status >= 400:
            said = page.problem or page.heading
            raise AssertionError(f"{self.email} is stuck at {page.path} ({page.status}): “{said}”")
        return step(self, page)

    def _identify(self, page: Page) -> Page:
        if self.server.knows(self.email):
            return self.browser.submit(page, page.path, email=self.email, password=self.password)
        return self.browser.get(page.link("/sign-up"))

    def _sign_up(self, page: Page) -> Page:
        names = {"first_name": self.first_name, "last_name": self.last_name}
        return self.browser.submit(page, page.path, email=self.email, password=self.password, **names)

    def _confirm(self, page: Page) -> Page:
        return self.browser.submit(page, page.path, code=self.server.codes[self.email], action="confirm")

    def _choose(self, page: Page) -> Page:
        offered = [value for name, value in page.form(page.path).choices if name == "organization_id"]
        wanted = self.organization or offered[0]
        if wanted not in offered:
            raise AssertionError(f"{self.email} is offered {offered}, and not {wanted!r}.")
        return self.browser.submit(page, page.path, organization_id=wanted)

    def _later(self, page: Page) -> Page:
        return self.browser.submit(page, page.path, action="later")

    def _second_factor(self, page: Page) -> Page:
        if self.secret is None:
            raise AssertionError(f"{self.email} is asked for a second factor: person(…, secret=…).")
        return self.browser.submit(page, page.path, code=self.server.totp(self.secret))

    def _enroll(self, page: Page) -> Page:
        if not page.forms:  # done: here are the recovery codes
            return self.browser.get(page.link("/continue"))
        self.secret = page.key
        return self._second_factor(page)


STEPS: Mapping[str, Callable[[Person, Page], Page]] = {
    "/sign-in": Person._identify,
    "/sign-up": Person._sign_up,
    "/verify-email": Person._confirm,
    "/select-organization": Person._choose,
    "/passkeys/enroll": Person._later,
    "/second-factor": Person._second_factor,
    "/enroll-second-factor": Person._enroll,
}

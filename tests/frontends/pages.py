"""Where an example has what the proofs look for, and how it is called there."""

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page, expect

from tests.frontends import aging

if TYPE_CHECKING:
    from tests.frontends.example import World


ASK = """async (path) => {
    const answer = await fetch(path, {headers: {accept: "application/json"}, redirect: "manual"});
    await answer.text();
    return answer.status;
}"""


class Pages:
    """The defaults are what most examples say; one that differs overrides them."""

    account = "/account"
    """A page for people who are signed in, which shows their email address."""
    dangerous = "/account"
    """Where the button is that wants a recent sign-in."""
    me = "/api/me"
    """On the app's own origin, answered by Python: 401 to strangers, else with the email address in it."""
    reports = "/api/reports"
    """Likewise; 403 without the permission `reports:read`."""
    node: str | None = None
    """Likewise, but answered by Node."""
    initiate = "/auth/sign-in"
    """Where the app begins a sign-in, with a GET."""

    def is_home(self, page: Page, name: str | None = None) -> None:
        """Greeting somebody, or nobody."""
        wanted = "Hello, stranger." if name is None else f"Hello, {name}."
        expect(page.get_by_role("heading", level=1)).to_have_text(wanted)

    def is_account(self, page: Page, email: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        expect(page.get_by_text(email).first).to_be_visible()

    def sign_up_link(self, page: Page) -> Locator:
        return page.get_by_role("link", name="Sign up")

    def sign_out_button(self, page: Page) -> Locator:
        return page.get_by_role("button", name="Sign out")

    def switch_button(self, page: Page, organization: str) -> Locator:
        return page.get_by_role("button", name=f"Switch to {organization}")

    def delete_button(self, page: Page) -> Locator:
        return page.get_by_role("button", name=re.compile("^Delete ")).first

    def is_deleted(self, page: Page) -> None:
        expect(page.get_by_role("status").filter(has_text=re.compile("deleted", re.I))).to_be_visible()

    def is_impersonated(self, page: Page, *, operator: str, email: str) -> None:
        """A banner that says so; packages differ in whom they name."""
        banner = page.get_by_text(re.compile(f"{re.escape(operator)}|impersonating", re.I)).first
        expect(banner).to_be_visible()

    def stop_button(self, page: Page) -> Locator:
        return page.get_by_role("button", name="Stop")

    def asked(self, page: Page, path: str) -> int:
        """The status that the page's own script gets from there; 0 for a redirect."""
        return self.asked_at_once(page, [path])[0]

    def asked_at_once(self, page: Page, paths: list[str]) -> list[int]:
        return list(page.evaluate(f"(paths) => Promise.all(paths.map({ASK}))", paths))

    def expire(self, page: Page, world: "World") -> None:
        """The access token ends now. For a session kept elsewhere than in a sealed cookie, override it."""
        aging.expire(page, world)

    def session_changed(self, page: Page) -> object:
        """Something that is another one after each refresh."""
        return aging.payload(page)["accessToken"]

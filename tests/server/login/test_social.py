"""Signing in at a provider: there and back, whose account it is, and what is said when it is nobody's."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import Clock
from tests.server.login.conftest import PASSWORD, App
from tests.server.login.plain_browser import Page, PlainBrowser
from tests.servers import SECRET, running_server
from vestibule.errors import ConfigError
from vestibule.server.identity.policies import set_policy
from vestibule.server.identity.suspending import suspend_user
from vestibule.server.identity.users import create_user, find_user_by_email, list_identities
from vestibule.server.settings import Settings
from vestibule.testing import Network, TestProvider


class World:
    """A server that knows GitHub and Google, which are in this process."""

    def __init__(self, app: App, clock: Clock, providers: dict[str, TestProvider]) -> None:
        self.app, self.clock, self.providers = app, clock, providers

    def go(self, browser: PlainBrowser, name: str = "github", **more: str) -> str:
        """From the app over our page to the provider: its address."""
        page = self.app.begin(browser, **more)
        browser.click(page, f"Continue with {'GitHub' if name == 'github' else 'Google'}")
        return browser.left_for

    def come_back(self, browser: PlainBrowser, url: str, email: str, **claims: Any) -> Page:
        provider = next(each for each in self.providers.values() if each.is_at(url))
        return browser.get(provider.consent(url, provider.person(email, **claims)))

    def sign_in(self, email: str, name: str = "github", **claims: Any) -> PlainBrowser:
        browser = self.app.browser()
        self.come_back(browser, self.go(browser, name), email, **claims)
        return browser

    def events(self) -> list[str]:
        with self.app.server.identity.store.read() as tx:
            rows = tx.connection.exec_driver_sql("SELECT event FROM events ORDER BY position").all()
        return [row.event for row in rows]


@contextmanager
def world_in(directory: Path, clock: Clock, **settings: Any) -> Iterator[World]:
    providers = {name: TestProvider(name, clock=lambda: clock().timestamp()) for name in ("github", "google")}
    clients = tuple(each.client() for each in providers.values())
    network = Network(*providers.values())
    with (
        running_server(
            directory, clock=clock, ask_provider=network.send, providers=clients, **settings
        ) as server,
        ExitStack() as opened,
    ):
        yield World(App(server, opened), clock, providers)


@pytest.fixture
def world(tmp_path: Path, template: Path, clock: Clock) -> Iterator[World]:
    shutil.copy(template, tmp_path)
    with world_in(tmp_path, clock) as found:
        yield found


@pytest.mark.parametrize(("name", "method"), [("github", "GitHubOAuth"), ("google", "GoogleOAuth")])
def test_a_stranger_gets_an_account_and_comes_back_to_it(world: World, name: str, method: str) -> None:
    first = world.app.finish(world.sign_in("mary@example.com", name, subject="77"))
    assert (first["authentication_method"], first["user"]["email"]) == (method, "mary@example.com")
    assert first["user"]["email_verified"]
    again = world.app.finish(world.sign_in("mary.somerville@example.com", name, subject="77"))
    assert again["user"]["id"] == first["user"]["id"]
    with world.app.server.client() as client:
        listed = client.get(f"/user_management/users/{first['user']['id']}/identities").json()
    assert listed == [{"idp_id": "77", "type": "OAuth", "provider": method}]
    assert world.events().count("authentication.oauth_succeeded") == 2


def test_two_verified_addresses_are_one_person(world: World) -> None:
    answer = world.app.finish(world.sign_in("ada@example.com"))
    ada = find_user_by_email(world.app.server.identity, "ada@example.com")
    assert ada is not None
    assert answer["user"]["id"] == ada.id
    assert [each.provider for each in list_identities(world.app.server.identity, ada.id)] == ["GitHubOAuth"]


def test_an_address_the_provider_has_not_verified_is_nobodys(world: World) -> None:
    browser = world.app.browser()
    page = world.come_back(browser, world.go(browser), "ada@example.com", email_verified=False)
    assert (page.heading, "no verified email address" in page.text) == ("Sign in", True)
    assert "authentication.oauth_failed" in world.events()
    assert browser.sign_in(page, "ada@example.com", PASSWORD)
    assert world.app.finish(browser)["authentication_method"] == "Password"


def test_an_account_that_somebody_else_made_with_this_address_does_not_survive(world: World) -> None:
    identity = world.app.server.identity
    before = find_user_by_email(identity, "new@example.com")
    assert before is not None
    answer = world.app.finish(world.sign_in("new@example.com"))
    assert answer["user"]["id"] != before.id
    browser = world.app.browser()
    page = browser.sign_in(world.app.begin(browser), "new@example.com", PASSWORD)
    assert page.status == 422
    assert "user.deleted" in world.events()


def test_an_unverified_account_of_the_application_is_left_alone(world: World) -> None:
    create_user(world.app.server.identity, email="kept@example.com", external_id="crm-7")
    browser = world.app.browser()
    page = world.come_back(browser, world.go(browser), "kept@example.com")
    assert "Sign in the way you did before" in page.text


def test_who_does_not_agree_is_back_at_the_page(world: World) -> None:
    browser = world.app.browser()
    page = browser.get(world.providers["github"].cancel(world.go(browser)))
    assert (page.heading, "You did not agree at GitHub" in page.text) == ("Sign in", True)


@pytest.mark.parametrize("fault", ["status_500", "html", "dead", "wrong_nonce", "wrong_issuer", "wrong_key"])
def test_OI_1_what_a_provider_does_wrong_signs_nobody_in(world: World, fault: Any) -> None:
    browser = world.app.browser()
    url = world.go(browser, "google")
    with world.providers["google"].fault(fault):
        page = world.come_back(browser, url, "ada@example.com")
    assert (page.heading, "did not work" in page.text) == ("Sign in", True)
    assert browser.left_for == ""


def test_PS_1_another_browser_cannot_finish_it(world: World) -> None:
    mine, theirs = world.app.browser(), world.app.browser()
    url = world.go(mine)
    callback = world.providers["github"].consent(url, world.providers["github"].person("ada@example.com"))
    world.app.begin(theirs)
    assert theirs.get(callback).status >= 400
    world.clock.advance(minutes=11)
    assert mine.get(callback).status >= 400


def test_the_application_may_name_the_provider(world: World) -> None:
    browser = world.app.browser()
    world.app.begin(browser, provider="GitHubOAuth", login_hint="ada@example.com")
    assert world.providers["github"].is_at(browser.left_for)
    page = browser.get(world.providers["github"].cancel(browser.left_for))
    assert page.heading == "Sign in"
    world.come_back(
        browser, browser.click(page, "Continue with GitHub") and browser.left_for, "ada@example.com"
    )
    assert world.app.finish(browser)["user"]["email"] == "ada@example.com"
    world.app.begin(browser, provider="AppleOAuth")
    assert world.app.answer(browser)["error"] == "invalid_request"


def test_a_policy_may_rule_a_provider_out(world: World) -> None:
    browser = world.app.browser()
    url = world.go(browser, "google")
    set_policy(world.app.server.identity, methods=["password", "github_oauth"])
    page = world.app.begin(world.app.browser())
    assert "Continue with Google" not in page.text
    assert "Continue with GitHub" in page.text
    page = world.come_back(browser, url, "ada@example.com")
    assert browser.left_for == ""
    assert page.status >= 400


def test_a_second_factor_is_asked_for_after_a_provider_too(world: World) -> None:
    set_policy(world.app.server.identity, mfa="required")
    browser = world.app.browser()
    page = world.come_back(browser, world.go(browser), "ada@example.com")
    assert "/enroll-second-factor" in page.url
    assert browser.left_for == ""


def test_somebody_who_is_suspended_does_not_get_in(world: World) -> None:
    ada = find_user_by_email(world.app.server.identity, "ada@example.com")
    assert ada is not None
    suspend_user(world.app.server.identity, ada.id)
    browser = world.app.browser()
    url = world.go(browser)
    world.come_back(browser, url, "ada@example.com")
    assert browser.left_for == ""


def test_no_new_account_where_none_are_made(tmp_path: Path, template: Path, clock: Clock) -> None:
    shutil.copy(template, tmp_path)
    with world_in(tmp_path, clock, sign_up=False) as world:
        browser = world.app.browser()
        page = world.come_back(browser, world.go(browser), "stranger@example.com")
        assert "There is no account for you here" in page.text
        assert world.app.finish(world.sign_in("ada@example.com"))["user"]["email"] == "ada@example.com"


def test_settings_name_the_providers_and_say_what_is_missing() -> None:
    given = {"VESTIBULE_SERVER_PUBLIC_URL": "https://id.example.com", "VESTIBULE_SERVER_SECRET": SECRET}
    named = {"VESTIBULE_SERVER_PROVIDERS": "github", "GITHUB_CLIENT_ID": "a", "GITHUB_CLIENT_SECRET": "b"}
    settings = Settings.from_env(given | named)
    assert [each.id for each in settings.providers] == ["github"]
    assert "client_secret='b'" not in repr(settings)
    with pytest.raises(ConfigError) as caught:
        Settings.from_env(given | {"VESTIBULE_SERVER_PROVIDERS": "google nobody apple"})
    told = str(caught.value)
    for part in ("GOOGLE_CLIENT_ID", "nobody", "Apple"):
        assert part in told

"""npm's oidc-provider, a certified OpenID provider, unmodified: we sign in there as an app's server would."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx2
import pytest

from tests.interop.peers import JS, node
from tests.oauth.stage import query_of
from vestibule.errors import ProviderError
from vestibule.flow import run
from vestibule.oauth import Beginning, Client, ProviderSignIn, Upstream, linking, oidc
from vestibule.oauth.profile import Linking
from vestibule.send import Sender
from vestibule.testing import Clock
from vestibule.testing.pages import read_page

pytestmark = pytest.mark.js

CALLBACK = "https://app.example.com/auth/callback/acme"
SECRET = "a secret with %, + and : in it"
FARTHEST = 12


@dataclass
class Provider:
    """`turn` makes it sign with a new key."""

    process: subprocess.Popen[str]
    issuer: str = ""

    def turn(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("turn\n")
        self.process.stdin.flush()
        self.listen()

    def listen(self) -> None:
        assert self.process.stdout is not None
        told = next(line for line in self.process.stdout if line.startswith("{"))  # else advice
        self.issuer = json.loads(told)["issuer"]

    def client(self, **settings: Any) -> Client:
        known = {"id": "acme", "client_id": "app", "client_secret": SECRET}
        return oidc(self.issuer, **{**known, **settings})


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    pipe = subprocess.PIPE
    registered = {"client_id": "app", "client_secret": SECRET, "redirect_uris": [CALLBACK]}
    process = subprocess.Popen(
        [node(), "oidc-provider.mjs", json.dumps(registered)],
        cwd=JS,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    provider = Provider(process)
    provider.listen()
    yield provider
    process.communicate(timeout=20)


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender()
    yield sender
    sender.close()


@dataclass
class App:
    upstream: Upstream
    sender: Sender

    def begin(self, *, redirect_uri: str = CALLBACK, **params: str) -> Beginning:
        return run(self.upstream.begin(redirect_uri=redirect_uri, params=params), self.sender.send)

    def finish(self, beginning: Beginning, callback: str) -> ProviderSignIn:
        flow = self.upstream.finish(query_of(callback), beginning.transaction)
        return run(flow, self.sender.send)

    def sign_in(self, **params: str) -> ProviderSignIn:
        beginning = self.begin(**params)
        return self.finish(beginning, agree(beginning.url))


@pytest.fixture
def app(provider: Provider, sender: Sender) -> App:
    return App(Upstream(provider.client(scopes=["openid", "profile", "email", "offline_access"])), sender)


def agree(url: str, **said: str) -> str:
    """A browser on the pages of the provider, until it is sent back to the app: the callback URL."""
    with httpx2.Client() as browser:
        response = browser.get(url)
        for _ in range(FARTHEST):
            if response.is_redirect:
                target = urljoin(str(response.url), response.headers["location"])
                if target.startswith("https://app.example.com/"):
                    return target
                response = browser.get(target)
                continue
            page = read_page(str(response.url), response.status_code, response.text)
            if response.status_code != 200:
                raise AssertionError(page.text)
            form = page.forms[0]
            filled = {**form.values, "login": "ada", "password": "any"} | said
            response = browser.post(form.action, data=filled)
    raise AssertionError("no way back")


def test_somebody_signs_in(app: App, provider: Provider) -> None:
    beginning = app.begin(prompt="consent")
    callback = agree(beginning.url)
    assert query_of(callback)["iss"] == provider.issuer
    signed_in = app.finish(beginning, callback)
    assert signed_in.profile.identity == (provider.issuer, "ada")
    assert (signed_in.profile.email, signed_in.profile.name) == ("ada@example.com", "Ada")
    assert signed_in.claims["nonce"] == beginning.transaction.nonce
    row = app.upstream.provider
    may = linking(signed_in.profile, row, local_email="ada@example.com", local_email_verified=True)
    assert may is Linking.ALLOWED


@pytest.mark.parametrize("method", ["basic", "post"])
def test_either_way_of_showing_the_secret_is_taken(provider: Provider, sender: Sender, method: Any) -> None:
    app = App(Upstream(provider.client(token_auth=method)), sender)
    assert app.sign_in().profile.subject == "ada"
    wrong = App(Upstream(provider.client(token_auth=method, client_secret="wrong")), sender)
    with pytest.raises(ProviderError) as caught:
        wrong.sign_in()
    assert (caught.value.code, caught.value.side) == ("provider_client", "app")


def test_PS_5_a_code_works_once(app: App) -> None:
    beginning = app.begin(prompt="consent")
    callback = agree(beginning.url)
    tokens = app.finish(beginning, callback).tokens
    with pytest.raises(ProviderError) as caught:
        app.finish(beginning, callback)
    assert (caught.value.code, caught.value.error) == ("provider_grant", "invalid_grant")
    with pytest.raises(ProviderError):
        run(app.upstream.profile(tokens, subject="ada"), app.sender.send)


def test_a_code_of_another_sign_in_is_refused(app: App) -> None:
    ours, theirs = app.begin(), app.begin()
    swapped = query_of(agree(ours.url)) | {"code": query_of(agree(theirs.url))["code"]}
    with pytest.raises(ProviderError) as caught:
        run(app.upstream.finish(swapped, ours.transaction), app.sender.send)
    assert caught.value.code == "provider_grant"


def test_who_would_have_to_be_asked_comes_back(app: App) -> None:
    beginning = app.begin(prompt="none")
    with pytest.raises(ProviderError) as caught:
        app.finish(beginning, agree(beginning.url))
    assert (caught.value.code, caught.value.side) == ("provider_interaction", "person")


def test_refresh_tokens_rotate_and_one_that_comes_again_ends_all(app: App) -> None:
    elsewhere = Sender()  # in one process the same question within five seconds has the same answer
    signed_in = app.sign_in(prompt="consent")
    first = signed_in.tokens.refresh_token
    assert first is not None
    second = run(app.upstream.refresh(first, subject="ada"), app.sender.send)
    assert second.refresh_token not in (None, first)
    assert run(app.upstream.profile(second, subject="ada"), app.sender.send).subject == "ada"
    assert second.refresh_token is not None
    for spent in (first, second.refresh_token):
        with pytest.raises(ProviderError) as caught:
            run(app.upstream.refresh(spent), elsewhere.send)
        assert (caught.value.code, caught.value.side) == ("provider_grant", "app")
    elsewhere.close()


def test_a_revoked_token_is_over(app: App) -> None:
    tokens = app.sign_in(prompt="consent").tokens
    assert tokens.refresh_token is not None
    assert run(app.upstream.revoke(tokens.refresh_token, hint="refresh_token"), app.sender.send)
    with pytest.raises(ProviderError) as caught:
        run(app.upstream.refresh(tokens.refresh_token), app.sender.send)
    assert caught.value.code == "provider_grant"
    assert run(app.upstream.revoke("never issued"), app.sender.send)


def test_OR_2_a_callback_address_that_is_not_registered_leads_nowhere(app: App) -> None:
    with pytest.raises(AssertionError, match="redirect_uri"):
        agree(app.begin(redirect_uri=f"{CALLBACK}/").url)


def test_OI_2_an_issuer_that_is_written_otherwise_is_refused(provider: Provider, sender: Sender) -> None:
    app = App(Upstream(oidc(f"{provider.issuer}/", id="acme", client_id="app")), sender)
    with pytest.raises(ProviderError) as caught:
        app.begin()
    assert (caught.value.code, caught.value.side) == ("discovery_issuer", "app")


def test_JK_4_a_new_key_is_fetched_when_it_is_met(provider: Provider, sender: Sender) -> None:
    clock = Clock()
    app = App(Upstream(provider.client(), clock=clock), sender)
    assert app.sign_in().profile.subject == "ada"
    provider.turn()
    with pytest.raises(ProviderError) as caught:
        app.sign_in()
    assert caught.value.code == "id_token_key"  # keys are not asked for twice in half a minute
    clock.advance(seconds=31)
    assert app.sign_in().profile.subject == "ada"

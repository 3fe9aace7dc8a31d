"""A provider for tests: what it looks at, as a real one does, in this process and over HTTP."""

import asyncio
import io
import itertools
import json
import socket
import subprocess
import sys
import threading
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.testing.providing import REDIRECT, SignIn, query_of
from vestibule.errors import ProviderError, Unreachable
from vestibule.flow import HttpRequest, run, run_async
from vestibule.oauth import Upstream, linking
from vestibule.oauth.profile import Linking
from vestibule.send import Sender
from vestibule.testing import Clock, Network, ProviderRefusal, TestProvider
from vestibule.testing.oauth.__main__ import serve_until
from vestibule.testing.pages import PageBrowser

KINDS: list[Literal["github", "google", "oidc"]] = ["github", "google", "oidc"]


@pytest.fixture(params=KINDS)
def provider(request: pytest.FixtureRequest) -> TestProvider:
    return TestProvider(request.param, clock=Clock(), redirect_uris=[REDIRECT])


def test_somebody_signs_in_in_the_same_process(provider: TestProvider) -> None:
    at_home = {"github": "https://github.com/", "google": "https://accounts.google.com/"}
    assert SignIn(provider).beginning.url.startswith(at_home.get(provider.kind, "https://id.acme.test/"))
    grace = provider.person("grace@example.com", name="Grace Hopper", picture="https://img.test/g.png")
    profile = SignIn(provider).finish().profile
    assert profile.subject == grace.subject
    assert profile.identity.provider == (provider.url if provider.kind == "oidc" else provider.kind)
    assert (profile.email, profile.email_verified) == ("grace@example.com", True)
    assert (profile.name, profile.username) == ("Grace Hopper", "grace")
    assert profile.picture == "https://img.test/g.png"
    allowed = linking(
        profile, provider.client().provider, local_email="grace@example.com", local_email_verified=True
    )
    assert allowed is Linking.ALLOWED


def test_who_is_not_named_is_ada_or_whoever_came_last(provider: TestProvider) -> None:
    assert SignIn(provider).finish().profile.email == "ada@example.com"
    provider.person("grace@example.com", subject="7")
    ada = provider.person()
    assert SignIn(provider).finish().profile.email == "ada@example.com"
    for who in ("7", "grace@example.com", provider.person("grace@example.com", subject="7")):
        assert SignIn(provider).finish(who=who).profile.subject == "7"
    assert [each.subject for each in provider.people] == [ada.subject, "7"]
    with pytest.raises(LookupError, match=r"provider.person\('eve@example.com'\)"):
        SignIn(provider).finish(who="eve@example.com")


def test_it_is_the_same_over_http(provider: TestProvider) -> None:
    sender = Sender()
    with provider.serving() as url:
        assert url.startswith("http://127.0.0.1:")
        sign_in = SignIn(provider, send=sender.send)
        page = PageBrowser(_asker(sender.send)).get(sign_in.beginning.url)
        assert page.heading == f"Sign in with {provider.dialect.name}"
        assert page.forms[0].choices == [(("account"), provider.people[0].subject), ("cancel", "1")]
        assert sign_in.finish().profile.email == "ada@example.com"
    sender.close()
    assert provider.url == provider.dialect.url


def _asker(send: Any) -> Any:
    def ask(request: HttpRequest) -> tuple[int, list[tuple[str, str]], bytes]:
        response = send(request)
        return response.status, list(response.headers.items()), response.body

    return ask


def test_a_person_chooses_on_a_page_or_would_rather_not(provider: TestProvider) -> None:
    provider.person()
    provider.person("<b>@example.com", name='"Bob" <b>', subject="8")
    sign_in = SignIn(provider, params={"login_hint": "<b>@example.com"})
    browser = PageBrowser(_asker(provider.send))
    page = browser.get(sign_in.beginning.url)
    assert "&quot;Bob&quot; &lt;b&gt;" in page.text
    assert "<b>" not in page.text
    assert page.forms[0].choices[0] == ("account", "8")
    path = urlsplit(sign_in.beginning.url).path
    back = browser.submit(page, path, account="8")
    assert back.location is not None
    assert sign_in.finish(callback=back.location).profile.subject == "8"
    cancelled = browser.submit(page, path, cancel="1").location
    assert cancelled is not None
    for callback in (cancelled, provider.cancel(sign_in.beginning.url)):
        with pytest.raises(ProviderError) as caught:
            sign_in.finish(callback=callback)
        assert (caught.value.code, caught.value.side) == ("access_denied", "person")


def test_the_page_asks_for_a_style_sheet_and_nothing_else(provider: TestProvider) -> None:
    sign_in = SignIn(provider)
    page = provider.send(HttpRequest("GET", sign_in.beginning.url))
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https://app.example.com;" in policy
    assert "unsafe" not in policy
    assert b"style=" not in page.body
    sheet = provider.send(HttpRequest("GET", f"{provider.url}/provider.css"))
    assert sheet.headers["content-type"] == "text/css; charset=utf-8"
    assert b"prefers-color-scheme: dark" in sheet.body


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_id": "somebody"}, "invalid_client"),
        ({"redirect_uri": f"{REDIRECT}/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": ""}, "redirect_uri_mismatch"),
    ],
)
def test_OR_2_nobody_is_sent_back_to_an_address_that_is_not_registered(
    provider: TestProvider, changed: dict[str, str], error: str
) -> None:
    url = _with(SignIn(provider).beginning.url, **changed)
    page = PageBrowser(_asker(provider.send)).get(url)
    assert page.location is None
    assert page.status in (400, 401)
    assert page.problem
    with pytest.raises(ProviderRefusal) as caught:
        provider.consent(url)
    assert caught.value.error == error


def test_nobody_is_asked_at_another_address(provider: TestProvider) -> None:
    url = SignIn(provider).beginning.url
    with provider.serving(), pytest.raises(ProviderRefusal, match=r"asked at http://127\.0\.0\.1"):
        provider.consent(url)
    assert provider.consent(url).startswith(REDIRECT)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_what_cannot_be_asked_is_said_at_the_callback(
    provider: TestProvider, changed: dict[str, str], error: str
) -> None:
    url = _with(SignIn(provider).beginning.url, **changed)
    answer = query_of(provider.consent(url))
    assert answer["error"] == error
    assert answer["error_description"]
    assert PageBrowser(_asker(provider.send)).get(url).location == provider.consent(url)


def test_without_the_scope_openid_there_is_no_sign_in() -> None:
    provider = TestProvider("oidc")
    with pytest.raises(ProviderError) as caught:
        SignIn(provider, scopes=["email"]).finish()
    assert (caught.value.code, caught.value.side) == ("provider_scope", "app")


def _with(url: str, **changed: str) -> str:
    address, _, query = url.partition("?")
    return f"{address}?{urlencode(dict(parse_qsl(query)) | changed)}"


def test_scopes_open_what_they_open() -> None:
    github = SignIn(TestProvider("github"), scopes=["read:user"]).finish().profile
    assert (github.name, github.email_verified) == ("Ada", False)
    google = SignIn(TestProvider("google"), scopes=["openid"]).finish().profile
    assert (google.name, google.email) == (None, None)
    assert google.subject


def test_github_knows_people_by_numbers_and_who_asks_by_a_user_agent() -> None:
    provider = TestProvider("github")
    with pytest.raises(ValueError, match="by a number"):
        provider.person(subject="ada")
    tokens = SignIn(provider).finish().tokens
    asked = {"Authorization": f"Bearer {tokens.access_token}"}
    assert provider.send(HttpRequest("GET", "https://api.github.com/user", asked)).status == 403
    asked = {"Authorization": "token nothing", "User-Agent": "test"}
    assert provider.send(HttpRequest("GET", "https://api.github.com/user", asked)).status == 401


def test_github_answers_a_form_unless_asked_for_json() -> None:
    provider = TestProvider("github")
    sign_in = SignIn(provider)
    form = sign_in.token_form()
    answer = provider.send(_post(provider, form))
    assert dict(parse_qsl(answer.body.decode()))["scope"] == "read:user,user:email"


def _post(provider: TestProvider, form: dict[str, str], path: str = "tokens") -> HttpRequest:
    url = provider.dialect.addresses(provider.url)[path]  # type: ignore[index]
    return HttpRequest("POST", url, body=urlencode(form).encode())


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"client_id": "somebody"}, "provider_client", "There is no app 'somebody'"),
        ({"client_secret": "wrong"}, "provider_client", "not the secret"),
        ({"code": "wrong"}, "provider_grant", "no such code"),
        ({"code_verifier": "wrong"}, "provider_grant", "PKCE"),
        ({"redirect_uri": "https://app.example.com/x"}, "provider_redirect_uri", "is redeemed for"),
    ],
)
def test_the_token_endpoint_says_what_is_wrong(changed: dict[str, str], code: str, said: str) -> None:
    provider = TestProvider("github")
    sign_in = SignIn(provider)
    form = sign_in.token_form() | changed
    response = provider.send(_post(provider, form))
    assert said in json.loads(response.body)["error_description"]
    with pytest.raises(ProviderError) as caught:
        sign_in.read_tokens(response)
    assert caught.value.code == code
    assert sign_in.finish().profile.email == "ada@example.com"


def test_PS_5_a_code_works_once_and_takes_its_tokens_with_it() -> None:
    provider = TestProvider("oidc")
    sign_in = SignIn(provider)
    callback = provider.consent(sign_in.beginning.url)
    tokens = sign_in.finish(callback=callback).tokens
    with pytest.raises(ProviderError) as caught:
        sign_in.finish(callback=callback)
    assert caught.value.code == "provider_grant"
    assert "used before" in caught.value.hint
    with pytest.raises(ProviderError) as caught:
        run(sign_in.upstream.profile(tokens, subject="1"), provider.send)
    assert caught.value.error == "invalid_token"


def test_codes_and_tokens_grow_old() -> None:
    clock = Clock()
    provider = TestProvider("oidc", clock=clock)
    sign_in = SignIn(provider, scopes=["openid", "offline_access"])
    callback = provider.consent(sign_in.beginning.url)
    clock.advance(minutes=9)
    tokens = sign_in.finish(callback=callback).tokens
    assert tokens.expires_at == int(clock.now + 3600)
    clock.advance(hours=1)
    with pytest.raises(ProviderError):
        run(sign_in.upstream.profile(tokens, subject="1"), provider.send)
    sign_in = SignIn(provider)
    form = sign_in.token_form()
    clock.advance(minutes=11)
    assert b"older than ten minutes" in provider.send(_post(provider, form)).body


def test_refresh_tokens_rotate_and_one_that_comes_again_ends_all() -> None:
    provider = TestProvider("oidc")
    sign_in = SignIn(provider, scopes=["openid", "offline_access"])
    first = sign_in.finish().tokens.refresh_token
    assert first is not None
    second = run(sign_in.upstream.refresh(first), provider.send).refresh_token
    assert second not in (None, first)
    assert second is not None
    for spent in (first, second, "never-issued"):
        with pytest.raises(ProviderError) as caught:
            run(sign_in.upstream.refresh(spent), provider.send)
        assert (caught.value.code, caught.value.error) == ("provider_grant", "invalid_grant")


def test_googles_refresh_token_comes_when_asked_for_and_stays() -> None:
    provider = TestProvider("google")
    assert SignIn(provider).finish().tokens.refresh_token is None
    sign_in = SignIn(provider, offline=True)
    tokens = sign_in.finish().tokens
    assert tokens.refresh_token is not None
    again = run(sign_in.upstream.refresh(tokens.refresh_token), provider.send)
    assert again.refresh_token == tokens.refresh_token
    assert again.access_token != tokens.access_token
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token, **sign_in.credentials}
    assert b"invalid_scope" in provider.send(_post(provider, form | {"scope": "openid drive"})).body
    fewer = json.loads(provider.send(_post(provider, form | {"scope": "openid"})).body)
    assert fewer["scope"] == "openid"
    assert b"unsupported_grant_type" in provider.send(_post(provider, form | {"grant_type": "x"})).body


def test_a_token_that_is_revoked_is_over() -> None:
    provider = TestProvider("oidc")
    sign_in = SignIn(provider, scopes=["openid", "offline_access"])
    tokens = sign_in.finish().tokens
    assert tokens.refresh_token is not None
    assert run(sign_in.upstream.revoke(tokens.access_token), provider.send)
    assert run(sign_in.upstream.revoke("never-issued"), provider.send)
    with pytest.raises(ProviderError):
        run(sign_in.upstream.refresh(tokens.refresh_token), provider.send)
    github = SignIn(TestProvider("github"))
    assert run(github.upstream.revoke("any"), github.provider.send) is False


def test_a_secret_that_comes_twice_is_refused() -> None:
    provider = TestProvider("oidc")
    request = _post(provider, {"client_secret": "x"})
    twice = HttpRequest("POST", request.url, {"Authorization": "Basic eDp5"}, request.body)
    assert b"came twice" in provider.send(twice).body


def test_max_age_is_answered_with_the_time() -> None:
    sign_in = SignIn(TestProvider("oidc"), max_age=60)
    assert "auth_time" in sign_in.finish().claims
    assert "auth_time" not in SignIn(TestProvider("oidc")).finish().claims


def test_claims_of_its_own_reach_the_app() -> None:
    provider = TestProvider("google")
    provider.person(claims={"hd": "example.com"})
    assert SignIn(provider, hosted_domain="example.com").finish().claims["hd"] == "example.com"
    with pytest.raises(ProviderError) as caught:
        SignIn(provider, hosted_domain="example.org").finish()
    assert caught.value.code == "provider_account"


def test_a_network_has_several_places_and_no_others() -> None:
    github, google = TestProvider("github"), TestProvider("google")
    network = Network(github, google)
    for provider in (github, google):
        assert SignIn(provider, send=network.send).finish().profile.email == "ada@example.com"
    upstream = Upstream(google.client())
    beginning = asyncio.run(run_async(upstream.begin(redirect_uri=REDIRECT), network.send_async))
    assert beginning.url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    for send in (network.send, github.send):
        with pytest.raises(Unreachable, match=r"elsewhere\.test"):
            send(HttpRequest("GET", "https://elsewhere.test/"))
    network.close()
    assert google.requests_to("/token")
    assert github.send(HttpRequest("GET", f"{github.url}/nothing")).status == 404


def test_who_asks_nothing_keeps_nobody_waiting(provider: TestProvider) -> None:
    sender = Sender()
    with provider.serving() as url:
        port = urlsplit(url).port
        assert port is not None
        idle = socket.create_connection(("127.0.0.1", port))
        assert sender.send(HttpRequest("GET", f"{url}/provider.css")).status == 200
    assert idle.recv(1) == b""
    idle.close()
    sender.close()


def test_it_runs_in_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "vestibule.testing.oauth", "google", "--person", "grace@example.com"]
    command += ["--client-id", "notes", "--redirect-uri", REDIRECT]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = dict(line.split() for line in itertools.islice(process.stdout, 9))
    asked = {"client_id": "notes", "redirect_uri": REDIRECT, "code_challenge": "x" * 43}
    sender = Sender()
    url = f"{told['authorize']}?{urlencode(asked | {'code_challenge_method': 'S256', 'scope': 'openid'})}"
    assert "grace@example.com" in PageBrowser(_asker(sender.send)).get(url).text
    sender.close()
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


def test_its_command_says_where_it_is() -> None:
    stopped, out = threading.Event(), io.StringIO()
    stopped.set()
    serve_until(stopped, ["github", "--client-secret", "abc", "--person", "a@example.com"], out)
    told = dict(line.split() for line in out.getvalue().splitlines())
    assert (told["client_id"], told["client_secret"]) == ("test-app", "abc")
    assert told["tokens"] == f"{told['address']}/login/oauth/access_token"

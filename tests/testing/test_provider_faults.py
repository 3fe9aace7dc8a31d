"""Every fault of the provider against `vestibule.oauth`: what is said, and which side has to mend it."""

import time
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from tests.project.tree import ROOT
from tests.testing.providing import SignIn, query_of
from vestibule.errors import LoginError, ProviderError, ProviderUnreachable, Unreachable
from vestibule.flow import HttpRequest, run
from vestibule.oauth import Upstream, linking
from vestibule.oauth.profile import Linking
from vestibule.send import Sender
from vestibule.testing import PROVIDER_FAULTS, Clock, ProviderFault, TestProvider
from vestibule.testing.oauth.faults import OF_ANSWERS

Kind = Literal["github", "google", "oidc"]
ALL: tuple[Kind, ...] = ("github", "google", "oidc")
OIDC: tuple[Kind, ...] = ("google", "oidc")
UNREACHABLE = "provider_unreachable"


class Case(NamedTuple):
    """`side` None: the app cannot tell, and tries later."""

    fault: ProviderFault
    code: str
    side: str | None
    kinds: tuple[Kind, ...] = ALL


ID_TOKENS = [
    Case("wrong_nonce", "id_token_nonce", "provider", OIDC),
    Case("wrong_issuer", "id_token_issuer", "app", OIDC),
    Case("wrong_audience", "id_token_audience", "app", OIDC),
    Case("wrong_key", "id_token_signature", "provider", OIDC),
    Case("unknown_kid", "id_token_key", "provider", OIDC),
    Case("expired_id_token", "id_token_expired", "app", OIDC),
]
CALLBACKS = [
    Case("access_denied", "access_denied", "person"),
    Case("swapped_code", "provider_grant", "app"),
    Case("mix_up_issuer", "issuer_mismatch", "app", OIDC),
    Case("missing_iss", "issuer_missing", "provider", OIDC),
]
ANSWERS = [
    Case("slow", UNREACHABLE, None),
    Case("dead", UNREACHABLE, None),
    Case("status_500", UNREACHABLE, None),
    Case("html", "provider_answer", "provider"),
    Case("redirect", "provider_answer", "provider"),
    Case("error_in_200", "provider_unavailable", "provider"),
]


def each(cases: list[Case]) -> pytest.MarkDecorator:
    rows = [(kind, case) for case in cases for kind in case.kinds]
    return pytest.mark.parametrize(
        ("kind", "case"), rows, ids=[f"{case.fault}-{kind}" for kind, case in rows]
    )


def outcome(sign_in: SignIn) -> tuple[str, str | None]:
    """The code and the side of what goes wrong; nothing secret is said about it."""
    with pytest.raises((LoginError, ProviderUnreachable)) as caught:
        sign_in.finish()
    error, transaction = caught.value, sign_in.beginning.transaction
    secrets = [
        transaction.code_verifier,
        transaction.state,
        transaction.nonce,
        sign_in.provider.client_secret,
    ]
    secrets += [query_of(request.url).get("code") for request in sign_in.provider.requests]
    hint = getattr(error, "hint", "")
    for told in (str(error), repr(error), hint, repr(transaction), repr(sign_in.beginning)):
        assert [secret for secret in secrets if secret and secret in told] == []
    return error.code, getattr(error, "side", None)


@each(ID_TOKENS)
def test_OI_1_id_tokens_that_are_not_for_us_are_refused(kind: Kind, case: Case) -> None:
    provider = TestProvider(kind, clock=Clock())
    sign_in = SignIn(provider)
    with provider.fault(case.fault):
        assert outcome(sign_in) == (case.code, case.side)
    assert SignIn(provider).finish().profile.email == "ada@example.com"


@each(CALLBACKS)
def test_a_callback_that_is_not_what_it_should_be(kind: Kind, case: Case) -> None:
    provider = TestProvider(kind, clock=Clock())
    sign_in = SignIn(provider)
    with provider.fault(case.fault):
        assert outcome(sign_in) == (case.code, case.side)
    assert sign_in.finish().profile.email == "ada@example.com"


@each(ANSWERS)
def test_answers_that_are_none(kind: Kind, case: Case) -> None:
    provider = TestProvider(kind, clock=Clock())
    sign_in = SignIn(provider)
    with provider.fault(case.fault):
        assert outcome(sign_in) == (case.code, case.side)
    assert SignIn(provider).finish().profile.email == "ada@example.com"
    with provider.fault(case.fault, at="user"):
        assert outcome(SignIn(provider)) == (case.code, case.side)


@pytest.mark.parametrize("kind", OIDC)
def test_OI_4_somebody_elses_profile_is_refused(kind: Kind) -> None:
    provider = TestProvider(kind)
    with provider.fault("swapped_subject"):
        assert outcome(SignIn(provider)) == ("subject_mismatch", "provider")


def test_OI_4_github_can_be_asked_again_whose_profile_it_is() -> None:
    provider = TestProvider("github")
    sign_in = SignIn(provider)
    signed_in = sign_in.finish()
    again = sign_in.upstream.profile(signed_in.tokens, subject=signed_in.profile.subject)
    with provider.fault("swapped_subject"), pytest.raises(ProviderError) as caught:
        run(again, provider.send)
    assert caught.value.code == "subject_mismatch"


@pytest.mark.parametrize(
    ("fault", "code", "side"),
    [
        ("wrong_discovery", "discovery_issuer", "app"),
        ("status_500", UNREACHABLE, None),
        ("slow", UNREACHABLE, None),
        ("html", "discovery_invalid", "provider"),
        ("redirect", "discovery_invalid", "provider"),
        ("error_in_200", "discovery_issuer", "app"),
    ],
)
def test_OI_2_discovery_that_cannot_be_relied_on_begins_nothing(
    fault: ProviderFault, code: str, side: str | None
) -> None:
    provider = TestProvider("oidc", clock=Clock())
    with provider.fault(fault), pytest.raises((ProviderError, ProviderUnreachable)) as caught:
        SignIn(provider)
    assert (caught.value.code, getattr(caught.value, "side", None)) == (code, side)


@pytest.mark.parametrize("kind", ALL)
def test_OI_3_addresses_nobody_has_proved_join_no_account(kind: Kind) -> None:
    provider = TestProvider(kind)

    def seen(fault: ProviderFault) -> tuple[str | None, bool, Linking]:
        with provider.fault(fault):
            profile = SignIn(provider).finish().profile
        row = provider.client().provider
        may = linking(profile, row, local_email="ada@example.com", local_email_verified=True)
        return profile.email, profile.email_verified, may

    assert seen("no_email") == (None, False, Linking.NO_EMAIL)
    assert seen("unverified_email") == ("ada@example.com", False, Linking.UNVERIFIED_THERE)
    if kind == "github":
        assert seen("private_email") == ("ada@example.com", True, Linking.ALLOWED)


def test_JK_4_a_new_key_is_fetched_once() -> None:
    provider = TestProvider("oidc", clock=Clock())
    upstream = Upstream(provider.client(), clock=provider.clock)
    SignIn(provider, upstream=upstream).finish()
    assert len(provider.requests_to("/jwks")) == 1
    with provider.fault("unknown_kid_then_rotated"):
        # Half a minute must have passed since the last fetch, lest a flood of made-up key ids becomes one of
        # requests.
        assert outcome(SignIn(provider, upstream=upstream)) == ("id_token_key", "provider")
        provider.clock.advance(seconds=31)  # type: ignore[attr-defined]
        SignIn(provider, upstream=upstream).finish()
        SignIn(provider, upstream=upstream).finish()
    assert len(provider.requests_to("/jwks")) == 2


def test_JK_2_keys_that_do_not_come_sign_nobody_in() -> None:
    provider = TestProvider("oidc", clock=Clock())
    for fault in ("status_500", "html", "redirect", "dead"):
        with provider.fault(fault, at="keys"):  # type: ignore[arg-type]
            code, _ = outcome(SignIn(provider))
        assert code == UNREACHABLE
    assert SignIn(provider).finish().profile.email == "ada@example.com"


def test_a_foreign_code_is_noticed_even_where_pkce_is_not() -> None:
    provider = TestProvider("oidc")
    with provider.fault("swapped_code"), provider.fault("ignored_pkce"):
        assert outcome(SignIn(provider)) == ("id_token_nonce", "provider")


def test_refreshing_and_revoking_can_be_refused() -> None:
    provider = TestProvider("oidc")
    sign_in = SignIn(provider, scopes=["openid", "offline_access"])
    tokens = sign_in.finish().tokens
    assert tokens.refresh_token
    with provider.fault("refresh_refused"), pytest.raises(ProviderError) as caught:
        run(sign_in.upstream.refresh(tokens.refresh_token), provider.send)
    assert (caught.value.code, caught.value.side) == ("provider_grant", "app")
    with provider.fault("revocation_refused"), pytest.raises(ProviderError) as caught:
        run(sign_in.upstream.revoke(tokens.access_token), provider.send)
    assert (caught.value.code, caught.value.side) == ("provider_error", "provider")
    assert run(sign_in.upstream.refresh(tokens.refresh_token), provider.send).access_token


def test_an_answer_that_takes_a_while_is_an_answer() -> None:
    clock = Clock()
    provider = TestProvider("github", clock=clock)
    began = clock.now
    with provider.fault("slow", seconds=2):
        assert SignIn(provider).finish().profile.email == "ada@example.com"
    assert clock.now == began + 3 * 2
    provider = TestProvider("github")
    with provider.fault("slow", seconds=2):
        assert SignIn(provider).finish().profile.email == "ada@example.com"


def test_over_http_slow_takes_its_time_and_dead_says_nothing() -> None:
    provider, sender = TestProvider("github"), Sender()
    with provider.serving() as url:
        request = HttpRequest("GET", f"{url}/api/v3/user", deadline=0.2)
        with provider.fault("dead"), pytest.raises(Unreachable):
            sender.send(request)
        with provider.fault("slow", seconds=0.05):
            assert sender.send(HttpRequest("GET", request.url)).status == 401
        with provider.fault("slow"), pytest.raises(Unreachable):
            sender.send(request)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    sender.close()


def test_a_fault_of_the_page_is_for_people_and_the_rest_for_apps() -> None:
    provider = TestProvider("github")
    page = HttpRequest("GET", SignIn(provider).beginning.url)
    with provider.fault("status_500"):
        assert provider.send(page).status == 200
    with provider.fault("status_500", at="authorize"):
        assert provider.send(page).status == 500
        assert SignIn(provider).finish().profile.email == "ada@example.com"
    with provider.fault("access_denied"):
        assert query_of(provider.send(page).headers["location"])["error"] == "access_denied"


def test_what_cannot_go_wrong_is_said_so() -> None:
    github, google = TestProvider("github"), TestProvider("google")
    with pytest.raises(ValueError, match="There are: wrong_nonce"):
        github.inject("bad_luck")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="cannot happen at GitHub"):
        github.inject("wrong_nonce")
    with pytest.raises(ValueError, match="cannot happen at Google"):
        google.inject("private_email")
    with pytest.raises(ValueError, match="but at 'authorize' or 'tokens' or 'user' or 'emails'"):
        github.inject("html", at="keys")
    with pytest.raises(ValueError, match="at no single endpoint"):
        github.inject("access_denied", at="authorize")


def test_faults_last_until_they_are_over() -> None:
    provider = TestProvider("google")
    provider.inject("wrong_nonce")
    provider.inject("no_email")
    provider.recover("wrong_nonce")
    assert SignIn(provider).finish().profile.email is None
    provider.recover()
    assert SignIn(provider).finish().profile.email == "ada@example.com"


def test_every_fault_is_tried_here_and_explained_to_users() -> None:
    tried = {case.fault for case in [*ID_TOKENS, *CALLBACKS, *ANSWERS]}
    text = Path(__file__).read_text("utf-8")
    page = (ROOT / "docs/how-to/test-your-app.md").read_text("utf-8")
    assert [name for name in PROVIDER_FAULTS if name not in tried and f'"{name}"' not in text] == []
    assert [name for name in PROVIDER_FAULTS if f"`{name}`" not in page] == []
    assert {case.fault for case in ANSWERS} == OF_ANSWERS

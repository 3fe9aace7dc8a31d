"""What went wrong in other identity servers, under the name it got there."""

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clocks import Clock
from tests.server.apps import CALLBACK, PASSWORD, App
from tests.server.identity.test_refresh_races import Worker, count_generations
from tests.server.people import code_in, mails_to, wrong
from vestibule.crypto.pkce import create_pair
from vestibule.server.identity import grants
from vestibule.server.identity.addresses import check_registrable
from vestibule.server.identity.authorize import AuthorizationError, check_authorization
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import IdentityError, Invalid, NotFound, OAuthDenied, TooMany
from vestibule.server.identity.limits import Limit, hit_all, place_of
from vestibule.server.identity.logins import begin_login, get_login
from vestibule.server.identity.redirect_uris import create_redirect_uri
from vestibule.server.identity.resets import confirm_reset, create_reset, request_reset
from vestibule.server.identity.sessions import revoke_session
from vestibule.server.identity.users import create_user
from vestibule.server.identity.verification import confirm_verification, send_verification
from vestibule.server.store.store import Store

PAIR = create_pair()
CELLS = list(itertools.product([True, False], repeat=5))
LISTS = [
    "ada@example.com,eve@example.com",
    "ada@example.com;eve@example.com",
    "ada@example.com eve@example.com",
    "ada@example.com\neve@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "friends: ada@example.com, eve@example.com;",
    '"ada@example.com,eve"@example.com',
    '"a b"@example.com',
    "ada@eve@example.com",
    "<ada@example.com>",
    "Ada <ada@example.com>",
    "ada@[127.0.0.1]",
]


@pytest.mark.parametrize(("client", "in_time", "unused", "address", "verifier"), CELLS)
def test_reg_CVE_2026_28513_of_all_combinations_one_is_good(
    app: App, clock: Clock, client: bool, in_time: bool, unused: bool, address: bool, verifier: bool
) -> None:
    code = app.code(app.create_user(), PAIR)
    if not unused:
        app.exchange(code, code_verifier=PAIR.verifier)
    if not in_time:
        clock.advance(seconds=601)
    brought = {
        "code": code,
        "client_id": app.client_id if client else "client_other",
        "redirect_uri": CALLBACK if address else "https://app.example.com/other",
        "code_verifier": PAIR.verifier if verifier else create_pair().verifier,
    }
    if all((client, in_time, unused, address, verifier)):
        assert grants.exchange_code(app.identity, **brought).session.id
    else:
        with pytest.raises(OAuthDenied):
            grants.exchange_code(app.identity, **brought)


@pytest.mark.parametrize("verifier", [None, "", create_pair().verifier], ids=["none", "empty", "another"])
def test_reg_CVE_2023_48228_once_a_challenge_was_sent_the_verifier_is_needed(
    app: App, verifier: str | None
) -> None:
    code = app.code(app.create_user(), PAIR)
    with pytest.raises(OAuthDenied):
        app.exchange(code, client_secret=app.secret, code_verifier=verifier)


def test_reg_CVE_2026_1035_four_processes_make_one_generation_of_one_token(app: App) -> None:
    token = app.sign_in(app.create_user()).refresh_token
    successors: set[str] = set()
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(app)) for _ in range(4)]
        for _ in range(7):  # four processes, two threads each: 56 exchanges
            for worker in workers:
                worker.begin(token)
            for worker in workers:
                successors.update(worker.finish())
    assert len(successors) == 1
    assert count_generations(app) == 2


def test_reg_CVE_2026_9802_what_was_revoked_stays_so_after_a_restart(app: App) -> None:
    opened = app.sign_in(app.create_user())
    revoke_session(app.identity, opened.session.id)
    store = Store(app.identity.settings.database)
    try:
        restarted = Identity(store, app.identity.settings, app.identity.clock)
        with pytest.raises(OAuthDenied):
            grants.refresh(restarted, refresh_token=opened.refresh_token, client_id=app.client_id)
    finally:
        store.close()


@pytest.mark.parametrize("name", ["state", "response_type", "code_challenge", "scope", "client_id", "prompt"])
def test_reg_CVE_2026_9689_a_parameter_sent_twice_is_refused(app: App, name: str) -> None:
    asked = app.ask(PAIR, state="s", scope="openid", prompt="login")
    for pairs in ([*asked.items(), (name, asked[name])], [(name, "other"), *asked.items()]):
        with pytest.raises(AuthorizationError) as caught:
            check_authorization(app.identity, pairs)
        assert caught.value.code == "invalid_request"


def test_reg_CVE_2026_9689_an_address_sent_twice_leads_nowhere(app: App) -> None:
    for first, second in itertools.permutations([CALLBACK, "https://evil.example/"]):
        pairs = [*app.ask(PAIR, redirect_uri=first).items(), ("redirect_uri", second)]
        with pytest.raises(AuthorizationError) as caught:
            check_authorization(app.identity, pairs)
        assert caught.value.redirect_to is None


@pytest.mark.parametrize("name", ["request", "request_uri"])
def test_reg_CVE_2026_9793_request_objects_are_refused(app: App, name: str) -> None:
    with pytest.raises(AuthorizationError) as caught:
        check_authorization(app.identity, app.ask(PAIR, **{name: "https://evil.example/request.jwt"}))
    assert caught.value.code == f"{name}_not_supported"


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com@evil.example/callback",
        "https://user:word@app.example.com/callback",
        "https://@app.example.com/callback",
        "https://app.example.com%40evil.example/callback",
        "https://app.example.com\\@evil.example/callback",
    ],
)
def test_reg_CVE_2026_28512_an_address_with_a_user_is_neither_registered_nor_followed(
    app: App, uri: str
) -> None:
    with pytest.raises(Invalid):
        create_redirect_uri(app.identity, uri)
    with pytest.raises(AuthorizationError) as caught:
        check_authorization(app.identity, app.ask(PAIR, redirect_uri=uri))
    assert caught.value.redirect_to is None


BRACKETS = st.one_of(
    st.sampled_from(["https://[", "https://[::", "https://[::1", "https://]", "https://[::1%25eth0]/"]),
    st.text("[]:%.@/\\#?1af", max_size=40).map(lambda text: f"https://{text}"),
    st.just("https://" + "a" * 10_240 + ".example/callback"),
    st.text(max_size=60),
)


@given(uri=BRACKETS)
def test_reg_CVE_2022_36087_an_odd_host_is_only_refused(uri: str) -> None:
    for staging in (True, False):
        try:
            check_registrable(uri, field="uri", staging=staging)
        except Invalid:
            continue
        authority = re.split("[/?#]", uri.partition("//")[2], maxsplit=1)[0]  # RFC 3986 §3.2
        assert "@" not in authority


def test_reg_CVE_2022_39222_a_sign_in_seen_by_another_browser_is_of_no_use_to_it(app: App) -> None:
    login = begin_login(
        app.identity, check_authorization(app.identity, app.ask(PAIR)), "the victim's browser"
    )
    assert get_login(app.identity, login.token, "another browser") is None
    assert get_login(app.identity, login.token, "") is None


def test_reg_CVE_2026_45364_addresses_have_one_spelling_and_a_network_is_one_place(app: App) -> None:
    spellings = ["1.2.3.4", "::ffff:1.2.3.4", "::FFFF:102:304", "0:0:0:0:0:ffff:102:304"]
    assert {place_of(address) for address in spellings} == {"1.2.3.4"}
    for number in range(5):
        hit_all(app.identity, (place_of(f"2001:DB8::{number:x}:1"), Limit(5, 60)))
    with pytest.raises(TooMany):
        hit_all(app.identity, (place_of("2001:0db8:0000::ffff"), Limit(5, 60)))


@pytest.mark.parametrize("text", LISTS)
def test_reg_CVE_2022_35924_several_addresses_are_none(app: App, text: str) -> None:
    app.create_user()
    app.create_user("eve@example.com")
    with pytest.raises(IdentityError):
        create_user(app.identity, email=text)
    for ask in (request_reset, create_reset):
        with pytest.raises(IdentityError):
            ask(app.identity, text)
    assert mails_to(app.identity, "ada@example.com") == []
    assert mails_to(app.identity, "eve@example.com") == []


def test_reg_GHSA_4rxr_27mm_mxq9_the_address_alone_proves_nothing(app: App) -> None:
    ada = create_user(app.identity, email="ada@example.com", password=PASSWORD)
    send_verification(app.identity, ada.id)
    code = code_in(mails_to(app.identity, ada.email)[0])
    create_reset(app.identity, ada.email)
    for other in (wrong(code), "", "000000" if code != "000000" else "111111", ada.email):
        with pytest.raises(IdentityError):
            confirm_verification(app.identity, ada.id, other)
    for token in ("", ada.email, ada.id, "x" * 43):
        with pytest.raises((NotFound, Invalid)):
            confirm_reset(app.identity, token, "four purple umbrellas")


@pytest.mark.parametrize("typed", ["ADA@EXAMPLE.COM", "Ada@example.com.", " ada@EXAMPLE.com "])
def test_reg_CVE_2019_19844_mail_goes_to_the_stored_address_only(app: App, typed: str) -> None:
    app.create_user("ada@example.com")
    request_reset(app.identity, typed)
    for other in ("\uff41da@example.com", "ada@example\u3002com.evil.example"):
        with suppress(Invalid):
            request_reset(app.identity, other)
    recipients = [mail.recipient for mail in mails_to(app.identity, "ada@example.com")]
    assert recipients == ["ada@example.com"]
    assert mails_to(app.identity, typed.strip()) == [] or typed.strip() == "ada@example.com"


def test_reg_CVE_2024_32879_identities_differ_by_case(app: App) -> None:
    ada, eve = app.create_user(), app.create_user("eve@example.com")
    with app.identity.store.transaction() as tx:
        now = app.identity.now
        assert tx.identities.create(provider="GithubOAuth", idp_id="Abc", user_id=ada.id, now=now)
        assert tx.identities.create(provider="GithubOAuth", idp_id="abc", user_id=eve.id, now=now)
        found = [tx.identities.find(provider="GithubOAuth", idp_id=text) for text in ("Abc", "abc", "ABC")]
    assert [each and each.user_id for each in found] == [ada.id, eve.id, None]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(numbers=st.lists(st.integers(0, 4), min_size=2, max_size=12))
def test_reg_Ory_26_2_5_refusals_at_the_same_time_share_nothing(app: App, numbers: list[int]) -> None:
    def refuse(number: int) -> str:
        with pytest.raises(NotFound) as caught:
            confirm_verification(app.identity, f"user_{number}", "123456")
        return caught.value.message

    with ThreadPoolExecutor(4) as pool:
        messages = list(pool.map(refuse, numbers))
    assert all(f"user_{number}" in text for number, text in zip(numbers, messages, strict=True))

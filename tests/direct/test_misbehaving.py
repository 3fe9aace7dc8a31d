"""Whatever a provider does wrong: nobody gets in by it, nor is signed out by it, and the next try works."""

import pytest

from tests.direct.world import SESSION, World
from vestibule.testing import PROVIDER_FAULTS, ProviderFault

# What ends a sign-in; an error of the provider is a 400, and one that does not answer a 503.
ENDS_AT_GITHUB: dict[ProviderFault, int] = {
    "slow": 503,
    "dead": 503,
    "status_500": 503,
    "html": 400,
    "redirect": 400,
    "error_in_200": 400,
    "access_denied": 400,
    "swapped_code": 400,
}
ENDS_AT_GOOGLE: dict[ProviderFault, int] = {
    **ENDS_AT_GITHUB,
    "wrong_nonce": 400,
    "wrong_issuer": 400,
    "wrong_audience": 400,
    "wrong_key": 400,
    "expired_id_token": 400,
    "unknown_kid": 400,
    "mix_up_issuer": 400,
    "missing_iss": 400,
    "swapped_subject": 400,
}
CASES = [
    *(("github", fault, status) for fault, status in ENDS_AT_GITHUB.items()),
    *(("google", fault, status) for fault, status in ENDS_AT_GOOGLE.items()),
]
# What does not show in a sign-in that is under way, or does not end it.
ELSEWHERE: set[ProviderFault] = {
    "wrong_discovery",
    "unknown_kid_then_rotated",
    "ignored_pkce",
    "no_email",
    "unverified_email",
    "private_email",
    "refresh_refused",
    "revocation_refused",
}


@pytest.fixture(scope="module")
def world() -> World:
    return World("fastapi", "github", "google")


@pytest.mark.parametrize(("name", "fault", "status"), CASES)
def test_nobody_gets_in_by_a_providers_fault(
    world: World, name: str, fault: ProviderFault, status: int
) -> None:
    provider, before = world.providers[name], world.sign_in("github", "grace@example.com")
    browser = world.browser()
    url = browser.begin(name)
    with provider.fault(fault):
        answer = browser.open(browser.agree(url, name), site="cross-site")
    assert answer.status == status, answer.text
    assert SESSION not in browser.cookies
    assert provider.client_secret not in answer.text
    assert "Try again" in answer.text
    assert before.email == "grace@example.com"
    # Those of answers that come too late have moved the clock.
    assert browser.sign_in(name).status == 303
    assert browser.email == "ada@example.com"


def test_every_fault_is_in_the_table() -> None:
    assert ENDS_AT_GITHUB.keys() | ENDS_AT_GOOGLE.keys() | ELSEWHERE == set(PROVIDER_FAULTS)


@pytest.mark.parametrize("fault", ["no_email", "unverified_email"])
def test_an_address_that_is_missing_or_unproven_is_never_a_proof(world: World, fault: ProviderFault) -> None:
    browser = world.browser()
    with world.providers["google"].fault(fault):
        assert browser.sign_in("google").status == 303
    user = browser.get("/auth/session").json["session"]["user"]
    assert (user["email_verified"], user["id"].partition(":")[0]) == (False, "google")
    assert bool(user["email"]) == (fault == "unverified_email")

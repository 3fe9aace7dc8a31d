"""A shared cache in front, as greedy as it may be: nobody gets what belongs to somebody else."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.adapters.rigs import NAVIGATE
from tests.security.caching_proxy import caching
from tests.security.sites import KINDS, Site, running_site
from tests.servers import Running

ADA, BOB = "ada@example.com", "bob@example.com"


@pytest.fixture(params=KINDS)
def cached(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Site, str]]:
    with running_site(request.param) as site, caching(site.url, tmp_path) as url:
        yield site, url


def session_of(site: Site, email: str, *, expires_in: int = 300) -> dict[str, str]:
    ((name, value),) = site.issuer.cookies(email=email, expires_in=expires_in).items()
    return {**NAVIGATE, "Cookie": f"{name}={value}"}


def get(url: str, path: str, headers: dict[str, str], method: str = "GET") -> httpx2.Response:
    return httpx2.request(method, url + path, headers=headers, timeout=20)


def test_CA_1_reg_CVE_2025_64762_CVE_2025_48947_pages_of_one_user_never_reach_another(
    cached: tuple[Site, str],
) -> None:
    site, url = cached
    for path in ("/me", "/", "/auth/session"):
        first = get(url, path, session_of(site, ADA))
        second = get(url, path, session_of(site, BOB))
        nobody = get(url, path, dict(NAVIGATE))
        assert ADA in first.text
        assert BOB in second.text
        assert ADA not in second.text + nobody.text
        assert BOB not in nobody.text


def test_CA_1_a_refreshed_cookie_is_given_once(cached: tuple[Site, str]) -> None:
    site, url = cached
    for path in ("/public", "/", "/me"):
        first = get(url, path, session_of(site, ADA, expires_in=-1))
        assert len(first.headers.get_list("set-cookie")) == 1
        for headers in (session_of(site, BOB), dict(NAVIGATE)):
            assert get(url, path, headers).headers.get_list("set-cookie") == []


def test_CA_1_every_sign_in_has_a_state_and_a_cookie_of_its_own(cached: tuple[Site, str]) -> None:
    _, url = cached
    begun = [get(url, "/auth/sign-in", dict(NAVIGATE)) for _ in range(3)]
    assert len({answer.headers["location"] for answer in begun}) == 3
    assert len({answer.headers["set-cookie"] for answer in begun}) == 3


def test_CA_1_a_callback_signs_in_the_browser_that_began_and_no_other(cached: tuple[Site, str]) -> None:
    site, url = cached
    begun = get(url, "/auth/sign-in", dict(NAVIGATE))
    callback = site.issuer.authorize(begun.headers["location"], email=ADA).removeprefix(site.url)
    cookie = begun.headers["set-cookie"].partition(";")[0]
    done = get(url, callback, {**NAVIGATE, "Cookie": cookie})
    assert any(line.startswith("wos-session=Fe26") for line in done.headers.get_list("set-cookie"))
    again = get(url, callback, dict(NAVIGATE))
    assert not any(line.startswith("wos-session=Fe26") for line in again.headers.get_list("set-cookie"))


def test_CA_1_what_is_public_is_still_cached(cached: tuple[Site, str]) -> None:
    """Or the tests above could not fail."""
    _, url = cached
    first, second = (get(url, "/public", {"Accept": "*/*"}) for _ in range(2))
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")


def test_CA_1_the_key_set_may_be_kept_for_five_minutes_and_nothing_else_of_the_server(
    server: Running, tmp_path: Path
) -> None:
    with caching(server.url, tmp_path) as url:
        for path in (f"/sso/jwks/{server.client_id}", "/oauth2/jwks"):
            first, second = (get(url, path, {}) for _ in range(2))
            assert second.headers["x-cache"] == "HIT"
            assert int(first.headers["cache-control"].rpartition("max-age=")[2].split(",")[0]) <= 300
        asked = f"client_id={server.client_id}&redirect_uri=http://localhost:3000/callback&response_type=code"
        for path in (f"/user_management/authorize?{asked}", "/sign-in", "/user_management/users"):
            first, second = (get(url, path, dict(NAVIGATE)) for _ in range(2))
            assert second.headers["x-cache"] == "MISS", path
            kept = first.headers.get_list("set-cookie"), second.headers.get_list("set-cookie")
            assert kept == ([], []) or kept[0] != kept[1]


@pytest.mark.parametrize("path", ["/me/x.css", "/me;.js", "/me%2f.png", "/me%00.css", "/auth/session/x.css"])
def test_CA_2_a_page_under_the_name_of_a_file_is_not_there_or_not_kept(
    cached: tuple[Site, str], path: str
) -> None:
    site, url = cached
    answer = get(url, path, session_of(site, ADA))
    assert ADA not in answer.text
    assert answer.status_code in (400, 404)


def test_CA_4_looking_at_a_head_gives_and_takes_no_cookie_of_others(cached: tuple[Site, str]) -> None:
    site, url = cached
    get(url, "/", session_of(site, ADA, expires_in=-1), method="HEAD")
    for headers in (session_of(site, BOB), dict(NAVIGATE)):
        for method in ("HEAD", "GET"):
            assert get(url, "/", headers, method=method).headers.get_list("set-cookie") == []


def test_CA_4_a_304_carries_the_refreshed_cookie_of_the_one_who_asked(cached: tuple[Site, str]) -> None:
    site, url = cached
    first = get(url, "/", session_of(site, ADA, expires_in=-1))
    tag = first.headers.get("etag", '"none"')
    second = get(url, "/", {**session_of(site, BOB, expires_in=-1), "If-None-Match": tag})
    assert len(first.headers.get_list("set-cookie")) == 1
    assert len(second.headers.get_list("set-cookie")) == 1
    assert first.headers["set-cookie"] != second.headers["set-cookie"]

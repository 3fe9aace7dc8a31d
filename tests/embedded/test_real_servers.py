"""Over sockets: an app that answers one request at a time never waits for itself, and neither does a loop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.embedded.apps import APPS, Built
from tests.embedded.people import FETCH, me, sign_up
from tests.embedded.real import browser, listen, serving
from vestibule.testing import Clock

ADA = "ada@example.com"


@pytest.mark.parametrize("framework", list(APPS))
def test_people_sign_up_and_stay_signed_in(framework: str, make: Callable[..., Built], clock: Clock) -> None:
    listener = listen()
    origin = f"http://localhost:{listener.getsockname()[1]}"
    built = make(framework, redirect_uri=f"{origin}/callback")
    with serving(built, listener), browser(origin) as client:
        assert sign_up(client, ADA).text == "home"
        clock.advance(minutes=6)
        assert me(client).json()["email"] == ADA
        left = client.post("/auth/sign-out", headers={"sec-fetch-site": "same-origin"})
        assert client.get(left.headers["location"]).headers["location"] == f"{origin}/"
        assert me(client).status_code == 401


@pytest.mark.parametrize("framework", list(APPS))
def test_many_requests_with_one_expired_session_refresh_it_once(
    framework: str, make: Callable[..., Built], clock: Clock
) -> None:
    listener = listen()
    origin = f"http://localhost:{listener.getsockname()[1]}"
    built = make(framework, redirect_uri=f"{origin}/callback")
    with serving(built, listener), browser(origin) as client:
        sign_up(client, ADA)
        cookie = {"cookie": f"wos-session={client.cookies['wos-session']}", **FETCH}
        clock.advance(minutes=6)

        def ask(_: int) -> int:
            with browser(origin) as another:
                return another.get("/me", headers=cookie).status_code

        with ThreadPoolExecutor(10) as pool:
            assert set(pool.map(ask, range(20))) == {200}
        refreshed = built.auth.identity.tally.counts("vestibule_grants")
    assert {labels: count for labels, count in refreshed.items() if labels[0] == "refresh_token"} == {
        ("refresh_token", "succeeded"): 1
    }

"""Leaving, and staying when somebody else wants one to leave."""

import pytest

from tests.adapters.conftest import Build
from tests.adapters.rigs import FETCH, NAVIGATE, Rig
from vestibule.testing import sign_in

LOGOUT = "https://id.example.com/user_management/sessions/logout?session_id=session_"
SAME_ORIGIN = {**NAVIGATE, "Sec-Fetch-Site": "same-origin"}


def gone(lines: list[str]) -> bool:
    return len(lines) == 1 and lines[0].startswith("wos-session=;") and "Max-Age=0" in lines[0]


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", FETCH), ("POST", {}), ("GET", NAVIGATE), ("GET", SAME_ORIGIN)],
    ids=["post", "post-program", "typed", "link"],
)
def test_signing_out_ends_it_here_and_at_the_server(rig: Rig, method: str, headers: dict[str, str]) -> None:
    sign_in(rig.client, auth=rig.auth)
    answer = rig.send(method, "/auth/sign-out", headers, None)
    assert answer.status == 303
    assert answer.location.startswith(LOGOUT)
    assert gone(answer.session_cookies())
    assert rig.get("/me").status == 401


@pytest.mark.parametrize(
    "headers",
    [{**NAVIGATE, "Sec-Fetch-Site": "cross-site"}, {**SAME_ORIGIN, "Sec-Purpose": "prefetch"}],
    ids=["cross-site", "prefetch"],
)
def test_a_link_elsewhere_is_asked_about_first(rig: Rig, headers: dict[str, str]) -> None:
    sign_in(rig.client, auth=rig.auth)
    answer = rig.get("/auth/sign-out", headers)
    assert answer.status == 200
    assert '<form class="next" method="post"' in answer.text
    assert answer.session_cookies() == []
    assert rig.get("/me").status == 200


def test_head_signs_nobody_out(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth)
    answer = rig.send("HEAD", "/auth/sign-out", SAME_ORIGIN, None)
    assert (answer.status, answer.body, answer.session_cookies()) == (204, b"", [])
    assert rig.get("/me").status == 200


def test_signing_out_without_a_session_stays_here(rig: Rig) -> None:
    assert rig.post("/auth/sign-out").location == "/"
    assert rig.post("/auth/sign-out", "return_to=/bye").location == "/bye"
    assert rig.post("/auth/sign-out", "return_to=https://evil.example/").location == "/"


def test_return_to_is_local_or_trusted(make: Build) -> None:
    rig = make(settings={"trusted_origins": ("https://app.example.com",)})
    for target, kept in [
        ("/bye", "return_to=http%3A%2F%2Flocalhost%2Fbye"),
        ("https://app.example.com/bye", "return_to=https%3A%2F%2Fapp.example.com%2Fbye"),
        ("https://evil.example/", None),
    ]:
        sign_in(rig.client, auth=rig.auth)
        location = rig.post("/auth/sign-out", f"return_to={target}").location
        assert (kept in location) if kept else ("return_to" not in location)


def test_an_expired_session_can_be_ended_without_a_refresh(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    answer = rig.post("/auth/sign-out")
    assert answer.location.startswith(LOGOUT)
    assert gone(answer.session_cookies())
    assert rig.issuer.requests_to("authenticate") == []


def test_signing_out_works_while_the_server_is_away(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    assert gone(rig.post("/auth/sign-out").session_cookies())


@pytest.mark.parametrize("headers", [FETCH, NAVIGATE], ids=["fetch", "navigate"])
def test_a_sign_out_in_the_handler_beats_a_refresh_of_the_same_request(
    rig: Rig, headers: dict[str, str]
) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    answer = rig.post("/leave", "", {**headers, "Sec-Fetch-Site": "same-origin"})
    assert len(rig.issuer.requests_to("authenticate")) == 1
    assert gone(answer.session_cookies())
    assert answer.location.startswith(LOGOUT)
    assert rig.get("/me").status == 401


def test_nothing_signs_in_again_after_a_sign_out(rig: Rig) -> None:
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    answer = rig.post("/leave-then-refresh")
    assert answer.json == {"before": True, "after": False}
    assert gone(answer.session_cookies())

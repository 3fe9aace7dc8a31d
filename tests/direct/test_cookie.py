"""The sealed cookie: what is in it, and what becomes of one that was changed."""

from typing import Any

import pytest

from tests.direct.conftest import Make
from tests.direct.world import PASSWORD, SESSION, World, code_of
from vestibule.crypto.sealer import sealer_of
from vestibule.direct import DirectSignIn
from vestibule.errors import SealError

LIES: list[Any] = [
    "text",
    ["purpose"],
    {"purpose": "vestibule.direct"},
    {"purpose": "vestibule.direct", "id": "s", "iat": 1, "exp": 4_000_000_000},
    {"purpose": "vestibule.direct", "id": "s", "user": {"id": "u"}, "iat": "1", "exp": 4_000_000_000},
    {"purpose": "vestibule.direct", "id": "s", "user": {"email": "a@b.c"}, "iat": 1, "exp": 4_000_000_000},
    {"user": {"id": "u", "email": "a@b.c"}, "accessToken": "a.b.c", "refreshToken": "r"},
    {
        "purpose": "vestibule.data",
        "id": "s",
        "user": {"id": "u", "email": "a"},
        "iat": 1,
        "exp": 4_000_000_000,
    },
    {"id": "s", "user": {"id": "u", "email": "a@b.c"}, "iat": 1, "exp": 4_000_000_000},
]


def reason(world: World, value: str) -> object:
    browser = world.browser()
    browser.cookies = {SESSION: value}
    answer = browser.get("/auth/session")
    assert answer.status == 200
    assert answer.json["session"] is None
    return answer.json["reason"]


def test_CK_1_any_change_of_it_signs_out() -> None:
    world = World("flask", "github")
    value = world.sign_in().cookies[SESSION]
    step = max(1, len(value) // 60)
    for at in range(0, len(value), step):
        other = "A" if value[at] != "A" else "B"
        assert reason(world, value[:at] + other + value[at + 1 :]) == "bad_cookie", at


def test_CK_2_cut_doubled_and_relabeled_it_signs_out() -> None:
    world = World("flask", "github")
    value = world.sign_in().cookies[SESSION]
    changed = [
        value[: len(value) // 2],
        value * 2,
        value[7:],
        value.replace("Fe26.2", "Fe26.1"),
        f"{value}~1",
    ]
    assert {reason(world, each) for each in changed} == {"bad_cookie"}


@pytest.mark.parametrize("lie", LIES)
def test_CK_3_what_is_no_session_signs_nobody_in(lie: Any) -> None:
    assert reason(World("flask", "github"), sealer_of(PASSWORD).seal(lie)) == "bad_cookie"


def test_its_lines_keep_scripts_and_other_sites_out(make: Make) -> None:
    [line] = make("github").browser().sign_in().session_cookies(SESSION)
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; "))
    assert "Secure" not in line


def test_on_https_its_name_says_that_no_other_host_has_set_it() -> None:
    world = World("flask", "github", base_url="https://app.example.com")
    world.providers["github"].redirect_uris = {"https://app.example.com/auth/callback/github"}
    browser = world.browser()
    callback = browser.agree(browser.begin()).removeprefix("https://app.example.com")
    [line] = browser.open(callback).session_cookies("__Host-vestibule-session")
    assert {"Secure", "Path=/"} <= set(line.split("; "))
    assert "Domain" not in line
    assert browser.email == "ada@example.com"


def test_a_domain_makes_it_everybodys_below(either: Make) -> None:
    world = either("github", base_url="https://app.example.com", cookie_domain="example.com")
    world.providers["github"].redirect_uris = {"https://app.example.com/auth/callback/github"}
    browser = world.browser()
    callback = browser.agree(browser.begin()).removeprefix("https://app.example.com")
    [line] = browser.open(callback).session_cookies("vestibule-session")
    assert "Domain=example.com" in line
    # A host's own cookie of that name beside it: the one that can be opened counts.
    cookie = f"{SESSION}=old; {SESSION}={browser.cookies[SESSION]}"
    assert browser.get("/me", Cookie=cookie).status == 200
    gone = browser.send("POST", "/auth/sign-out", Cookie=cookie).session_cookies(SESSION)
    assert len(gone) == 2


def test_a_new_password_writes_and_the_old_one_still_reads(either: Make) -> None:
    new = "the next one, as long as the first"
    browser = either("github").sign_in()
    rotating = either("github", cookie_passwords=[new, PASSWORD], policy="rolling")
    known = rotating.browser()
    known.cookies = dict(browser.cookies)
    rotating.clock.advance(minutes=1)
    assert known.email == "ada@example.com"  # and gets it sealed anew
    sealer_of(new).unseal(known.cookies[SESSION])
    with pytest.raises(SealError):
        sealer_of(PASSWORD).unseal(known.cookies[SESSION])
    late = either("github", cookie_passwords=[new]).browser()
    late.cookies = dict(browser.cookies)
    assert late.get("/auth/session").json["reason"] == "bad_cookie"


def test_what_it_holds_is_nobody_elses_to_read() -> None:
    browser = World("flask", "github").sign_in()
    kept: Any = sealer_of(PASSWORD).unseal(browser.cookies[SESSION])
    assert kept["user"]["email"] == "ada@example.com"
    assert "mexp" in kept
    assert "access_token" not in str(kept)
    assert "ada@example.com" not in browser.cookies[SESSION]


@pytest.mark.parametrize("trim", [True, False])
def test_CK_8_a_session_that_outgrows_its_cookie_is_explained(either: Make, trim: bool) -> None:
    granted: dict[str, Any] = {"permissions": [f"resource-{number}:manage" for number in range(300)]}

    def on_sign_in(sign_in: DirectSignIn) -> None:
        sign_in.grant(**granted)

    world = either("github", on_sign_in=on_sign_in, cookie_trim=trim)
    browser = world.browser()
    answer = browser.get(browser.agree(browser.begin()))
    assert (answer.status, code_of(answer)) == (400, "session_too_large")
    assert browser.cookies == {}
    granted.clear()
    granted["metadata"] = {"biography": "x" * 4000}
    browser.sign_in()
    assert (browser.email is not None) is trim
    if trim:
        user = browser.get("/auth/session").json["session"]["user"]
        assert user["metadata"] == {}
        again = world.sign_in()
        assert again.email == "ada@example.com"
        trimmed = [data for code, data in world.events if code == "session.cookie_trimmed"]
        assert trimmed == [{"parts": "user.metadata"}]


def test_a_picture_goes_when_the_metadata_was_not_enough() -> None:
    def on_sign_in(sign_in: DirectSignIn) -> None:
        sign_in.grant(user_id="u1", metadata={"a": "b"})

    world = World("flask", "github", on_sign_in=on_sign_in)
    world.providers["github"].person("ada@example.com", picture=f"https://x.example/{'x' * 4000}")
    browser = world.sign_in()
    user = browser.get("/auth/session").json["session"]["user"]
    assert (user["id"], user["profile_picture_url"], user["metadata"]) == ("u1", None, {})


def test_the_apps_own_sealer_seals_it() -> None:
    class Vault:
        def __init__(self) -> None:
            self.kept: list[Any] = []

        def seal(self, payload: object, *, ttl: int = 0, now_ms: int | None = None) -> str:
            self.kept.append(payload)
            return f"drawer-{len(self.kept) - 1}"

        def unseal(self, sealed: str, *, now_ms: int | None = None) -> Any:
            number = sealed.removeprefix("drawer-")
            if not number.isdigit():
                raise SealError("no drawer")
            return self.kept[int(number)]

    browser = World("flask", "github", sealer=Vault()).sign_in()
    assert browser.cookies[SESSION].startswith("drawer-")
    assert browser.email == "ada@example.com"

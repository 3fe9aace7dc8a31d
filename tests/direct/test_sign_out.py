"""Signing out: by whom, by which method, and where it leads."""

from tests.direct.conftest import Make
from tests.direct.world import SESSION


def test_a_post_or_a_page_of_this_site_signs_out(make: Make) -> None:
    world = make("github", keep_tokens=True)
    browser = world.sign_in()
    assert browser.send("HEAD", "/auth/sign-out").status == 204
    assert SESSION in browser.cookies
    assert browser.open("/auth/sign-out?return_to=/bye").location == "/bye"
    assert browser.cookies == {}
    browser = world.sign_in()
    assert browser.post("/auth/sign-out", return_to="/bye").location == "/bye"
    assert browser.cookies == {}
    assert browser.post("/auth/sign-out").location == "/"


def test_CS_2_other_sites_and_guesses_are_asked_first(either: Make) -> None:
    browser = either("github").sign_in()
    for headers in ({"site": "cross-site"}, {"site": "none", "Sec-Purpose": "prefetch"}):
        page = browser.open("/auth/sign-out", **headers)
        assert page.status == 200
        assert 'action="/auth/sign-out"' in page.text
        assert 'method="post"' in page.text
        assert browser.email == "ada@example.com"


def test_scripts_are_told_where_to_go(either: Make) -> None:
    world = either("github")
    browser = world.sign_in()
    assert browser.post("/auth/sign-out", page=False, return_to="/bye").json == {"url": "/bye"}
    browser = world.sign_in()
    assert browser.send("POST", "/auth/sign-out", page=False, **{"HX-Request": "true"})["HX-Redirect"] == "/"
    assert browser.cookies == {}


def test_the_apps_data_ends_with_it_when_the_app_says_so(either: Make) -> None:
    browser = either("github", data_ends_with_session=True).sign_in()
    browser.get("/data?seen=one")
    browser.post("/auth/sign-out")
    assert browser.get("/data").json == {}

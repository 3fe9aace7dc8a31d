import re

from tests.server.account.home import Home
from vestibule.server.identity.owned_keys import create_user_key, validate_key
from vestibule.server.identity.permissions import create_permission
from vestibule.server.identity.roles import set_permissions

KEYS = "/account/api-keys"
GRACE = "grace@example.com"


def test_AK_4_a_key_is_made_shown_once_and_revoked(home: Home) -> None:
    create_permission(home.identity, slug="reports:read", name="Read reports")
    set_permissions(home.identity, "admin", permissions=["reports:read"])
    browser = home.visit(GRACE)
    page = browser.click(browser.click(browser.get(KEYS), "Create an API key"), "A Analytical Engines")
    made = browser.send(page, "Create", Name="Robot", **{"reports:read": "1"})
    assert made.heading == "Keep your API key"
    value = re.search(r"<code>(vsk_test_\w+)</code>", made.response.text)
    assert value is not None
    key = validate_key(home.identity, value[1])
    assert key is not None
    assert (key.user_id, key.permissions) == (home.user(GRACE).id, ["reports:read"])
    assert key.expires_at is not None
    listed = browser.get(KEYS)
    assert "Robot" in listed.text
    assert value[1] not in listed.response.text
    one = browser.click(listed, "Manage Robot")
    assert value[1] not in one.response.text
    assert "The API key is revoked." in browser.send(one, "Revoke").text
    assert validate_key(home.identity, value[1]) is None
    assert home.events("api_key.revoked")[0].context is not None


def test_nobody_asks_for_more_than_they_may(home: Home) -> None:
    create_permission(home.identity, slug="reports:read", name="Read reports")
    browser = home.visit(GRACE)
    csrf = browser.get("/account").forms[0].hidden["csrf"]
    for organization_id, name in (("org_society", "permission:reports:read"), ("org_unknown", "other")):
        given = {"csrf": csrf, "name": "Robot", "organization_id": organization_id, name: "1"}
        assert browser.post(f"{KEYS}/new", given).status == 422
    assert home.events("api_key.created") == []


def test_AK_2_a_key_of_somebody_else_is_as_none(home: Home) -> None:
    key, value = create_user_key(
        home.identity, home.user(GRACE).id, organization_id="org_engines", name="Robot"
    )
    eve = home.visit()
    csrf = eve.get("/account").forms[0].hidden["csrf"]
    assert "in none yet" in eve.get(KEYS).text
    for place in (f"{KEYS}/{key.id}", f"{KEYS}/api_key_unknown"):
        assert eve.get(place).status == 404
        assert eve.post(place, {"csrf": csrf}).status == 404
    assert validate_key(home.identity, value) is not None

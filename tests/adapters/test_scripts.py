"""What the scripts of the app's own pages ask, in every adapter."""

from tests.adapters.rigs import FETCH, Rig
from vestibule.session.scripts import CLIENT
from vestibule.testing import sign_in

JSON = {**FETCH, "Content-Type": "application/json"}


def test_a_page_gets_a_token_a_refresh_and_the_name_of_its_organization(rig: Rig) -> None:
    assert rig.get("/auth/access-token").json["error"]["code"] == "signed_out"
    rig.issuer.organizations["org_2"] = "Engines"
    sign_in(rig.client, auth=rig.auth, expires_in=20)

    token = rig.get("/auth/access-token")
    assert token.json.keys() == {"access_token", "expires_at", "expires_in"}
    assert token["Cache-Control"] == "private, no-store"
    assert len(token.session_cookies()) == 1  # it was about to end
    refused = rig.get("/auth/access-token", {**FETCH, "Sec-Fetch-Site": "cross-site"})
    assert (refused.status, refused.json["error"]["code"]) == (403, "cross_site")

    moved = rig.post("/auth/refresh", '{"organization_id": "org_2"}', JSON)
    assert moved.json["session"]["organization_id"] == "org_2"
    assert moved.json["access_token"] != token.json["access_token"]
    assert len(moved.session_cookies()) == 1
    assert rig.get("/auth/organization?id=org_2").json == {"id": "org_2", "name": "Engines"}
    assert rig.get("/auth/organization?id=org_1").json is None


def test_the_client_is_served_as_a_module_that_browsers_keep(rig: Rig) -> None:
    answer = rig.get("/auth/client.js")
    assert (answer.status, answer.body) == (200, CLIENT.read_bytes())
    assert answer["Content-Type"].replace(" ", "").lower() == "text/javascript;charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer.set_cookies == []
    again = rig.get("/auth/client.js", {**FETCH, "If-None-Match": answer["ETag"]})
    assert (again.status, again.body) == (304, b"")

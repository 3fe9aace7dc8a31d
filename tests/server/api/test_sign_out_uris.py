import httpx2

from tests.servers import Running

PATH = "/user_management/sign_out_uris"
LOGOUT = "/user_management/sessions/logout"


def test_a_sign_out_leads_where_it_was_registered_to(server: Running, api: httpx2.Client) -> None:
    place = "https://app.example.com/goodbye"
    asked = {"session_id": "session_01NOBODY", "return_to": place}
    with server.browser() as browser:
        assert browser.get(LOGOUT, params=asked).headers.get("location") != place
        first = api.post(PATH, json={"uri": place})
        second = api.post(PATH, json={"uri": place + "/2"})
        assert (first.status_code, first.json()["object"]) == (201, "sign_out_uri")
        assert api.post(PATH, json={"uri": place}).status_code == 409
        assert api.post(PATH, json={"uri": "javascript:alert(1)"}).status_code == 422
        listed = [each["uri"] for each in api.get(PATH).json()["data"]]
        assert {place, place + "/2"} <= set(listed)
        assert browser.get(LOGOUT, params=asked).headers["location"] == place
        for made in (first, second):
            assert api.delete(f"{PATH}/{made.json()['id']}").status_code == 204
        assert browser.get(LOGOUT, params=asked).headers.get("location") != place


def test_sign_ins_and_sign_outs_have_addresses_of_their_own(api: httpx2.Client) -> None:
    place = "https://app.example.com/only-out"
    made = api.post(PATH, json={"uri": place}).json()
    assert place not in api.get("/user_management/redirect_uris", params={"limit": 100}).text
    assert api.delete(f"/user_management/redirect_uris/{made['id']}").status_code == 404
    assert api.delete(f"{PATH}/{made['id']}").status_code == 204

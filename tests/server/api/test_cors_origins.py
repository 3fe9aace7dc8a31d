import httpx2

PATH = "/user_management/cors_origins"


def test_origins_are_registered_listed_and_removed(api: httpx2.Client) -> None:
    created = api.post(PATH, json={"origin": "https://one.example.com"})
    assert created.status_code == 201
    api.post(PATH, json={"origin": "https://two.example.com"})
    newest = api.get(PATH, params={"limit": 1}).json()
    assert [each["origin"] for each in newest["data"]] == ["https://two.example.com"]
    older = api.get(PATH, params={"after": newest["list_metadata"]["after"]}).json()
    assert "https://one.example.com" in [each["origin"] for each in older["data"]]
    assert api.delete(f"{PATH}/{created.json()['id']}").status_code == 204
    assert api.delete(f"{PATH}/{created.json()['id']}").status_code == 404


def test_an_origin_twice_or_misspelled_is_refused(api: httpx2.Client) -> None:
    api.post(PATH, json={"origin": "https://twice.example.com"})
    assert api.post(PATH, json={"origin": "https://twice.example.com"}).status_code == 409
    refused = api.post(PATH, json={"origin": "https://twice.example.com/"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "invalid_origin")

import httpx2

PATH = "/user_management/jwt_template"


def test_the_template_is_read_set_and_removed(api: httpx2.Client) -> None:
    assert api.get(PATH).status_code == 404
    content = '{"urn:myapp:full_name": "{{user.first_name}} {{user.last_name}}"}'
    put = api.put(PATH, json={"content": content})
    assert (put.status_code, put.json()["content"]) == (200, content)
    assert api.get(PATH).json() == put.json()
    refused = api.put(PATH, json={"content": '{"sub": "somebody else"}'})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "invalid_jwt_template")
    assert api.get(PATH).json() == put.json()
    assert api.delete(PATH).status_code == 204
    assert api.get(PATH).status_code == 404

"""API keys in the dashboard: shown once, replaced without an interruption, revoked for good."""

import re

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from vestibule.server.identity.api_keys import find_api_key, list_api_keys

PATH = "/dashboard/api-keys"


def value_in(html: str) -> str:
    found = re.search(r"<code>(sk_test_[\w-]+)</code>", html)
    assert found is not None
    return found[1]


def test_a_key_is_shown_once_with_the_lines_of_the_environment(office: Office, operator: Operators) -> None:
    owner = operator("owner")
    made = owner.post(PATH, name="Web server")
    value = value_in(made.text)
    assert f"VESTIBULE_API_KEY={value}" in made.text
    assert f"VESTIBULE_CLIENT_ID={office.server.client_id}" in made.text
    assert made.headers["cache-control"] == "no-store"
    key = find_api_key(office.identity, value)
    assert key is not None
    for shown in (owner.read(PATH), owner.read(f"{PATH}/{key.id}")):
        assert value not in shown
        assert key.hint in shown
    event = office.events("environment_api_key.created")[0]
    assert event.data["id"] == key.id
    assert value not in str(event)
    assert event.context is not None
    assert event.context["actor"]["name"] == "owner@example.com"


def test_a_key_without_a_name_is_refused(office: Office, operator: Operators) -> None:
    before = len(list_api_keys(office.identity))
    answer = operator("owner").post(PATH, name="  ")
    assert (answer.status_code, "Name it after what uses it" in answer.text) == (422, True)
    assert len(list_api_keys(office.identity)) == before


def test_a_replaced_key_works_on_for_a_while(office: Office, operator: Operators) -> None:
    owner = operator("owner")
    old = value_in(owner.post(PATH, name="Web server").text)
    key = find_api_key(office.identity, old)
    assert key is not None
    assert owner.post(f"{PATH}/{key.id}/replace", overlap="999").status_code == 422
    new = value_in(owner.post(f"{PATH}/{key.id}/replace", overlap="24").text)
    assert find_api_key(office.identity, old) is not None
    assert find_api_key(office.identity, new) is not None
    event = office.events("environment_api_key.replaced")[0]
    assert (event.data["id"], event.data["expires_at"]) == (key.id, "2027-01-16T12:00:00.000Z")


def test_revoking_asks_to_type_the_name(office: Office, operator: Operators) -> None:
    owner = operator("owner")
    value = value_in(owner.post(PATH, name="Web server").text)
    key = find_api_key(office.identity, value)
    assert key is not None
    answer = owner.post(f"{PATH}/{key.id}/revoke", confirmation="web")
    assert (answer.status_code, "Type Web server" in answer.text) == (422, True)
    assert find_api_key(office.identity, value) is not None
    assert "is revoked" in owner.done(f"{PATH}/{key.id}/revoke", confirmation="Web server")
    assert find_api_key(office.identity, value) is None
    assert key.id not in owner.read(PATH)
    assert key.id in owner.read(PATH, ended="1")
    assert office.events("environment_api_key.revoked")[0].data["id"] == key.id

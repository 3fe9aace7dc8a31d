"""API keys that a real server made, shown to an app in each framework."""

from collections.abc import Iterator

import pytest

from tests.adapters.conftest import ADAPTERS
from tests.adapters.rigs import FETCH, build
from tests.servers import Running, running_server
from vestibule.send import Sender
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.owned_keys import create_organization_key, delete_key


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender()
    yield sender
    sender.close()


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_AK_2_a_key_of_a_real_server_works_until_it_is_deleted(
    adapter: str, server: Running, sender: Sender
) -> None:
    organization = create_organization(server.identity, name="Example")
    key, value = create_organization_key(server.identity, organization.id, name="CI")
    settings = {"url": server.url, "client_id": server.client_id, "api_key": server.api_key, "api_keys": True}
    rig = build(adapter, settings=settings, send=sender)
    shown = {**FETCH, "Authorization": f"Bearer {value}"}
    answer = rig.get("/me", shown)
    assert (answer.status, answer.json["organization_id"]) == (200, organization.id)
    delete_key(server.identity, key.id)
    assert rig.get("/me", shown).status == 401

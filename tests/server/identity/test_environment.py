import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server.apps import App
from vestibule.errors import ConfigError
from vestibule.server.identity.context import Identity
from vestibule.server.identity.environment import (
    ensure_environment,
    get_client_id,
    get_environment,
    update_environment,
)
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.roles import list_roles


def test_it_is_made_once_whoever_comes_first(identity: Identity) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: ensure_environment(identity).client_id, range(8)))
    assert len(made) == 1
    assert get_client_id(identity) in made
    assert get_client_id(identity).startswith("client_")
    assert [role.slug for role in list_roles(identity)].count("member") == 1


def test_it_starts_with_two_roles(app: App) -> None:
    assert {role.slug for role in list_roles(app.identity)} == {"member", "admin"}


def test_a_given_client_id_is_kept(identity: Identity) -> None:
    assert ensure_environment(identity, client_id="client_mine").client_id == "client_mine"
    assert ensure_environment(identity, client_id="client_other").client_id == "client_mine"


def test_a_database_is_of_one_kind(app: App) -> None:
    settings = dataclasses.replace(
        app.identity.settings,
        environment="production",
        development=False,
        public_url="https://id.example.com",
        smtp_url="smtp://mail.example.com:587",
    )
    with pytest.raises(ConfigError, match="VESTIBULE_SERVER_ENVIRONMENT") as caught:
        ensure_environment(Identity(app.identity.store, settings, app.identity.clock))
    assert caught.value.code == "environment_mismatch"


def test_an_empty_database_says_what_to_do(identity: Identity) -> None:
    with pytest.raises(ConfigError, match="vestibule migrate"):
        get_environment(identity)
    with pytest.raises(ConfigError):
        update_environment(identity, name="x")


def test_addresses_are_set_and_removed(app: App) -> None:
    update_environment(app.identity, initiate_login_url="http://localhost:3000/auth/sign-in", name="Acme")
    changed = get_environment(app.identity)
    assert changed.initiate_login_url == "http://localhost:3000/auth/sign-in"
    assert changed.name == "Acme"
    assert update_environment(app.identity, initiate_login_url=None).initiate_login_url is None


@pytest.mark.parametrize(
    "changes", [{"app_homepage_url": "javascript:alert(1)"}, {"sign_out_redirect": "/"}, {"client_id": "x"}]
)
def test_a_bad_change_changes_nothing(app: App, changes: dict[str, str]) -> None:
    before = get_environment(app.identity)
    with pytest.raises(Invalid):
        update_environment(app.identity, **changes)
    assert get_environment(app.identity) == before

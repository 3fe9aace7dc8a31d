import dataclasses
import datetime as dt

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from vestibule.server.identity.api_keys import (
    create_api_key,
    find_api_key,
    list_api_keys,
    replace_api_key,
    revoke_api_key,
)
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.store.schema import api_keys


def test_a_key_is_found_by_its_value_and_kept_as_a_digest(app: App) -> None:
    key, value = create_api_key(app.identity, "CI")
    found = find_api_key(app.identity, value)
    assert found is not None
    assert (found.id, found.name) == (key.id, "CI")
    assert value.startswith("sk_test_")
    assert value.endswith(found.hint)
    with app.identity.store.read() as tx:
        assert value not in repr(tx.connection.execute(api_keys.select()).all())


def test_AK_2_what_is_no_whole_key_is_none(app: App) -> None:
    _, value = create_api_key(app.identity, "CI")
    for wrong in (value[:-1], value + "x", value[8:], "sk_live_" + value[8:], "", "sk_test_", "x" * 10_000):
        assert find_api_key(app.identity, wrong) is None


def test_AK_2_a_revoked_key_is_none(app: App) -> None:
    key, value = create_api_key(app.identity, "CI")
    revoke_api_key(app.identity, key.id)
    assert find_api_key(app.identity, value) is None
    assert {each.id for each in list_api_keys(app.identity) if each.revoked_at is None} != {key.id}
    with pytest.raises(NotFound):
        revoke_api_key(app.identity, key.id)


def test_its_use_is_noted_once_an_hour(app: App, clock: Clock) -> None:
    key, value = create_api_key(app.identity, "CI")
    noted = []
    for minutes in (0, 59, 1):
        clock.advance(minutes=minutes)
        find_api_key(app.identity, value)
        (kept,) = [each for each in list_api_keys(app.identity) if each.id == key.id]
        noted.append(kept.last_used_at)
    assert noted[0] == noted[1] != noted[2] == clock.now


def test_a_production_key_looks_like_one(app: App) -> None:
    settings = dataclasses.replace(
        app.identity.settings,
        environment="production",
        development=False,
        public_url="https://id.example.com",
        smtp_url="smtp://mail.example.com:587",
    )
    _, value = create_api_key(Identity(app.identity.store, settings, app.identity.clock), "Live")
    assert value.startswith("sk_live_")


def test_a_key_is_replaced_by_one_that_works_before_the_old_one_ends(app: App, clock: Clock) -> None:
    old, former = create_api_key(app.identity, "CI")
    new, value = replace_api_key(app.identity, old.id, overlap=dt.timedelta(hours=2))
    assert new.name == "CI"
    clock.advance(hours=1, minutes=59)
    assert [find_api_key(app.identity, each) is not None for each in (former, value)] == [True, True]
    clock.advance(minutes=1)
    assert [find_api_key(app.identity, each) is not None for each in (former, value)] == [False, True]
    with pytest.raises(NotFound):
        replace_api_key(app.identity, old.id, overlap=dt.timedelta(hours=2))


def test_replacing_a_key_again_gives_the_old_one_no_more_time(app: App, clock: Clock) -> None:
    old, former = create_api_key(app.identity, "CI")
    replace_api_key(app.identity, old.id, overlap=dt.timedelta(hours=1))
    replace_api_key(app.identity, old.id, overlap=dt.timedelta(days=30))
    clock.advance(hours=1)
    assert find_api_key(app.identity, former) is None

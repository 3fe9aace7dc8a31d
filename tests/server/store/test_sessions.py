import datetime as dt

import pytest

from tests.server.people import put_user
from vestibule.server.store.rows import Page
from vestibule.server.store.schema import refresh_tokens
from vestibule.server.store.sessions import Session
from vestibule.server.store.store import Store

NOW = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def with_user(store: Store) -> Store:
    put_user(store, NOW)
    return store


def open_session(store: Store, session_id: str, **values: object) -> Session:
    given = {
        "id": session_id,
        "client_id": "client_1",
        "user_id": "user_1",
        "authentication_method": "Password",
        "authenticated_at": NOW,
        "expires_at": NOW + DAY,
        "created_at": NOW,
        "updated_at": NOW,
    }
    with store.transaction() as tx:
        session = tx.sessions.create(**given | values)
        tx.refresh_tokens.create(session_id.encode(), session_id=session_id, generation=0, now=NOW)
    return session


def test_a_token_leads_to_its_live_session_only(with_user: Store) -> None:
    open_session(with_user, "live")
    open_session(with_user, "ended", ended_at=NOW)
    open_session(with_user, "expired", expires_at=NOW)
    with with_user.transaction() as tx:
        found = {
            name: tx.sessions.touch_by_token(name.encode(), client_id="client_1", now=NOW)
            for name in ("live", "ended", "expired", "unknown")
        }
        assert [name for name, session in found.items() if session is not None] == ["live"]
        assert tx.sessions.touch_by_token(b"live", client_id="client_2", now=NOW) is None


def test_a_token_is_rotated_once(with_user: Store) -> None:
    open_session(with_user, "s")
    with with_user.transaction() as tx:
        later = {"successor_hash": b"next", "successor_sealed": "sealed", "now": NOW}
        assert tx.refresh_tokens.rotate(b"s", **later)
        assert not tx.refresh_tokens.rotate(b"s", **later | {"successor_hash": b"other"})
        assert not tx.refresh_tokens.rotate(b"unknown", **later | {"successor_hash": b"other"})
        used = tx.refresh_tokens.get_used(b"s")
        assert (used.session_id, used.used_at, used.successor_sealed) == ("s", NOW, "sealed")
        assert used.successor_used_at is None
        tx.refresh_tokens.rotate(b"next", successor_hash=b"last", successor_sealed="x", now=NOW + DAY)
        assert tx.refresh_tokens.get_used(b"s").successor_used_at == NOW + DAY


def test_an_old_session_goes_with_its_tokens(with_user: Store) -> None:
    open_session(with_user, "old", expires_at=NOW - DAY)
    open_session(with_user, "new")
    with with_user.transaction() as tx:
        tx.sessions.purge(expired_before=NOW)
    with with_user.read() as tx:
        assert [session.id for session in tx.sessions.list(Page(), user_id="user_1").data] == ["new"]
        assert tx.sessions.find("old") is None
    with with_user.transaction() as tx:
        rotated = tx.refresh_tokens.rotate(b"old", successor_hash=b"x", successor_sealed="x", now=NOW)
        assert not rotated


def test_a_session_keeps_a_thousand_generations(with_user: Store) -> None:
    open_session(with_user, "s")
    with with_user.transaction() as tx:
        for generation in (99, 100, 101, 1_098):
            tx.refresh_tokens.create(
                f"generation {generation}".encode(), session_id="s", generation=generation, now=NOW
            )
        for name, successor in ((b"generation 1098", b"1099"), (b"1099", b"1100")):
            assert tx.refresh_tokens.rotate(name, successor_hash=successor, successor_sealed="x", now=NOW)
        rows = tx.connection.execute(refresh_tokens.select().order_by(refresh_tokens.c.generation))
        assert [row.generation for row in rows] == [100, 101, 1_098, 1_099, 1_100]

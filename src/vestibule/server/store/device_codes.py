"""Devices that wait for somebody to approve them: both of their codes are kept as digests."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, case, delete, insert, or_, select, type_coerce, update

from vestibule.server.store.columns import EPOCH, MILLISECOND
from vestibule.server.store.rows import read_or_none
from vestibule.server.store.schema import device_codes as devices

SLOWER_BY: Final = 5  # seconds, RFC 8628 §3.5


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """`decision` is None until somebody approved or denied. The address and user agent are the device's."""

    client_id: str
    scope: str | None
    ip_address: str | None
    user_agent: str | None
    poll_seconds: int
    polled_too_soon: bool
    decision: str | None
    user_id: str | None
    organization_id: str | None
    authentication_method: str | None
    second_factor: str | None
    authenticated_at: dt.datetime | None
    browser_session_id: str | None
    expires_at: dt.datetime
    consumed_at: dt.datetime | None
    created_at: dt.datetime


class DeviceCodes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self, **values: Any) -> None:
        self._connection.execute(insert(devices).values(**values))

    def find_waiting(self, user_code_hash: bytes, *, now: dt.datetime) -> DeviceCode | None:
        """None once it is decided or over."""
        query = select(devices).where(*_waiting(user_code_hash, now))
        return read_or_none(DeviceCode, self._connection.execute(query).one_or_none())

    def claim(self, user_code_hash: bytes, *, user_id: str, now: dt.datetime) -> DeviceCode | None:
        """From here on only this user may decide. None when somebody else may, or nothing waits."""
        unclaimed = or_(devices.c.user_id.is_(None), devices.c.user_id == user_id)
        statement = (
            update(devices)
            .where(*_waiting(user_code_hash, now), unclaimed)
            .values(user_id=user_id)
            .returning(devices)
        )
        return read_or_none(DeviceCode, self._connection.execute(statement).one_or_none())

    def decide(
        self, user_code_hash: bytes, decision: str, *, user_id: str, now: dt.datetime, **how: Any
    ) -> bool:
        """By who claimed it. The first decision stands; False for every other."""
        statement = (
            update(devices)
            .where(*_waiting(user_code_hash, now), devices.c.user_id == user_id)
            .values(decision=decision, **how)
        )
        return self._connection.execute(statement).rowcount == 1

    def poll(self, device_code_hash: bytes, *, client_id: str, now: dt.datetime) -> DeviceCode | None:
        """Notes the question, and whether it came too soon after the one before: then the next has to wait
        longer. None for an unknown code, another client's, or one that was redeemed."""
        next_at = type_coerce(devices.c.polled_at, BigInteger) + devices.c.poll_seconds * 1_000
        too_soon = devices.c.polled_at.is_not(None) & (next_at > (now - EPOCH) // MILLISECOND)
        statement = (
            update(devices)
            .where(
                devices.c.device_code_hash == device_code_hash,
                devices.c.client_id == client_id,
                devices.c.consumed_at.is_(None),
            )
            .values(
                polled_at=now,
                polled_too_soon=case((too_soon, True), else_=False),
                poll_seconds=devices.c.poll_seconds + case((too_soon, SLOWER_BY), else_=0),
            )
            .returning(devices)
        )
        return read_or_none(DeviceCode, self._connection.execute(statement).one_or_none())

    def consume(self, device_code_hash: bytes, *, now: dt.datetime) -> DeviceCode | None:
        """An approved one, once; everybody else gets None."""
        statement = (
            update(devices)
            .where(
                devices.c.device_code_hash == device_code_hash,
                devices.c.decision == "approved",
                devices.c.consumed_at.is_(None),
                devices.c.expires_at > now,
            )
            .values(consumed_at=now)
            .returning(devices)
        )
        return read_or_none(DeviceCode, self._connection.execute(statement).one_or_none())

    def delete_unredeemed(self, user_id: str) -> None:
        """An approval must not outlive the reason why all sessions were ended."""
        condition = (devices.c.user_id == user_id) & devices.c.consumed_at.is_(None)
        self._connection.execute(delete(devices).where(condition))

    def delete_unredeemed_of_browser(self, browser_session_id: str) -> None:
        condition = devices.c.browser_session_id == browser_session_id
        self._connection.execute(delete(devices).where(condition, devices.c.consumed_at.is_(None)))

    def delete_unredeemed_of_client(self, client_id: str, *, user_id: str | None = None) -> None:
        conditions = [devices.c.client_id == client_id, devices.c.consumed_at.is_(None)]
        if user_id is not None:
            conditions.append(devices.c.user_id == user_id)
        self._connection.execute(delete(devices).where(*conditions))

    def purge(self, *, expired_before: dt.datetime) -> None:
        self._connection.execute(delete(devices).where(devices.c.expires_at < expired_before))


def _waiting(user_code_hash: bytes, now: dt.datetime) -> tuple[Any, ...]:
    return (
        devices.c.user_code_hash == user_code_hash,
        devices.c.decision.is_(None),
        devices.c.expires_at > now,
    )

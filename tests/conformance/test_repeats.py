"""Every POST under an Idempotency-Key: carried out once, answered alike, kept sealed."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.conformance.samples import SAMPLED, name, sample_of
from tests.conformance.test_every_operation import send
from tests.conformance.world import World
from vestibule.server.api.operation import Operation, never

POSTS = [operation for operation in SAMPLED if operation.method == "POST"]
REPEATABLE = [operation for operation in POSTS if operation.repeats is not never]


def long_texts(data: Any) -> Iterator[str]:
    """Everything in an answer that could be a secret, each twice as long as a code."""
    if isinstance(data, dict):
        for value in data.values():
            yield from long_texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from long_texts(value)
    elif isinstance(data, str) and len(data) >= 12:
        yield data


@pytest.mark.parametrize("operation", REPEATABLE, ids=name)
def test_a_repeated_request_is_carried_out_once(world: World, operation: Operation) -> None:
    sample, headers = sample_of(operation, world), {"idempotency-key": str(uuid4())}
    first = send(world, operation, sample, headers=headers)
    again = send(world, operation, sample, headers=headers)
    assert first.status_code == operation.status
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    other = send(world, operation, sample, headers=headers, json={"another": "body"} | (sample.body or {}))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    if first.content:
        with world.server.identity.store.read() as tx:
            statement = text("SELECT answer_sealed FROM idempotent_requests ORDER BY created_at DESC LIMIT 5")
            stored = " ".join(row[0] for row in tx.connection.execute(statement) if row[0])
        assert stored
        assert [value for value in long_texts(first.json()) if value in stored] == []


@pytest.mark.parametrize("operation", [each for each in POSTS if each not in REPEATABLE], ids=name)
def test_what_is_not_repeatable_is_decided_anew(one_world: World, operation: Operation) -> None:
    sample, headers = sample_of(operation, one_world), {"idempotency-key": str(uuid4())}
    for _ in range(2):
        answer = send(one_world, operation, sample, headers=headers)
        assert answer.status_code < 500
        assert "idempotent-replayed" not in answer.headers

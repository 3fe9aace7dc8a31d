"""A good request is answered as declared; one that is wrong in any of the usual ways, as every other is."""

import json
from typing import Any

import httpx2
import msgspec
import pytest

from tests.conformance.samples import NOWHERE, SAMPLED, Sample, fill, name, sample_of
from tests.conformance.world import World
from vestibule.server.api.operation import Operation
from vestibule.server.api.routes import OPERATIONS

UNKNOWN = "unknown_01M7Y6A54CF18TC3A99HKZM8PX"
WRONG = [{"wrong": [1]}]
JSON = {"content-type": "application/json"}
every = pytest.mark.parametrize("operation", SAMPLED, ids=name)
with_a_path = pytest.mark.parametrize("operation", [op for op in SAMPLED if "{" in op.path], ids=name)
with_a_body = pytest.mark.parametrize("operation", [op for op in SAMPLED if op.body], ids=name)


def send(world: World, operation: Operation, sample: Sample, **more: Any) -> httpx2.Response:
    path = fill(operation, sample.path)
    body = {"json": sample.body} if sample.body is not None else {}
    return world.api.request(operation.method, path, params=sample.query, **(body | more))


def code_of(answer: httpx2.Response) -> str:
    """In the envelope of the operation."""
    data = answer.json()
    return str(data.get("code") or data["error"])


def fields_of(answer: httpx2.Response) -> set[str]:
    return {each["field"] for each in answer.json()["errors"]}


def test_every_operation_has_a_sample() -> None:
    assert [name(operation) for operation in OPERATIONS if operation not in SAMPLED] == []


@every
def test_a_good_request_is_answered_as_declared(world: World, operation: Operation) -> None:
    sample = sample_of(operation, world)
    answer = send(world, operation, sample)
    if sample.path and sample.path[-1] == NOWHERE:  # nothing of this kind can be made through the API
        assert answer.status_code == 404
        return
    assert answer.status_code == operation.status, answer.text
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.headers["cache-control"] in ("no-store", "private, no-cache") or operation.public
    assert bool(answer.content) == (operation.answers is not None)


@with_a_path
def test_UN_1_an_unknown_or_strange_id_is_not_found(world: World, operation: Operation) -> None:
    sample = sample_of(operation, world)
    for value in (UNKNOWN, "%00", "a%00b", "x" * 513, "%2e%2e", "%F0%9F%94%90", "%ff"):
        answer = send(world, operation, Sample((value,) * len(sample.path), sample.body, sample.query))
        assert answer.status_code == 404, (value, answer.text)
        assert isinstance(answer.json()["message"], str)


@with_a_body
def test_a_body_that_is_no_object_is_malformed(one_world: World, operation: Operation) -> None:
    sample = Sample(tuple(UNKNOWN for _ in range(operation.path.count("{"))))
    for content in (b"{", b"[]", b"null", b"\xff", b'{"a":\x00}'):
        answer = send(one_world, operation, sample, content=content, headers=JSON)
        assert (answer.status_code, code_of(answer)) == (400, "invalid_json"), content


@with_a_body
def test_every_wrong_member_is_named(one_world: World, operation: Operation) -> None:
    members = msgspec.structs.fields(operation.body)  # type: ignore[arg-type]
    sample = Sample(tuple(UNKNOWN for _ in range(operation.path.count("{"))))
    answer = send(one_world, operation, sample, json={member.encode_name: WRONG for member in members})
    if operation.envelope == "oauth":  # RFC 6749 §5.2
        assert (answer.status_code, code_of(answer)) == (400, "invalid_request")
        return
    assert (answer.status_code, code_of(answer)) == (422, "invalid_request_parameters")
    assert fields_of(answer) == {member.encode_name for member in members}
    required = {member.encode_name for member in members if member.required}
    if required:
        answer = send(one_world, operation, sample, json={})
        assert answer.status_code == 422
        assert fields_of(answer) == required


@with_a_body
def test_SZ_2_no_text_is_too_strange_or_too_long_to_be_refused(world: World, operation: Operation) -> None:
    sample = sample_of(operation, world)
    assert sample.body is not None
    texts = [key for key, value in sample.body.items() if isinstance(value, str)]
    strange = ("a\x00b", "x" * 9_000, "\ud800", "\u202e\U0001f510", "' OR 1=1 --", "")
    for member in texts:
        for value in strange:
            content = json.dumps(sample.body | {member: value}).encode()
            answer = send(world, operation, sample, content=content, headers=JSON)
            assert answer.status_code < 500, (member, value[:20])
    answer = send(world, operation, sample, json=sample.body | {"padding": "x" * 70_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")

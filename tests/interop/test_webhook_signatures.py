"""What leaves as a webhook, held against the official receivers: the Python SDK's and the Node SDK's."""

import json
import subprocess
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from workos import WorkOSClient

from tests.interop.peers import node as node_program
from tests.sdk.node import PACKAGES, Node, NodeError, running_node
from tests.servers import Running
from vestibule.wire.webhooks import read_signature, sign, stringify

SECRET = "whsec_a-secret-of-one-endpoint"
USER = {
    "object": "user",
    "id": "user_01",
    "email": "zoë@example.com",
    "first_name": 'Zoë "Z" O\'Neill \\ /',
    "last_name": "\U0001d518nicode \u2028 \x7f \t\n\x01 <&>",
    "email_verified": True,
    "profile_picture_url": None,
    "metadata": {"b": "1", "10": "2", "9": "3", "": "4", "01": "5", "4294967295": "6"},
    "last_sign_in_at": None,
    "locale": None,
    "external_id": None,
    "created_at": "2026-01-15T12:00:00.000Z",
    "updated_at": "2026-01-15T12:00:00.000Z",
}
EVENT = {
    "object": "event",
    "id": "event_01",
    "event": "user.created",
    "data": USER,
    "created_at": "2026-01-15T12:00:00.000Z",
}


def now() -> int:
    return int(time.time() * 1000)


@pytest.fixture(scope="module", params=PACKAGES)
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    nowhere = SimpleNamespace(url="http://localhost:1", api_key="sk_test_x", client_id="client_x")
    with running_node(request.param, cast(Running, nowhere)) as running:
        yield running


def construct(node: Node, body: bytes, header: str, secret: str = SECRET) -> Any:
    payload = json.loads(body)
    return node("webhooks.constructEvent", {"payload": payload, "sigHeader": header, "secret": secret})


@pytest.mark.js
@pytest.mark.parametrize(
    "value",
    [
        EVENT,
        {"numbers": [1, 1.0, -0.5, 1e3, 0.1, 100000.0]},
        {"nested": [{"2": None, "1": True, "a": []}, {}]},
        {"lone": "\ud800 and \udfff", "both": "\U0001f600"},
        {"4294967294": 1, "-1": 2, "1.5": 3, "0": 4, "00": 5},
    ],
)
def test_the_text_is_what_javascript_makes_of_it(value: Any) -> None:
    script = "process.stdin.on('data', d => process.stdout.write(JSON.stringify(JSON.parse(d))))"
    given = json.dumps(value).encode()
    done = subprocess.run([node_program(), "-e", script], input=given, capture_output=True, check=True)
    assert stringify(value) == done.stdout


def test_the_python_sdk_knows_our_signature() -> None:
    body = stringify(EVENT)
    header = sign(body, SECRET, milliseconds=now())
    client = WorkOSClient(api_key="sk_test_x", client_id="client_x")
    read = client.webhooks.verify_event(event_body=body, event_signature=header, secret=SECRET)
    assert cast(Any, read).id == "event_01"


@pytest.mark.js
def test_the_node_sdk_knows_our_signature(node: Node) -> None:
    body = stringify(EVENT)
    read = construct(node, body, sign(body, SECRET, milliseconds=now()))
    assert (read["id"], read["event"]) == ("event_01", "user.created")
    assert read["data"]["lastName"] == USER["last_name"]


FIVE_MINUTES = 300_000
ALTERED = {
    "body": (stringify(EVENT | {"id": "event_02"}), lambda body: sign(body, SECRET, milliseconds=now())),
    "old": (stringify(EVENT), lambda body: sign(body, SECRET, milliseconds=now() - FIVE_MINUTES - 60_000)),
    "other secret": (stringify(EVENT), lambda body: sign(body, "whsec_other", milliseconds=now())),
    "other time": (
        stringify(EVENT),
        lambda body: sign(body, SECRET, milliseconds=1).replace("t=1,", f"t={now()},"),
    ),
    "missing": (stringify(EVENT), lambda body: ""),
    "doubled": (stringify(EVENT), lambda body: ", ".join([sign(body, SECRET, milliseconds=now())] * 2)),
}


@pytest.mark.parametrize("case", ALTERED)
def test_WH_4_the_python_sdk_refuses_what_was_altered(case: str) -> None:
    sent, header = ALTERED[case]
    client = WorkOSClient(api_key="sk_test_x", client_id="client_x")
    with pytest.raises(ValueError):  # noqa: PT011 - the SDK has no class of its own for it
        client.webhooks.verify_event(event_body=sent, event_signature=header(stringify(EVENT)), secret=SECRET)


@pytest.mark.js
@pytest.mark.parametrize("case", [case for case in ALTERED if case != "doubled"])
def test_WH_4_the_node_sdk_refuses_what_was_altered(node: Node, case: str) -> None:
    sent, header = ALTERED[case]
    with pytest.raises(NodeError, match="SignatureVerificationException"):
        construct(node, sent, header(stringify(EVENT)))


def test_WH_4_a_signature_is_of_one_body_one_time_and_one_of_the_secrets() -> None:
    body = stringify(EVENT)
    header = sign(body, SECRET, milliseconds=1_768_478_400_000)
    assert read_signature(header, body, [SECRET]) == 1_768_478_400_000
    assert read_signature(header, body, ["whsec_new", SECRET]) == 1_768_478_400_000
    assert read_signature(header, body + b" ", [SECRET]) is None
    assert read_signature(header, body, ["whsec_new"]) is None
    assert read_signature(header, body, []) is None
    for altered in (
        "",
        header.replace(", ", ","),
        header.replace("t=1", "t=2"),
        header.replace("v1=", "v0="),
        f"{header}, {header}",
        header[:-1],
        header.upper(),
    ):
        assert read_signature(altered, body, [SECRET]) is None

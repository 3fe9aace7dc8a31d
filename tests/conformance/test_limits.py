"""What is limited says so in whole seconds, which is all that SDKs read."""

import pytest

from tests.conformance.samples import SAMPLED, Sample, name, sample_of, shape
from tests.conformance.test_every_operation import send
from tests.conformance.world import World
from vestibule.server.api.operation import Operation

LIMITED = (
    "POST /user_management/password_reset",
    "POST /user_management/magic_auth",
    "POST /user_management/users/{}/email_verification/send",
    "POST /user_management/users/{}/email_change/send",
    "POST /user_management/invitations/{}/resend",
    "POST /user_management/authenticate",
)


@pytest.mark.parametrize("operation", [each for each in SAMPLED if shape(name(each)) in LIMITED], ids=name)
def test_a_limit_names_the_seconds_to_wait(one_world: World, operation: Operation) -> None:
    sample = sample_of(operation, one_world)
    body = sample.body
    if body and "password" in body:
        body = body | {"password": "a-wrong-one-of-course"}
    answers = []
    for _ in range(12):
        answers.append(send(one_world, operation, Sample(sample.path, body)))
        if answers[-1].status_code == 429:
            break
    limited = answers[-1]
    assert limited.status_code == 429, limited.text
    assert 2 <= len(answers) - 1 <= 10
    assert limited.headers["retry-after"].isdecimal()
    assert 1 <= int(limited.headers["retry-after"]) <= 60
    assert limited.headers["x-request-id"].startswith("req_")


def test_every_limited_operation_is_tried() -> None:
    assert {shape(name(each)) for each in SAMPLED if shape(name(each)) in LIMITED} == set(LIMITED)

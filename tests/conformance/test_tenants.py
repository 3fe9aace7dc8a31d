"""OG: what belongs to one organization is not found, not read and not changed under another's path."""

import pytest

from tests.conformance.samples import NOWHERE, SAMPLED, Sample, name, sample_of
from tests.conformance.test_every_operation import send
from tests.conformance.world import World
from vestibule.server.api.operation import Operation

NESTED = [operation for operation in SAMPLED if operation.path.count("{") > 1]


@pytest.mark.parametrize("operation", NESTED, ids=name)
def test_OG_1_an_id_is_not_found_below_another_organization(world: World, operation: Operation) -> None:
    sample = sample_of(operation, world)
    other = world.organization()["id"]
    foreign = Sample((other, *sample.path[1:]), sample.body)
    assert send(world, operation, foreign).status_code == 404
    found = 404 if sample.path[-1] == NOWHERE else operation.status
    assert send(world, operation, sample).status_code == found

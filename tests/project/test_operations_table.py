"""The page of operations says what is in the tree: every served one proven by both SDKs, none forgotten."""

import pytest

from tests.project.operations_table import PAGE, Published, nameless, page, proofs, published
from tests.server.api.specification import specification

PROMISED = [each for each in published() if each.promised]


def test_the_list_is_the_interface() -> None:
    described = {
        f"{method.upper()} {path}" for path, methods in specification()["paths"].items() for method in methods
    }
    assert described == {each.name for each in PROMISED}
    assert len(published()) == 212


@pytest.mark.parametrize("operation", PROMISED, ids=lambda each: each.name)
def test_an_operation_is_served_and_proven_by_both_sdks(operation: Published) -> None:
    assert operation.served
    assert operation.name in proofs()["python"]
    assert (operation.name in proofs()["node"]) == operation.in_node


def test_nothing_is_claimed_that_does_not_exist() -> None:
    claimed = {name for sdk in proofs().values() for name in sdk}
    assert {
        name for name in claimed if nameless(name) not in {nameless(each.name) for each in PROMISED}
    } == set()


def test_the_page_says_so() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tests.project.operations_table`"

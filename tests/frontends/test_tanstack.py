"""TanStack Start with the official package, and FastAPI behind it: one cookie, both sides refresh it."""

import pytest

from tests.frontends.conftest import Visits
from tests.frontends.example import Example, World
from tests.frontends.pages import Pages
from tests.frontends.stories import PROOFS, Story

pytestmark = [pytest.mark.e2e, pytest.mark.frontends, pytest.mark.verify]


class TanStack(Pages):
    node = "/me"
    dangerous = "/reports"


EXAMPLE = Example(
    name="tanstack-start",
    client="@workos/authkit-tanstack-react-start",
    back_end="FastAPI",
    build=("node_modules/vite/bin/vite.js", "build"),
    front=("server.mjs",),
    back=("uvicorn", "api:app", "--port", "{api_port}"),
    pages=TanStack(),
)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)
def test_it_proves_that(proof: Story, world: World, visits: Visits) -> None:
    proof(world, visits)

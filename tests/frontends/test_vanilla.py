"""Two pages of plain HTML with the module that the app itself serves, on Starlette."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visits
from tests.frontends.example import Example, World
from tests.frontends.stories import PROOFS, Story, sentence, signed_in

pytestmark = [pytest.mark.frontends, pytest.mark.e2e, pytest.mark.verify]

EXAMPLE = Example(
    name="vanilla",
    client="@vestibule/client",
    back_end="Starlette",
    back=("uvicorn", "app:app", "--port", "{app_port}"),
)


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: sentence(proof.__name__))
def test_the_proofs(proof: Story, world: World, visits: Visits) -> None:
    proof(world, visits)


def test_another_tab_learns_of_a_sign_out(world: World, visits: Visits) -> None:
    with signed_in(world, visits) as page:
        other = page.context.new_page()
        other.goto(world.app + "/")
        world.pages.is_home(other, "Grace")
        page.get_by_role("button", name="Sign out").click()
        world.pages.is_home(other)
        expect(other.get_by_role("link", name="Sign in")).to_be_visible()

"""docs/compatibility.md speaks of the versions that are pinned now."""

import pytest

from tests.frontends.compatibility import examples, pinned, sections

pytestmark = [pytest.mark.frontends, pytest.mark.verify]


@pytest.mark.parametrize("name", examples())
def test_the_page_names_every_pinned_version(name: str) -> None:
    section = sections().get(name, "")
    missing = [each for each in pinned(name).items() if f"| `{each[0]}` | {each[1]} |" not in section]
    assert missing == [], "run `make frontends`"
    assert "\n- " in section, "nothing passed"

"""API keys beside Django's own idea of who is there."""

import pytest

from tests.adapters.django_app import MODES
from tests.adapters.test_bearer import office, with_office
from tests.adapters.test_django_users import STAFF, database, site

__all__ = ["database"]  # a fixture

MEMBER = {"type": "user", "id": "user_1", "organization_id": "org_1"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "owner", [{"type": "organization", "id": "org_1"}, MEMBER], ids=lambda each: each["type"]
)
def test_AK_2_an_api_key_is_no_user_of_djangos_whoever_owns_it(mode: str, owner: dict[str, str]) -> None:
    rig = with_office(site(mode, settings={"api_keys": True}, **STAFF))
    key = office(rig).api_key(owner=owner)
    assert rig.get("/who", {"Authorization": f"Bearer {key}"}).json["name"] == ""
    assert len(office(rig).requests_to("validations")) == 1

"""Feature flags in the dashboard."""

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.flags import get_flag, list_targets
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.users import create_user

FLAGS = "/dashboard/flags"


def test_a_flag_is_made_aimed_switched_on_and_deleted(office: Office, operator: Operators) -> None:
    admin, identity = operator("admin"), office.identity
    acme = create_organization(identity, name="Acme")
    ada = create_user(identity, email="ada@acme.com")
    assert "Create the first flag" in admin.read(FLAGS)
    refused = admin.post(f"{FLAGS}/new", slug="New Editor", name="Kept")
    assert (refused.status_code, 'value="Kept"' in refused.text) == (422, True)
    assert "The flag is there, and off" in admin.done(f"{FLAGS}/new", slug="new-editor")
    one = f"{FLAGS}/new-editor"
    admin.done(f"{one}/targets", target="ADA@acme.com")
    page = admin.done(f"{one}/targets", target=acme.id)
    assert "ada@acme.com" in page
    assert "Off for everybody" in page
    assert list_targets(identity, "new-editor", most=5) == ([(ada.id, "ada@acme.com")], [(acme.id, "Acme")])
    for unknown in ("nobody@acme.com", "org_x", " "):
        answer = admin.post(f"{one}/targets", target=unknown)
        assert (answer.status_code, 'id="target-error"' in answer.text) == (422, True), unknown
    assert "On for the targets below" in admin.done(f"{one}/switch", enabled="on")
    for _ in range(2):  # the second time, somebody was faster
        admin.done(f"{one}/targets/remove", target=ada.id)
    admin.done(one, name="New editor", default_value="on")
    flag = get_flag(identity, "new-editor")
    assert (flag.name, flag.enabled, flag.default_value) == ("New editor", True, True)
    assert admin.post(f"{one}/delete", confirmation="new").status_code == 422
    admin.done(f"{one}/delete", confirmation="new-editor")
    with pytest.raises(NotFound):
        get_flag(identity, "new-editor")
    for name in ("flag.created", "flag.rule_updated", "flag.updated", "flag.deleted"):
        assert (office.events(name)[0].context or {})["actor"] == {
            "id": admin.user.id,
            "source": "dashboard",
            "name": "admin@example.com",
        }

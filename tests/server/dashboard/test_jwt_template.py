"""The JWT template in the dashboard: tried with somebody, kept, refused with the line, and reset."""

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from vestibule.server.identity.jwt_template import find_jwt_template
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.users import create_user

PATH = "/dashboard/jwt-template"
TEMPLATE = '{\r\n  "mail": {{ user.email }},\r\n  "place": {{ organization.name }}\r\n}'


def test_a_template_is_tried_with_a_member_before_it_is_kept(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    grace = create_user(office.identity, email="grace@example.com", email_verified=True)
    acme = create_organization(office.identity, name="Acme")
    create_membership(office.identity, user_id=grace.id, organization_id=acme.id)
    tried = admin.post(PATH, action="try", content=TEMPLATE, email=grace.email, organization=acme.id)
    assert tried.status_code == 200
    for text in (
        "grace@example.com",
        "Acme",
        f"{acme.id}",
        "From the template: mail, place",
        "of 2200 bytes",
    ):
        assert text in tried.text
    assert find_jwt_template(office.identity) is None
    admin.done(PATH, action="save", content=TEMPLATE)
    kept = find_jwt_template(office.identity)
    assert kept is not None
    assert kept.content == TEMPLATE.replace("\r\n", "\n")
    assert office.events("jwt_template.updated")[0].data["content"] == kept.content


def test_what_is_wrong_is_said_with_its_line_and_what_is_too_big_with_its_size(
    office: Office, operator: Operators
) -> None:
    admin = operator("admin")
    wrong = admin.post(PATH, action="save", content='{\n  "mail": {{ user.nothing }}\n}')
    assert (wrong.status_code, "Line 2, column" in wrong.text) == (422, True)
    large = '{"note": "' + "x" * 2_000 + '"}'
    shown = admin.post(PATH, action="try", content=large)
    assert "too big" in shown.text
    nobody = admin.post(PATH, action="try", content=TEMPLATE, email="nobody@example.com")
    assert "There is no user with this address" in nobody.text
    assert find_jwt_template(office.identity) is None


def test_a_reset_asks_to_be_confirmed(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    admin.done(PATH, action="save", content=TEMPLATE)
    assert admin.post(f"{PATH}/reset", confirmation="yes").status_code == 422
    assert "is gone" in admin.done(f"{PATH}/reset", confirmation="reset")
    assert find_jwt_template(office.identity) is None
    assert len(office.events("jwt_template.deleted")) == 1

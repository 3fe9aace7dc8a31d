"""Organizations in the dashboard: found, made, changed, ended; every act names who did it."""

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from tests.server.people import mails_to
from vestibule.server.identity.domains import list_domains
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.groups import list_group_members, list_groups
from vestibule.server.identity.invitations import list_invitations
from vestibule.server.identity.memberships import create_membership, list_memberships
from vestibule.server.identity.models import Organization
from vestibule.server.identity.organizations import create_organization, get_organization
from vestibule.server.identity.owned_keys import create_organization_key, list_organization_keys
from vestibule.server.identity.paging import Page
from vestibule.server.identity.roles import create_role
from vestibule.server.identity.users import create_user

LIST = "/dashboard/organizations"


@pytest.fixture
def acme(office: Office) -> Organization:
    return create_organization(office.identity, name="Acme", metadata={"plan": "team"})


def at(organization: Organization, tab: str = "") -> str:
    return f"{LIST}/{organization.id}{tab}"


def check_actor(office: Office, event: str, role: str = "admin") -> None:
    (happened, *_) = office.events(event)
    assert happened.context is not None
    assert happened.context["actor"] == {
        "id": office.operator(role).user.id,
        "source": "dashboard",
        "name": f"{role}@example.com",
    }


def test_the_list_teaches_while_it_is_empty_and_finds_while_one_types(
    office: Office, operator: Operators
) -> None:
    admin = operator("admin")
    assert "Create the first organization" in admin.read(LIST)
    assert "Create the first organization" not in operator("auditor").read(LIST)
    page = admin.done(LIST, name="Acme Corp", domain="acme.com", external_id="crm-7")
    assert "The organization is there" in page
    check_actor(office, "organization.created")
    for typed in ("cor", "acme.c", "crm-7", office.events("organization.created")[0].data["id"]):
        assert "Acme Corp" in admin.read(LIST, q=typed)
    nothing = admin.read(LIST, q='"><script>')
    assert "Nothing begins with" in nothing
    assert "<script>" not in admin.get(LIST, q='"><script>').text.split("</head>")[1]


def test_pages_of_the_list_lead_on_and_back(office: Office, operator: Operators) -> None:
    for number in range(30):
        create_organization(office.identity, name=f"Customer {number:02}")
    auditor = operator("auditor")
    first = auditor.read(LIST)
    older = first.partition('">Older')[0].rpartition('href="')[2]
    second = auditor.read(older)
    names = [f"Customer {number:02}" for number in range(30)]
    assert [name in first for name in names] == [name not in second for name in names]
    newer = second.partition('">Newer')[0].rpartition('href="')[2]
    assert [name in auditor.read(newer) for name in names] == [name in first for name in names]


def test_what_was_typed_stays_when_it_is_refused(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    answer = admin.post(LIST, name="Acme", domain="gmail.com", external_id="crm-7")
    assert answer.status_code == 422
    for kept in ('value="Acme"', 'value="gmail.com"', 'value="crm-7"', 'aria-describedby="domain-error'):
        assert kept in answer.text
    assert office.events("organization.created") == []


def test_details_entitlements_and_metadata_are_changed(
    office: Office, operator: Operators, acme: Organization
) -> None:
    admin = operator("admin")
    assert "Saved." in admin.done(at(acme), name="Acme Ltd", external_id="crm-8")
    admin.done(at(acme, "/entitlements"), entitlements="sso\naudit-logs, sso")
    admin.done(at(acme, "/metadata"), metadata='{"tier": "gold"}')
    changed = get_organization(office.identity, acme.id)
    assert (changed.name, changed.external_id) == ("Acme Ltd", "crm-8")
    assert (changed.entitlements, changed.metadata) == (["audit-logs", "sso"], {"tier": "gold"})
    check_actor(office, "organization_entitlements.updated")
    for path, field, typed in (
        ("", "name", " "),
        ("/entitlements", "entitlements", "no blanks!"),
        ("/metadata", "metadata", "{tier: 1}"),
        ("/metadata", "metadata", '{"tier": 1}'),
        ("/metadata", "metadata", "[]"),
    ):
        answer = admin.post(at(acme, path), **{field: typed})
        assert answer.status_code == 422, typed
        assert f'id="{field}-error"' in answer.text, typed
    assert get_organization(office.identity, acme.id) == changed


def test_ending_one_takes_its_name_typed(office: Office, operator: Operators, acme: Organization) -> None:
    admin = operator("admin")
    assert admin.post(at(acme, "/delete"), confirmation="acme").status_code == 422
    assert office.events("organization.deleted") == []
    assert "is deleted" in admin.done(at(acme, "/delete"), confirmation="Acme")
    check_actor(office, "organization.deleted")
    with pytest.raises(NotFound):
        get_organization(office.identity, acme.id)
    assert admin.get(at(acme)).status_code == 404


def test_a_member_is_added_changed_rested_and_removed(
    office: Office, operator: Operators, acme: Organization
) -> None:
    admin, identity = operator("admin"), office.identity
    create_role(identity, slug="editor", name="Editor")
    ada = create_user(identity, email="ada@acme.com", first_name="Ada")
    assert "Nobody belongs here yet" in admin.read(at(acme, "/members"))
    assert "a member now" in admin.done(at(acme, "/members"), who="Ada@acme.com", role="editor")
    again = admin.post(at(acme, "/members"), who=ada.id, role="editor")
    unknown = admin.post(at(acme, "/members"), who="nobody@acme.com", role="editor")
    assert ([each.status_code for each in (again, unknown)]) == [422, 422]
    assert 'value="nobody@acme.com"' in unknown.text
    assert "invitations?email=nobody%40acme.com" in unknown.text
    (member,) = list_memberships(identity, Page(), organization_id=acme.id).data
    one = at(acme, f"/members/{member.id}")
    admin.done(f"{one}/roles", role="member", **{"also-editor": "on"})
    admin.done(f"{one}/status", action="deactivate")
    assert "Activate again" in admin.read(one)
    (member,) = list_memberships(identity, Page(), organization_id=acme.id).data
    assert (member.roles, member.status) == (["member", "editor"], "inactive")
    assert "ada@acme.com" in admin.read(at(acme, "/members"), status="inactive", q="")
    assert "No active members" in admin.read(at(acme, "/members"), status="active")
    assert "ada@acme.com" in admin.read(at(acme, "/members"), q="ada")
    assert "No member begins with" in admin.read(at(acme, "/members"), q="grace")
    assert admin.post(f"{one}/remove", confirmation="ada").status_code == 422
    assert "The member is removed" in admin.done(f"{one}/remove", confirmation="ada@acme.com")
    check_actor(office, "organization_membership.deleted")


def test_nothing_of_another_organization_is_reached_through_this_one(
    office: Office, operator: Operators, acme: Organization
) -> None:
    other = create_organization(office.identity, name="Other")
    user = create_user(office.identity, email="ada@acme.com")
    member = create_membership(office.identity, user_id=user.id, organization_id=other.id)
    key, _ = create_organization_key(office.identity, other.id, name="Theirs")
    admin = operator("admin")
    for path in (f"/members/{member.id}/remove", f"/api-keys/{key.id}/revoke"):
        answer = admin.post(at(acme, path), confirmation="ada@acme.com")
        assert answer.status_code == 404
    assert admin.get(at(acme, f"/members/{member.id}")).status_code == 404


def test_somebody_is_invited_reminded_and_uninvited(
    office: Office, operator: Operators, acme: Organization
) -> None:
    admin = operator("admin")
    path = at(acme, "/invitations")
    assert "on its way" in admin.done(path, email="new@acme.com", role="admin", days="30")
    (invitation,) = list_invitations(office.identity, Page(), organization_id=acme.id).data
    assert invitation.role_slug == "admin"
    assert (invitation.expires_at - invitation.created_at).days == 30
    assert invitation.accept_invitation_url in admin.read(path)
    assert invitation.token not in operator("auditor").read(path)
    twice = admin.post(path, email="new@acme.com", role="admin", days="7")
    assert (twice.status_code, 'id="email-error"' in twice.text) == (422, True)
    operator("support").done(f"{path}/{invitation.id}/resend")
    assert len(mails_to(office.identity, "new@acme.com")) == 2
    assert "taken back" in admin.done(f"{path}/{invitation.id}/revoke")
    check_actor(office, "invitation.revoked")
    assert admin.post(f"{path}/{invitation.id}/resend").status_code == 422
    assert "Nobody is awaited" in admin.read(path, state="pending")


def test_a_domain_is_claimed_and_verified_by_word(
    office: Office, operator: Operators, acme: Organization
) -> None:
    admin, path = operator("admin"), at(acme, "/domains")
    admin.done(path, domain="ACME.com")
    (domain,) = list_domains(office.identity, [acme.id])[acme.id]
    page = admin.read(path)
    assert f"{domain.verification_prefix}.acme.com" in page
    assert domain.verification_token in page
    assert admin.post(path, domain="nonsense").status_code == 422
    one = f"{path}/{domain.id}"
    assert admin.post(f"{one}/vouch", confirmation="acme.co").status_code == 422
    assert "by your word" in admin.done(f"{one}/vouch", confirmation="acme.com")
    check_actor(office, "organization_domain.verified")
    admin.done(at(acme, "/domain-policy"), auto_join="on")
    changed = get_organization(office.identity, acme.id)
    assert (changed.domain_auto_join, changed.domain_capture) == (True, False)
    assert admin.post(f"{one}/remove", confirmation="no").status_code == 422
    assert "No domain yet" in admin.done(f"{one}/remove", confirmation="acme.com")


def test_a_group_is_made_filled_and_deleted(office: Office, operator: Operators, acme: Organization) -> None:
    admin, identity = operator("admin"), office.identity
    user = create_user(identity, email="ada@acme.com")
    create_membership(identity, user_id=user.id, organization_id=acme.id)
    admin.done(at(acme, "/groups"), name="Research", description="Who thinks")
    (group,) = list_groups(identity, Page(), organization_id=acme.id).data
    one = at(acme, f"/groups/{group.id}")
    assert admin.post(f"{one}/members", who="nobody@acme.com").status_code == 422
    admin.done(f"{one}/members", who="ada@acme.com")
    (member,) = list_group_members(identity, Page(), organization_id=acme.id, group_id=group.id).data
    for _ in range(2):  # the second time, somebody was faster
        assert "out of the group" in admin.done(f"{one}/members/remove", membership_id=member.id)
    admin.done(one, name="Thinking")
    assert "deleted" in admin.done(f"{one}/delete", confirmation="Thinking")
    check_actor(office, "group.deleted")


def test_a_key_of_the_organization_is_revoked(
    office: Office, operator: Operators, acme: Organization
) -> None:
    admin = operator("admin")
    assert "No API keys" in admin.read(at(acme, "/api-keys"))
    key, value = create_organization_key(office.identity, acme.id, name="Nightly export")
    page = admin.read(at(acme, "/api-keys"))
    assert "Nightly export" in page
    assert value not in page
    assert admin.post(at(acme, f"/api-keys/{key.id}/revoke"), confirmation="it").status_code == 422
    admin.done(at(acme, f"/api-keys/{key.id}/revoke"), confirmation="Nightly export")
    assert list_organization_keys(office.identity, acme.id, Page()).data == ()
    check_actor(office, "api_key.revoked")

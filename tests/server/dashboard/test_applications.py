"""Applications of others in the dashboard: made, given secrets that are shown once, changed and deleted."""

import re

import pytest

from tests.server.dashboard.conftest import Operators
from tests.server.dashboard.office import Office
from vestibule.server.identity.applications import create_application, get_application, list_applications
from vestibule.server.identity.client_secrets import is_secret_of, list_client_secrets
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.paging import Page
from vestibule.server.store.applications import Application

PATH = "/dashboard/applications"
THERE = "https://reports.example.com/callback"


@pytest.fixture
def reports(office: Office) -> Application:
    home = create_organization(office.identity, name="Reports Ltd.")
    return create_application(office.identity, name="Reports", organization_id=home.id)


def test_an_application_is_added_and_its_secret_shown_once(office: Office, operator: Operators) -> None:
    admin = operator("admin")
    assert "No other application yet" in admin.get(PATH).text
    home = create_organization(office.identity, name="Reports Ltd.").id
    given = {"name": "Reports", "kind": "third", "organization_id": home, "scope:openid": "on"}
    wrong = admin.post(PATH, **given, redirect_uris="javascript:alert(1)")
    assert wrong.status_code == 422
    assert "javascript:alert(1)" in wrong.text  # what was typed is still there
    lost = admin.post(PATH, **given | {"organization_id": "org_none"})
    assert "no organization with this id" in lost.text
    made = admin.post(PATH, **given, redirect_uris=f"{THERE}\n{THERE}/2")
    secret = re.search(r"<code>(vcs_[\w-]+)</code>", made.text)
    assert secret is not None
    (found,) = list_applications(office.identity, Page()).data
    assert (found.uris, found.scopes) == ([THERE, f"{THERE}/2"], ["openid"])
    assert is_secret_of(office.identity, found, secret[1])
    page = admin.get(f"{PATH}/{found.id}")
    assert secret[1] not in page.text
    assert secret[1][-4:] in page.text
    assert "Reports Ltd." in admin.get(PATH).text
    event = office.events("application.created")[0]
    assert event.context is not None
    assert event.context["actor"]["source"] == "dashboard"


def test_it_is_changed_its_secrets_revoked_and_it_is_deleted_by_its_typed_name(
    office: Office, operator: Operators, reports: Application
) -> None:
    owner, at = operator("owner"), f"{PATH}/{reports.id}"
    owner.post(at, name="Charts", redirect_uris=THERE, **{"scope:openid": "on", "scope:email": "on"})
    changed = get_application(office.identity, reports.id)
    assert (changed.name, changed.uris, changed.scopes) == ("Charts", [THERE], ["openid", "email"])
    assert owner.post(at, name="", redirect_uris=THERE).status_code == 422
    assert "Take the secret now" in owner.post(f"{at}/secrets").text
    (secret,) = list_client_secrets(office.identity, reports.id)
    assert owner.post(f"{at}/secrets/revoke", secret="secret_of_another").status_code == 404
    owner.post(f"{at}/secrets/revoke", secret=secret.id)
    assert not list_client_secrets(office.identity, reports.id)
    assert owner.post(f"{at}/delete", confirmation="Reports").status_code == 422
    owner.post(f"{at}/delete", confirmation="Charts")
    with pytest.raises(NotFound):
        get_application(office.identity, reports.id)


def test_a_machine_has_no_redirect_uris_and_who_may_only_read_sees_no_form(
    office: Office, operator: Operators
) -> None:
    home = create_organization(office.identity, name="Robots Ltd.").id
    admin = operator("admin")
    admin.post(PATH, name="Nightly", kind="m2m", organization_id=home, **{"scope:openid": "on"})
    (machine,) = list_applications(office.identity, Page()).data
    assert (machine.application_type, machine.scopes) == ("m2m", [])
    assert admin.post(f"{PATH}/{machine.id}", name="Daily").status_code == 303
    page = operator("auditor").get(f"{PATH}/{machine.id}").text
    assert "Client ID" in page
    assert f'action="{PATH}' not in page

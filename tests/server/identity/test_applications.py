"""Applications besides the environment's own, their secrets, and what people allow them."""

from typing import Any

import pytest

from tests.server.apps import App
from vestibule.server.identity import applications, client_secrets, consents
from vestibule.server.identity.applications import create_application, get_application
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.organizations import create_organization, delete_organization
from vestibule.server.identity.paging import Page
from vestibule.server.identity.permissions import create_permission
from vestibule.server.identity.users import create_user, delete_user
from vestibule.server.store.applications import Application
from vestibule.server.store.schema import client_secrets as secrets_table
from vestibule.server.store.schema import consents as consents_table

ALL = Page(limit=100, order="asc")
CALLBACK = {"uri": "https://reports.example.com/callback"}


@pytest.fixture
def home(app: App) -> str:
    return create_organization(app.identity, name="Reports Ltd.").id


@pytest.fixture
def reports(app: App, home: str) -> Application:
    return create_application(app.identity, name="Reports", organization_id=home, redirect_uris=[CALLBACK])


def events_of(app: App, kind: str) -> list[dict[str, Any]]:
    with app.identity.store.read() as tx:
        return [each.data for each in tx.events.list_from("event_0", event=kind, limit=100)]


def test_an_application_is_made_found_by_both_its_ids_changed_and_deleted(
    app: App, home: str, reports: Application
) -> None:
    assert get_application(app.identity, reports.client_id) == reports
    assert reports.scopes == ["openid", "profile", "email"]
    assert reports.redirect_uris == [CALLBACK | {"default": True}]
    create_permission(app.identity, slug="invoices:read", name="Read invoices")
    changed = applications.update_application(
        app.identity,
        reports.id,
        name="Better reports",
        description=None,
        scopes=["openid", "invoices:read"],
        redirect_uris=[CALLBACK, {"uri": "http://localhost:9999/callback", "default": True}],
    )
    assert (changed.name, changed.scopes) == ("Better reports", ["openid", "invoices:read"])
    assert [each["default"] for each in changed.redirect_uris] == [False, True]
    found = applications.list_applications(app.identity, ALL, organization_id=home).data
    assert [each.id for each in found] == [reports.id]
    assert applications.list_applications(app.identity, ALL, organization_id="org_other").data == ()
    applications.delete_application(app.identity, reports.client_id)
    with pytest.raises(NotFound):
        get_application(app.identity, reports.id)
    for name in ("created", "updated", "deleted"):
        assert [each["id"] for each in events_of(app, f"application.{name}")] == [reports.id]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"organization_id": None}, "organization_id"),
        ({"organization_id": None, "application_type": "m2m", "is_first_party": True}, "organization_id"),
        ({"scopes": ["openid", "everything"]}, "scopes"),
        ({"scopes": ["openid"], "application_type": "m2m"}, "scopes"),
        ({"homepage_url": "javascript:alert(1)"}, "homepage_url"),
        ({"redirect_uris": [{"uri": "javascript:alert(1)"}]}, "redirect_uris"),
        ({"redirect_uris": [{"uri": "https://reports.example.com/#part"}]}, "redirect_uris"),
        ({"redirect_uris": [{"uri": "https://*.example.com/callback"}] * 51}, "redirect_uris"),
    ],
    ids=str,
)
def test_what_no_application_may_have_is_named(
    app: App, home: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create_application(app.identity, **{"name": "Reports", "organization_id": home} | given)
    assert [each["field"] for each in refused.value.errors] == [field]
    with pytest.raises(NotFound):
        create_application(app.identity, name="Reports", organization_id="org_none")


def test_AK_4_secrets_are_kept_as_digests_several_at_once_and_end_at_once(
    app: App, home: str, reports: Application
) -> None:
    first, value = client_secrets.create_client_secret(app.identity, reports.id)
    _, other = client_secrets.create_client_secret(app.identity, reports.client_id)
    with app.identity.store.read() as tx:
        rows = tx.connection.execute(secrets_table.select()).all()
    assert value not in str(rows)
    assert value not in str(events_of(app, "client_secret.created"))
    assert first.secret_hint == value[-4:]
    assert client_secrets.is_secret_of(app.identity, reports, value)
    assert client_secrets.is_secret_of(app.identity, reports, other)
    unused, used = client_secrets.list_client_secrets(app.identity, reports.id)[::-1]
    assert used.last_used_at == unused.last_used_at == app.identity.now
    client_secrets.delete_client_secret(app.identity, first.id)
    assert not client_secrets.is_secret_of(app.identity, reports, value)
    assert client_secrets.is_secret_of(app.identity, reports, other)
    stranger = create_application(app.identity, name="Other", organization_id=home)
    assert not client_secrets.is_secret_of(app.identity, stranger, other)
    with pytest.raises(NotFound):
        client_secrets.delete_client_secret(app.identity, first.id)
    for _ in range(9):
        client_secrets.create_client_secret(app.identity, reports.id)
    with pytest.raises(Conflict):
        client_secrets.create_client_secret(app.identity, reports.id)


def test_what_was_allowed_is_remembered_added_to_and_taken_back(app: App, reports: Application) -> None:
    user = create_user(app.identity, email="ada@example.com")

    def allowed(*scopes: str) -> bool:
        with app.identity.store.read() as tx:
            return consents.has_consent(tx, user.id, reports, scopes)

    assert not allowed("openid")
    for scopes in (["openid"], ["openid"], ["email"]):
        consents.grant_consent(app.identity, user.id, reports, scopes)
    assert allowed("openid", "email")
    assert not allowed("openid", "profile")
    granted = [each["granted_scopes"] for each in events_of(app, "consent.granted")]
    assert sorted(granted) == [["openid"], ["openid", "email"]]  # once for each that changed something
    (found,) = consents.list_consents(app.identity, user.id, ALL).data
    assert found.application == reports
    with pytest.raises(NotFound):
        consents.revoke_consent(app.identity, "user_other", found.consent.id)
    consents.revoke_consent(app.identity, user.id, found.consent.id)
    assert not allowed("openid")
    with pytest.raises(NotFound):
        consents.revoke_consent(app.identity, user.id, reports.id)
    assert [each["user_id"] for each in events_of(app, "consent.revoked")] == [user.id]


def test_what_was_allowed_goes_with_the_person_and_with_the_organization(
    app: App, home: str, reports: Application
) -> None:
    ada, bob = (create_user(app.identity, email=f"{name}@example.com").id for name in ("ada", "bob"))
    for user in (ada, bob):
        consents.grant_consent(app.identity, user, reports, ["openid"])
    delete_user(app.identity, ada)
    with app.identity.store.read() as tx:
        assert [row.user_id for row in tx.connection.execute(consents_table.select())] == [bob]
    delete_organization(app.identity, home)
    with app.identity.store.read() as tx:
        assert tx.connection.execute(consents_table.select()).all() == []

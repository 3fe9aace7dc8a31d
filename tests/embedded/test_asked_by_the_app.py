"""What the toolkit asks of the server inside the app, and strangers may not."""

from collections.abc import Callable

import pytest

from tests.embedded.apps import Built
from tests.embedded.people import FETCH, me, sign_up
from vestibule.server.identity.memberships import create_membership
from vestibule.server.identity.organizations import create_organization
from vestibule.server.identity.owned_keys import create_organization_key, delete_key
from vestibule.server.identity.sessions import revoke_session
from vestibule.testing import Clock


@pytest.mark.parametrize("framework", ["fastapi", "flask"])
def test_AK_2_api_keys_and_revocation_need_no_management_api(
    make: Callable[..., Built], clock: Clock, framework: str
) -> None:
    built = make(framework, api_keys=True, revocation="list")
    identity = built.auth.identity
    organization = create_organization(identity, name="Example")
    key, value = create_organization_key(identity, organization.id, name="CI")
    with built.browser() as browser:
        shown = {**FETCH, "authorization": f"Bearer {value}"}
        assert browser.get("/me", headers=shown).json()["organization"] == organization.id
        delete_key(identity, key.id)
        assert browser.get("/me", headers=shown).status_code == 401

        sign_up(browser, "ada@example.com")
        revoke_session(identity, me(browser).json()["session"])
        clock.advance(seconds=5)
        assert me(browser).status_code == 401
        assert "wos-session" not in browser.cookies

        opened = {"authorization": f"Bearer {built.auth.config.api_key}"}
        for path in ("/id/api_keys/validations", "/id/user_management/sessions/revoked"):
            assert browser.get(path, headers=opened).status_code in (401, 403, 404)
            assert browser.post(path, headers=opened, json={"value": value}).status_code in (401, 403, 404)


def test_a_page_learns_the_name_of_its_organization_without_the_management_api(
    make: Callable[..., Built],
) -> None:
    built = make("fastapi")
    identity = built.auth.identity
    organization = create_organization(identity, name="Analytical Engines")
    with built.browser() as browser:
        sign_up(browser, "ada@example.com")
        user = browser.get("/auth/session", headers=FETCH).json()["session"]["user"]
        create_membership(identity, user_id=user["id"], organization_id=organization.id)
        moved = browser.post("/auth/organization", headers=FETCH, json={"organization_id": organization.id})
        assert moved.status_code == 200, moved.text
        named = browser.get(f"/auth/organization?id={organization.id}", headers=FETCH)
        assert named.json() == {"id": organization.id, "name": "Analytical Engines"}
        opened = {"authorization": f"Bearer {built.auth.config.api_key}"}
        assert browser.get(f"/id/organizations/{organization.id}", headers=opened).status_code == 404

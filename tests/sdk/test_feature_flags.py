"""Feature flags: on for everybody, or for a user or an organization. Our own operation makes them."""

import pytest
from workos import WorkOSClient

from tests.sdk.conftest import new_email, numbers
from tests.sdk.node import Node
from tests.servers import Running

LIFE = (
    "GET /feature-flags",
    "GET /feature-flags/{slug}",
    "PUT /feature-flags/{slug}/disable",
    "PUT /feature-flags/{slug}/enable",
    "POST /feature-flags/{slug}/targets/{resourceId}",
    "DELETE /feature-flags/{slug}/targets/{resourceId}",
    "GET /organizations/{organizationId}/feature-flags",
    "GET /user_management/users/{userId}/feature-flags",
)


def new_flag(server: Running) -> str:
    with server.client() as client:
        made = client.post("/feature-flags", json={"slug": f"beta-{next(numbers)}", "name": "Beta"})
        return str(made.raise_for_status().json()["slug"])


@pytest.mark.covers(*LIFE)
def test_a_flag_is_turned_on_in_python(server: Running, sdk: WorkOSClient) -> None:
    flags, slug = sdk.feature_flags, new_flag(server)
    home = sdk.organizations.create_organization(name="Early").id
    user = sdk.user_management.create_user(email=new_email()).id
    assert flags.enable_feature_flag(slug).enabled
    read = flags.get_feature_flag(slug)
    assert (read.slug, read.enabled, read.default_value) == (slug, True, False)
    assert slug in [each.slug for each in flags.list_feature_flags(limit=100).data]
    for target, list_flags in (
        (home, flags.list_organization_feature_flags),
        (user, flags.list_user_feature_flags),
    ):
        assert list_flags(target).data == []
        flags.add_flag_target(target, slug)
        assert [each.slug for each in list_flags(target).data] == [slug]
        flags.remove_flag_target(target, slug)
        assert list_flags(target).data == []
    assert not flags.disable_feature_flag(slug).enabled


@pytest.mark.covers(*LIFE)
def test_a_flag_is_turned_on_in_node(server: Running, node: Node) -> None:
    slug = new_flag(server)
    home = node("organizations.createOrganization", {"name": "Early"})["id"]
    user = node("userManagement.createUser", {"email": new_email()})["id"]
    assert node("featureFlags.enableFeatureFlag", slug)["enabled"] is True
    read = node("featureFlags.getFeatureFlag", slug)
    assert (read["slug"], read["enabled"], read["defaultValue"]) == (slug, True, False)
    listed = node("featureFlags.listFeatureFlags", {"limit": 100})["data"]
    assert slug in [each["slug"] for each in listed]
    for target, path, asked in (
        (home, "featureFlags.listOrganizationFeatureFlags", {"organizationId": home}),
        (user, "featureFlags.listUserFeatureFlags", {"userId": user}),
    ):
        assert node(path, asked)["data"] == []
        node("featureFlags.addFlagTarget", {"slug": slug, "targetId": target})
        assert [each["slug"] for each in node(path, asked)["data"]] == [slug]
        node("featureFlags.removeFlagTarget", {"slug": slug, "targetId": target})
    assert node("featureFlags.disableFeatureFlag", slug)["enabled"] is False


def test_the_runtime_client_of_node_decides_as_we_do(server: Running, node: Node) -> None:
    slug = new_flag(server)
    user = node("userManagement.createUser", {"email": new_email()})["id"]
    node("featureFlags.enableFeatureFlag", slug)
    node("featureFlags.addFlagTarget", {"slug": slug, "targetId": user})
    assert node("decidedFlags", {"userId": user})[slug] is True
    assert node("decidedFlags", {"userId": "user_other"})[slug] is False
    node("featureFlags.disableFeatureFlag", slug)
    assert node("decidedFlags", {"userId": user})[slug] is False

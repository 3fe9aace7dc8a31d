"""Connections, directories, audit logs: an environment without them says so, as the interface does."""

import pytest
from workos import NotFoundError, WorkOSClient

from tests.sdk.node import Node, NodeError

NOTHING = (
    "GET /connections",
    "GET /connections/{id}",
    "DELETE /connections/{id}",
    "GET /directories",
    "GET /directories/{id}",
    "DELETE /directories/{id}",
    "GET /directory_groups",
    "GET /directory_groups/{id}",
    "GET /directory_users",
    "GET /directory_users/{id}",
)


@pytest.mark.covers(*NOTHING)
def test_there_are_no_connections_in_python(sdk: WorkOSClient) -> None:
    organization = sdk.organizations.create_organization(name="Alone").id
    assert sdk.sso.list_connections(organization_id=organization).data == []
    assert sdk.directory_sync.list_directories(organization_id=organization).data == []
    for ask in (
        lambda: sdk.sso.get_connection("conn_unknown"),
        lambda: sdk.sso.delete_connection("conn_unknown"),
        lambda: sdk.directory_sync.get_directory("directory_unknown"),
        lambda: sdk.directory_sync.delete_directory("directory_unknown"),
        lambda: sdk.directory_sync.list_groups(directory="directory_unknown"),
        lambda: sdk.directory_sync.get_group("directory_group_unknown"),
        lambda: sdk.directory_sync.list_users(directory="directory_unknown"),
        lambda: sdk.directory_sync.get_user("directory_user_unknown"),
    ):
        with pytest.raises(NotFoundError):
            ask()


@pytest.mark.covers(*NOTHING)
def test_there_are_no_connections_in_node(node: Node) -> None:
    organization = node("organizations.createOrganization", {"name": "Alone"})["id"]
    assert node("sso.listConnections", {"organizationId": organization})["data"] == []
    assert node("directorySync.listDirectories", {"organizationId": organization})["data"] == []
    for path, argument in {
        "sso.getConnection": "conn_unknown",
        "sso.deleteConnection": "conn_unknown",
        "directorySync.getDirectory": "directory_unknown",
        "directorySync.deleteDirectory": "directory_unknown",
        "directorySync.listGroups": {"directory": "directory_unknown"},
        "directorySync.getGroup": "directory_group_unknown",
        "directorySync.listUsers": {"directory": "directory_unknown"},
        "directorySync.getUser": "directory_user_unknown",
    }.items():
        with pytest.raises(NodeError) as gone:
            node(path, argument)
        assert gone.value.name == "NotFoundException"


@pytest.mark.covers("GET /organizations/{id}/audit_log_configuration")
def test_there_is_no_audit_log_in_python(sdk: WorkOSClient) -> None:
    organization = sdk.organizations.create_organization(name="Unwatched").id
    found = sdk.organizations.get_audit_log_configuration(organization)
    assert (found.organization_id, found.state, found.log_stream) == (organization, "disabled", None)

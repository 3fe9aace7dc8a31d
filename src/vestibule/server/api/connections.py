"""Single sign-on connections and directories: an environment has none yet, and says so."""

from typing import Any, Final

from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import list_of
from vestibule.server.identity.errors import NotFound

operations = Operations("connections")

NOTHING: Final[dict[str, str | None]] = {"before": None, "after": None}


@operations.get(
    "/connections",
    answers=dict[str, Any],
    lists=True,
    filters=("connection_type", "domain", "organization_id", "search"),
)
def list_connections(call: Call[None]) -> dict[str, Any]:
    """List the single sign-on connections: none."""
    return list_of([], NOTHING)


@operations.get("/connections/{id}", answers=dict[str, Any])
def get_connection(call: Call[None]) -> None:
    """Get a connection."""
    raise NotFound.of("Connection", call.path["id"])


@operations.delete("/connections/{id}", status=204)
def delete_connection(call: Call[None]) -> None:
    """Delete a connection."""
    raise NotFound.of("Connection", call.path["id"])


@operations.get(
    "/directories",
    answers=dict[str, Any],
    lists=True,
    filters=("organization_id", "search", "domain"),
)
def list_directories(call: Call[None]) -> dict[str, Any]:
    """List the directories: none."""
    return list_of([], NOTHING)


@operations.get("/directories/{id}", answers=dict[str, Any])
def get_directory(call: Call[None]) -> None:
    """Get a directory."""
    raise NotFound.of("Directory", call.path["id"])


@operations.delete("/directories/{id}", status=202)
def delete_directory(call: Call[None]) -> None:
    """Delete a directory."""
    raise NotFound.of("Directory", call.path["id"])


@operations.get(
    "/directory_users",
    answers=dict[str, Any],
    lists=True,
    filters=("directory", "group", "idp_id", "email"),
)
def list_directory_users(call: Call[None]) -> dict[str, Any]:
    """List the users of a directory."""
    return _list_of_directory(call)


@operations.get("/directory_users/{id}", answers=dict[str, Any])
def get_directory_user(call: Call[None]) -> None:
    """Get a user of a directory."""
    raise NotFound.of("Directory user", call.path["id"])


@operations.get("/directory_groups", answers=dict[str, Any], lists=True, filters=("directory", "user"))
def list_directory_groups(call: Call[None]) -> dict[str, Any]:
    """List the groups of a directory."""
    return _list_of_directory(call)


@operations.get("/directory_groups/{id}", answers=dict[str, Any])
def get_directory_group(call: Call[None]) -> None:
    """Get a group of a directory."""
    raise NotFound.of("Directory group", call.path["id"])


def _list_of_directory(call: Call[None]) -> dict[str, Any]:
    """Of a directory that is named: there is none of that name."""
    directory = call.query.text("directory")
    if directory is not None:
        raise NotFound.of("Directory", directory)
    return list_of([], NOTHING)

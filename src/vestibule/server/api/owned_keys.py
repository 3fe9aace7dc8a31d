"""API keys of organizations and their members: made here, validated here for the app that is shown one."""

import datetime as dt
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from vestibule.server.api.bodies import Body, Line, Secret, Unset
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import list_of, show
from vestibule.server.identity import owned_keys
from vestibule.server.store.owned_keys import OwnedKey

operations = Operations("api keys")

Moment = Annotated[dt.datetime, Meta(tz=True)]


class ApiKeyShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["api_key"] = "api_key"
    id: str
    owner: dict[str, str]
    name: str
    obfuscated_value: str
    last_used_at: str | None
    expires_at: str | None
    permissions: list[str]
    created_at: str
    updated_at: str
    value: str | UnsetType = UNSET


class ApiKeyValidation(Struct, kw_only=True):
    api_key: ApiKeyShape | None


class CreateOrganizationKey(Body):
    name: Line
    permissions: list[Line] | Unset | None = UNSET
    expires_at: Moment | Unset | None = UNSET


class CreateUserKey(Body):
    organization_id: Line
    name: Line
    permissions: list[Line] | Unset | None = UNSET
    expires_at: Moment | Unset | None = UNSET


class ValidateKey(Body):
    value: Secret


class ExpireKey(Body):
    expires_at: Moment | Unset | None = UNSET


@operations.get("/organizations/{organization_id}/api_keys", answers=ApiKeyShape, lists=True)
def list_organization_keys(call: Call[None]) -> dict[str, Any]:
    """List the API keys of an organization, newest first. Values are never shown again."""
    found = owned_keys.list_organization_keys(call.identity, call.path["organization_id"], call.listing.page)
    return list_of([_show(key) for key in found.data], call.listing.metadata(found))


@operations.post(
    "/organizations/{organization_id}/api_keys",
    body=CreateOrganizationKey,
    answers=ApiKeyShape,
    status=201,
    tokens=True,
)
def create_organization_key(call: Call[CreateOrganizationKey]) -> ApiKeyShape:
    """Create an API key of an organization. Its value is in this answer only."""
    key, value = owned_keys.create_organization_key(
        call.identity, call.path["organization_id"], **_asked(call.body)
    )
    return _show(key, value=value)


@operations.get(
    "/user_management/users/{user_id}/api_keys",
    answers=ApiKeyShape,
    lists=True,
    filters=("organization_id",),
)
def list_user_keys(call: Call[None]) -> dict[str, Any]:
    """List the API keys of a user, newest first. Values are never shown again."""
    found = owned_keys.list_user_keys(
        call.identity,
        call.path["user_id"],
        call.listing.page,
        organization_id=call.query.text("organization_id"),
    )
    return list_of([_show(key) for key in found.data], call.listing.metadata(found))


@operations.post(
    "/user_management/users/{user_id}/api_keys",
    body=CreateUserKey,
    answers=ApiKeyShape,
    status=201,
    tokens=True,
)
def create_user_key(call: Call[CreateUserKey]) -> ApiKeyShape:
    """Create an API key of a member of an organization. Its value is in this answer only."""
    key, value = owned_keys.create_user_key(
        call.identity,
        call.path["user_id"],
        organization_id=call.body.organization_id,
        **_asked(call.body),
    )
    return _show(key, value=value)


@operations.post("/api_keys/validations", body=ValidateKey, answers=ApiKeyValidation, repeats=False)
def validate_key(call: Call[ValidateKey]) -> ApiKeyValidation:
    """Say whose key this is and what it may do: null when it is unknown, expired or revoked."""
    key = owned_keys.validate_key(call.identity, call.body.value)
    return ApiKeyValidation(api_key=None if key is None else _show(key))


@operations.post("/api_keys/{id}/expire", body=ExpireKey, answers=ApiKeyShape)
def expire_key(call: Call[ExpireKey]) -> ApiKeyShape:
    """End an API key at a time, at once when none is given; null takes the end back."""
    given = call.body.expires_at
    key = owned_keys.expire_key(call.identity, call.path["id"], expires_at=given or None, clear=given is None)
    return _show(key)


@operations.delete("/api_keys/{id}", status=204)
def delete_key(call: Call[None]) -> None:
    """Delete an API key: it stops working at once."""
    owned_keys.delete_key(call.identity, call.path["id"])


def _asked(body: CreateOrganizationKey | CreateUserKey) -> dict[str, Any]:
    return {
        "name": body.name,
        "permissions": body.permissions or (),
        "expires_at": body.expires_at or None,
    }


def _show(key: OwnedKey, *, value: str | None = None) -> ApiKeyShape:
    return show(ApiKeyShape, key, owner=owned_keys.owner_of(key), value=value or UNSET)

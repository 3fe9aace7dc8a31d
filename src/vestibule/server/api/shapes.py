"""What the API shows of each object: every required member is always there, null where there is nothing."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from msgspec import UNSET, Struct, UnsetType, field

from vestibule.server.answers import moment
from vestibule.server.api.queries import Listing
from vestibule.server.identity.paging import Slice

S = TypeVar("S", bound=Struct)


class UserShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["user"] = "user"
    id: str
    email: str
    email_verified: bool
    first_name: str | None
    last_name: str | None
    name: str | None
    profile_picture_url: str | None
    external_id: str | None
    metadata: dict[str, str]
    locale: str | None
    last_sign_in_at: str | None
    created_at: str
    updated_at: str


class WithUser(Struct, kw_only=True):
    user: UserShape


class IdentityShape(Struct, kw_only=True):
    idp_id: str
    type: Literal["OAuth"] = "OAuth"
    provider: str


class Impersonator(Struct, kw_only=True):
    email: str
    reason: str | None


class SessionShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["session"] = "session"
    id: str
    user_id: str
    organization_id: str | UnsetType = UNSET
    impersonator: Impersonator | UnsetType = UNSET
    ip_address: str | None
    user_agent: str | None
    auth_method: str
    status: Literal["active", "expired", "revoked"]
    expires_at: str
    ended_at: str | None
    created_at: str
    updated_at: str


class EmailVerificationShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["email_verification"] = "email_verification"
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str
    updated_at: str
    code: str


class PasswordResetShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["password_reset"] = "password_reset"
    id: str
    user_id: str
    email: str
    password_reset_token: str
    password_reset_url: str
    expires_at: str
    created_at: str


class RedirectUriShape(Struct, kw_only=True, rename={"object_": "object", "is_default": "default"}):
    object_: Literal["redirect_uri"] = "redirect_uri"
    id: str
    uri: str
    is_default: bool
    created_at: str
    updated_at: str


class SlimRole(Struct, kw_only=True):
    slug: str


class MembershipShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["organization_membership"] = "organization_membership"
    id: str
    user_id: str
    organization_id: str
    organization_name: str
    status: Literal["active", "inactive", "pending"]
    directory_managed: bool = False
    role: SlimRole
    roles: list[SlimRole]
    user: UserShape
    custom_attributes: dict[str, Any] = field(default_factory=dict)
    created_at: str
    updated_at: str


class RoleShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["role"] = "role"
    id: str
    slug: str
    name: str
    description: str | None
    type: Literal["EnvironmentRole", "OrganizationRole"]
    resource_type_slug: str = "organization"
    permissions: list[str]
    created_at: str
    updated_at: str


class RoleList(Struct, kw_only=True, rename={"object_": "object"}):
    """All there are: the API has no pages of roles."""

    object_: Literal["list"] = "list"
    data: list[RoleShape]


class EventShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["event"] = "event"
    id: str
    event: str
    data: dict[str, Any]
    created_at: str
    context: dict[str, Any] | UnsetType = UNSET


class EnvironmentShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["environment"] = "environment"
    id: str
    name: str
    kind: str
    client_id: str
    sign_out_redirect: str | None
    app_homepage_url: str | None
    initiate_login_url: str | None
    created_at: str
    updated_at: str


class AuthenticationShape(Struct, kw_only=True):
    user: UserShape
    organization_id: str | UnsetType = UNSET
    access_token: str
    refresh_token: str
    authentication_method: str
    impersonator: Impersonator | UnsetType = UNSET


def show(shape: type[S], record: object, **more: Any) -> S:
    """Fill a shape from a record whose fields have the same names; `more` says what differs."""
    values = dict(more)
    for name in shape.__struct_fields__:
        if name not in values and hasattr(record, name):
            values[name] = _wire(getattr(record, name))
    return shape(**values)


def show_list(shape: type[S], found: Slice[Any], listing: Listing, **more: Any) -> dict[str, Any]:
    data = [show(shape, record, **more) for record in found.data]
    return list_of(data, listing.metadata(found))


def list_of(data: list[Any], metadata: dict[str, str | None]) -> dict[str, Any]:
    return {"object": "list", "data": data, "list_metadata": metadata}


def show_impersonator(found: Mapping[str, str | None] | None) -> Impersonator | UnsetType:
    if not found:
        return UNSET
    return Impersonator(email=found.get("email") or "", reason=found.get("reason"))


def _wire(value: object) -> object:
    return moment(value) if isinstance(value, dt.datetime) else value

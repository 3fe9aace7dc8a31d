"""Feature flags, their targets, and the document that clients decide by themselves with."""

from typing import Any, Literal

from msgspec import Struct

from vestibule.server.api.bodies import UNSET, Body, Line, Text, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import show, show_list
from vestibule.server.identity import flags
from vestibule.server.store.flags import Flag

operations = Operations("feature_flags")


class FlagShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["feature_flag"] = "feature_flag"
    id: str
    slug: str
    name: str
    description: str | None
    owner: None = None
    tags: list[str]
    enabled: bool
    default_value: bool
    created_at: str
    updated_at: str


class CreateFlag(Body):
    slug: Line
    name: Line | Unset = UNSET
    description: Text | Unset | None = UNSET
    tags: list[Line] | Unset = UNSET
    enabled: bool | Unset = UNSET
    default_value: bool | Unset = UNSET


class UpdateFlag(Body):
    name: Line | Unset = UNSET
    description: Text | Unset | None = UNSET
    tags: list[Line] | Unset = UNSET
    enabled: bool | Unset = UNSET
    default_value: bool | Unset = UNSET


class Target(Struct, kw_only=True):
    id: str
    enabled: bool


class Targets(Struct, kw_only=True):
    users: list[Target]
    organizations: list[Target]


class RuleShape(Struct, kw_only=True):
    slug: str
    enabled: bool
    default_value: bool
    targets: Targets


@operations.get("/feature-flags", answers=FlagShape, lists=True)
def list_feature_flags(call: Call[None]) -> dict[str, Any]:
    """List the feature flags."""
    return show_list(FlagShape, flags.list_flags(call.identity, call.listing.page), call.listing)


@operations.post("/feature-flags", body=CreateFlag, answers=FlagShape, status=201)
def create_feature_flag(call: Call[CreateFlag]) -> FlagShape:
    """Create a feature flag. It is off until it is enabled."""
    return _show(flags.create_flag(call.identity, **given(call.body)))


@operations.get("/feature-flags/{slug}", answers=FlagShape)
def get_feature_flag(call: Call[None]) -> FlagShape:
    """Get a feature flag."""
    return _show(flags.get_flag(call.identity, call.path["slug"]))


@operations.patch("/feature-flags/{slug}", body=UpdateFlag, answers=FlagShape)
def update_feature_flag(call: Call[UpdateFlag]) -> FlagShape:
    """Change the members that are sent."""
    return _show(flags.update_flag(call.identity, call.path["slug"], changes=given(call.body)))


@operations.delete("/feature-flags/{slug}", status=204)
def delete_feature_flag(call: Call[None]) -> None:
    """Delete a feature flag and its targets."""
    flags.delete_flag(call.identity, call.path["slug"])


@operations.put("/feature-flags/{slug}/enable", answers=FlagShape)
def enable_feature_flag(call: Call[None]) -> FlagShape:
    """Turn a flag on for its targets, and for everybody if that is its default."""
    return _show(flags.update_flag(call.identity, call.path["slug"], changes={"enabled": True}))


@operations.put("/feature-flags/{slug}/disable", answers=FlagShape)
def disable_feature_flag(call: Call[None]) -> FlagShape:
    """Turn a flag off for everybody."""
    return _show(flags.update_flag(call.identity, call.path["slug"], changes={"enabled": False}))


@operations.post("/feature-flags/{slug}/targets/{resourceId}", status=204)
def add_feature_flag_target(call: Call[None]) -> None:
    """Turn a flag on for a user or an organization."""
    flags.add_target(call.identity, call.path["slug"], call.path["resourceId"])


@operations.delete("/feature-flags/{slug}/targets/{resourceId}", status=204)
def remove_feature_flag_target(call: Call[None]) -> None:
    """Take a user or an organization from a flag's targets."""
    flags.remove_target(call.identity, call.path["slug"], call.path["resourceId"])


@operations.get("/organizations/{organizationId}/feature-flags", answers=FlagShape, lists=True)
def list_organization_feature_flags(call: Call[None]) -> dict[str, Any]:
    """List the flags that are on for an organization."""
    found = flags.list_flags_of_organization(
        call.identity, call.listing.page, organization_id=call.path["organizationId"]
    )
    return show_list(FlagShape, found, call.listing)


@operations.get("/user_management/users/{userId}/feature-flags", answers=FlagShape, lists=True)
def list_user_feature_flags(call: Call[None]) -> dict[str, Any]:
    """List the flags that are on for a user, by themselves or through an organization."""
    found = flags.list_flags_of_user(call.identity, call.listing.page, user_id=call.path["userId"])
    return show_list(FlagShape, found, call.listing)


@operations.get("/sdk/feature-flags", answers=dict[str, RuleShape])
def poll_feature_flags(call: Call[None]) -> dict[str, Any]:
    """Every flag with its targets, by slug, for clients that decide by themselves."""
    return flags.list_rules(call.identity)


def _show(flag: Flag) -> FlagShape:
    return show(FlagShape, flag)

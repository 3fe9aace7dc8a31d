"""Signing in as somebody else, for support: asked for here, finished in the operator's browser."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from vestibule.server.api.bodies import Body, Line, Unset
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import Impersonator, list_of, show
from vestibule.server.identity import impersonation
from vestibule.server.identity.impersonation import LONGEST_SECONDS
from vestibule.server.identity.users import get_user
from vestibule.server.store.impersonations import Impersonation

operations = Operations("impersonation")


class ImpersonationShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["impersonation"] = "impersonation"
    id: str
    user_id: str
    organization_id: str | None
    impersonator: Impersonator
    session_id: str | None
    expires_at: str
    ends_at: str
    created_at: str
    url: str | UnsetType = UNSET


class Impersonate(Body):
    impersonator_email: Line
    reason: Line
    organization_id: Line | Unset | None = UNSET
    duration_seconds: Annotated[int, Meta(ge=0, le=1_000_000)] | Unset = UNSET


@operations.post(
    "/user_management/users/{id}/impersonate",
    body=Impersonate,
    answers=ImpersonationShape,
    status=201,
    tokens=True,
)
def impersonate(call: Call[Impersonate]) -> ImpersonationShape:
    """Make a link that signs one operator in as this user, once, for an hour at most."""
    body = call.body
    made, url = impersonation.request_impersonation(
        call.identity,
        call.path["id"],
        impersonator_email=body.impersonator_email,
        reason=body.reason,
        organization_id=body.organization_id or None,
        seconds=LONGEST_SECONDS if isinstance(body.duration_seconds, UnsetType) else body.duration_seconds,
    )
    return _show(made, url=url)


@operations.get("/user_management/users/{id}/impersonations", answers=ImpersonationShape, lists=True)
def list_impersonations(call: Call[None]) -> dict[str, Any]:
    """List who signed in as this user, and why, newest first."""
    user = get_user(call.identity, call.path["id"])
    found = impersonation.list_impersonations(call.identity, call.listing.page, user_id=user.id)
    return list_of([_show(each) for each in found.data], call.listing.metadata(found))


def _show(made: Impersonation, *, url: str | None = None) -> ImpersonationShape:
    who = Impersonator(email=made.impersonator_email, reason=made.reason)
    return show(ImpersonationShape, made, impersonator=who, url=url or UNSET)

"""CORS origins: whose pages may read what the sign-in endpoints answer."""

from typing import Any, Literal

from msgspec import Struct

from vestibule.server.api.bodies import Body, Line
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import show, show_list
from vestibule.server.identity import cors_origins

operations = Operations("cors_origins")


class CreateCorsOrigin(Body):
    origin: Line


class CorsOriginShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["cors_origin"] = "cors_origin"
    id: str
    origin: str
    created_at: str
    updated_at: str


@operations.get("/user_management/cors_origins", answers=CorsOriginShape, lists=True)
def list_cors_origins(call: Call[None]) -> dict[str, Any]:
    """List the registered CORS origins."""
    found = cors_origins.list_cors_origins(call.identity, call.listing.page)
    return show_list(CorsOriginShape, found, call.listing)


@operations.post("/user_management/cors_origins", body=CreateCorsOrigin, answers=CorsOriginShape, status=201)
def create_cors_origin(call: Call[CreateCorsOrigin]) -> CorsOriginShape:
    """Let the pages of an origin sign people in."""
    return show(CorsOriginShape, cors_origins.create_cors_origin(call.identity, call.body.origin))


@operations.delete("/user_management/cors_origins/{id}", status=204)
def delete_cors_origin(call: Call[None]) -> None:
    """Remove a CORS origin."""
    cors_origins.delete_cors_origin(call.identity, call.path["id"])

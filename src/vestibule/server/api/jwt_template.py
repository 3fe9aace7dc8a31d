"""The JWT template: further claims of the environment's access tokens."""

from typing import Literal

from msgspec import Struct

from vestibule.server.api.bodies import Body, Text
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import show
from vestibule.server.identity import jwt_template

operations = Operations("jwt_template")


class UpdateJwtTemplate(Body):
    content: Text


class JwtTemplateShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["jwt_template"] = "jwt_template"
    content: str
    created_at: str
    updated_at: str


@operations.get("/user_management/jwt_template", answers=JwtTemplateShape)
def get_jwt_template(call: Call[None]) -> JwtTemplateShape:
    """Get the template."""
    return show(JwtTemplateShape, jwt_template.get_jwt_template(call.identity))


@operations.put("/user_management/jwt_template", body=UpdateJwtTemplate, answers=JwtTemplateShape)
def update_jwt_template(call: Call[UpdateJwtTemplate]) -> JwtTemplateShape:
    """Set the template: it counts from the next token on."""
    return show(JwtTemplateShape, jwt_template.put_jwt_template(call.identity, call.body.content))


@operations.delete("/user_management/jwt_template", status=204)
def delete_jwt_template(call: Call[None]) -> None:
    """Remove the template: tokens say again what they say without one."""
    jwt_template.delete_jwt_template(call.identity)

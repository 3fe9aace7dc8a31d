"""What the API shows of a permission."""

from typing import Literal

from msgspec import Struct

from vestibule.server.api.bodies import Unset
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.permissions import RESOURCE_TYPE


class PermissionShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["permission"] = "permission"
    id: str
    slug: str
    name: str
    description: str | None
    system: bool
    resource_type_slug: str
    created_at: str
    updated_at: str


def check_resource_type(slug: str | Unset) -> None:
    """Roles and permissions are about organizations: there are no other resources."""
    if isinstance(slug, str) and slug != RESOURCE_TYPE:
        raise NotFound.of("Resource type", slug)

"""The API keys that an app has handed to an organization."""

from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, Mistakes
from vestibule.server.dashboard.organization import OWN, opened, place, tab
from vestibule.server.dashboard.organizations import asked_page
from vestibule.server.identity.owned_keys import delete_key, get_organization_key, list_organization_keys

HERE: Final = f"{OWN}/api-keys"
ONE: Final = HERE + "/{key_id}"
SAID: Final = {"revoked": "The key is revoked: it stopped working at once."}


def show(desk: Desk, problems: Mistakes = NONE) -> Response:
    organization = opened(desk)
    return tab(
        desk,
        "organizations/api-keys.html",
        organization,
        problems=problems,
        found=list_organization_keys(desk.identity, organization.id, asked_page(desk)),
        now=desk.identity.now,
    )


def revoke(desk: Desk) -> Response:
    organization = opened(desk)
    key = get_organization_key(desk.identity, organization.id, desk.path("key_id"))
    if desk.form.get("confirmation", "").strip() != key.name.strip():
        return show(desk, Mistakes({f"revoke-{key.id}": f"Type {key.name} to revoke this key."}))
    delete_key(desk.identity, key.id)
    return desk.go(f"{place(organization)}/api-keys", done="revoked")


DEEDS: Final = (
    page(HERE, show, said=SAID),
    deed(f"{ONE}/revoke", revoke, right="manage", back=HERE),
)

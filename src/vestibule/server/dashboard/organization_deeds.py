"""What changes an organization as a whole, and what ends it."""

import json
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.organization import OWN, opened, overview, place, tab
from vestibule.server.dashboard.organizations import IN_FORM, PATH
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.organizations import (
    delete_organization,
    set_entitlements,
    update_organization,
)

NOT_TYPED: Final = "Type the name of the organization exactly as it is written above."


def save(desk: Desk) -> Response:
    organization = opened(desk)
    typed = {name: desk.form.get(name, "").strip() for name in ("name", "external_id")}
    outside = "allow_profiles_outside_organization" in desk.form
    changes = {
        "name": typed["name"],
        "external_id": typed["external_id"] or None,
        "allow_profiles_outside_organization": outside,
    }
    try:
        update_organization(desk.identity, organization.id, changes=changes)
    except REFUSALS as error:
        values: dict[str, Any] = {**typed, "allow_profiles_outside_organization": outside}
        return overview(desk, organization, mistakes(error, IN_FORM), values)
    return desk.go(place(organization), done="saved")


def save_entitlements(desk: Desk) -> Response:
    organization, typed = opened(desk), desk.form.get("entitlements", "")
    try:
        set_entitlements(desk.identity, organization.id, entitlements=typed.replace(",", " ").split())
    except REFUSALS as error:
        return overview(desk, organization, mistakes(error), {"entitlements": typed})
    return desk.go(place(organization), done="entitled")


def save_metadata(desk: Desk) -> Response:
    """What is written replaces what was there. The rule merges, so what is left out is taken away by name."""
    organization, typed = opened(desk), desk.form.get("metadata", "")
    try:
        wanted = _object(typed)
        gone = {key: None for key in organization.metadata if key not in wanted}
        update_organization(desk.identity, organization.id, changes={"metadata": gone | wanted})
    except REFUSALS as error:
        problems = mistakes(error, {"invalid_metadata": "metadata"})
        if problems.problem:
            problems = Mistakes({"metadata": problems.problem})
        return overview(desk, organization, problems, {"metadata": typed})
    return desk.go(place(organization), done="saved")


def _object(typed: str) -> dict[str, Any]:
    try:
        read = json.loads(typed) if typed.strip() else {}
    except ValueError as error:
        message = f"This is no JSON: {error}."
        raise Invalid.field("metadata", "invalid_metadata", message) from None
    if not isinstance(read, dict):
        message = 'Write an object of texts, like {"plan": "team"}.'
        raise Invalid.field("metadata", "invalid_metadata", message)
    return read


def show_delete(desk: Desk, problems: Mistakes = NONE) -> Response:
    return tab(desk, "organizations/delete.html", opened(desk), problems=problems)


def delete(desk: Desk) -> Response:
    organization = opened(desk)
    if desk.form.get("confirmation", "").strip() != organization.name.strip():
        return show_delete(desk, Mistakes({"confirmation": NOT_TYPED}))
    delete_organization(desk.identity, organization.id)
    return desk.go(PATH, done="deleted")


DEEDS: Final = (
    deed(OWN, save, right="manage", back=OWN),
    deed(f"{OWN}/entitlements", save_entitlements, right="manage", back=OWN),
    deed(f"{OWN}/metadata", save_metadata, right="manage", back=OWN),
    page(f"{OWN}/delete", show_delete, right="manage"),
    deed(f"{OWN}/delete", delete, right="manage", back=f"{OWN}/delete", fresh=True),
)

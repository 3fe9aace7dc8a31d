"""The JWT template: further claims of access tokens, tried with somebody before they count for everybody."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity.errors import Invalid, OAuthDenied
from vestibule.server.identity.jwt_template import (
    MAX_CONTENT,
    delete_jwt_template,
    find_jwt_template,
    put_jwt_template,
)
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.people import User
from vestibule.server.identity.token_preview import preview_token
from vestibule.server.identity.users import find_user_by_email, get_user

PATH: Final = "/dashboard/jwt-template"
NOTHING: Final[Mapping[str, str]] = {}
EXAMPLE: Final = """{
  "email": {{ user.email }},
  "name": "{{ user.first_name }} {{ user.last_name }}",
  "plan": {{ organization.metadata.plan || 'free' }}
}
"""
SAID: Final = {
    "saved": "Saved: tokens have these claims from the next refresh on.",
    "reset": "The template is gone: tokens have the claims of ours from the next refresh on.",
}


def show(desk: Desk) -> Response:
    found = find_jwt_template(desk.identity)
    return _page(desk, "" if found is None else found.content)


def submit(desk: Desk) -> Response:
    """Tries it, or keeps it."""
    content = desk.form.get("content", "").replace("\r\n", "\n")
    if desk.form.get("action") == "try":
        return _page(desk, content)
    if len(content.encode()) > MAX_CONTENT:
        return _page(desk, content, error=f"A template may have {MAX_CONTENT} bytes.")
    try:
        put_jwt_template(desk.identity, content)
    except Invalid as error:
        return _page(desk, content, error=error.message)
    return desk.go(PATH, done="saved")


def reset(desk: Desk) -> Response:
    if desk.form.get("confirmation", "").strip() != "reset":
        found = find_jwt_template(desk.identity)
        return _page(desk, found.content if found else "", unconfirmed="Type reset, as it is written here.")
    delete_jwt_template(desk.identity)
    return desk.go(PATH, done="reset")


def _page(desk: Desk, content: str, *, error: str = "", unconfirmed: str = "") -> Response:
    email = (desk.form.get("email") or desk.query("email")).strip()
    user, problems = _user(desk, email)
    memberships = [] if user is None else list_active_memberships(desk.identity, user.id)
    organization_id = desk.form.get("organization") or desk.query("organization")
    if organization_id not in {membership.organization_id for membership, _ in memberships}:
        organization_id = ""
    shown, wrong = _preview(desk, content, user, organization_id or None)
    errors = {**problems, **wrong, **({"content": error} if error else {})}
    if unconfirmed:
        errors["confirmation"] = unconfirmed
    return desk.page(
        "jwt-template.html",
        status=422 if errors else 200,
        content=content,
        stored=find_jwt_template(desk.identity),
        example=EXAMPLE,
        email=email or (user.email if user else ""),
        organizations=_choices(memberships),
        organization_id=organization_id,
        shown=shown,
        claims=json.dumps(shown.claims, indent=2, ensure_ascii=False) if shown else "",
        errors=errors,
    )


def _user(desk: Desk, email: str) -> tuple[User | None, Mapping[str, str]]:
    """Whom to try it with: the operator, unless somebody else is named."""
    if not email:
        return get_user(desk.identity, desk.insider.user.id), NOTHING
    found = find_user_by_email(desk.identity, email)
    return found, NOTHING if found else {"email": "There is no user with this address."}


def _preview(desk: Desk, content: str, user: User | None, organization_id: str | None) -> tuple[Any, Any]:
    if user is None:
        return None, NOTHING
    try:
        return preview_token(desk.identity, content, user=user, organization_id=organization_id), NOTHING
    except (Invalid, OAuthDenied) as error:
        return None, {"content": error.message}


def _choices(memberships: Sequence[tuple[Any, str]]) -> Sequence[tuple[str, str]]:
    named = [(membership.organization_id, name) for membership, name in memberships]
    return [("", "None"), *named]


DEEDS: Final = (
    page(PATH, show, said=SAID),
    deed(PATH, submit, right="manage", back=PATH),
    deed(f"{PATH}/reset", reset, right="manage", back=PATH),
)

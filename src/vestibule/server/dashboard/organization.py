"""One organization: what every tab of it shares, and the first of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, Mistakes
from vestibule.server.dashboard.organizations import PATH
from vestibule.server.identity.domains import list_domains
from vestibule.server.identity.models import Organization
from vestibule.server.identity.organizations import get_organization

OWN: Final = PATH + "/{organization_id}"
SAID: Final = {
    "created": "The organization is there. Add its members, or invite them.",
    "saved": "Saved.",
    "entitled": "Saved. Tokens say so from their next refresh on.",
}


@dataclass(frozen=True, slots=True)
class Tab:
    title: str
    path: str
    """Below the organization's own; empty for the first."""


TABS: Final = (
    Tab("Overview", ""),
    Tab("Members", "/members"),
    Tab("Invitations", "/invitations"),
    Tab("Domains", "/domains"),
    Tab("Sign-in", "/sign-in"),
    Tab("Roles", "/roles"),
    Tab("Groups", "/groups"),
    Tab("API keys", "/api-keys"),
    Tab("Danger", "/delete"),
)


def opened(desk: Desk) -> Organization:
    """The one in the address. Raises NotFound."""
    return get_organization(desk.identity, desk.path("organization_id"))


def place(organization: Organization) -> str:
    return f"{PATH}/{organization.id}"


def tab(
    desk: Desk,
    template: str,
    organization: Organization,
    *,
    problems: Mistakes = NONE,
    values: Mapping[str, Any] | None = None,
    **context: Any,
) -> Response:
    """`template` extends organizations/layout.html."""
    asked = desk.request.url.path.removeprefix(desk.identity.settings.path)
    below = asked.removeprefix(place(organization))
    here = next((each for each in reversed(TABS) if below.startswith(each.path)), TABS[0])
    return desk.page(
        template,
        status=HTTPStatus.OK if problems is NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        organization=organization,
        own=place(organization),
        tabs=TABS,
        here_tab=here,
        errors=problems.errors,
        problem=problems.problem,
        values=desk.form if values is None else values,
        **context,
    )


def show(desk: Desk) -> Response:
    return overview(desk, opened(desk))


def overview(
    desk: Desk,
    organization: Organization,
    problems: Mistakes = NONE,
    values: Mapping[str, str] | None = None,
) -> Response:
    domains: Sequence[Any] = list_domains(desk.identity, [organization.id]).get(organization.id, ())
    written = {
        "name": organization.name,
        "external_id": organization.external_id or "",
        "allow_profiles_outside_organization": organization.allow_profiles_outside_organization,
        "entitlements": "\n".join(organization.entitlements),
        "metadata": json.dumps(dict(organization.metadata), indent=2, ensure_ascii=False),
    }
    return tab(
        desk,
        "organizations/overview.html",
        organization,
        problems=problems,
        values={**written, **(values or {})},
        domains=domains,
    )


DEEDS: Final = (page(OWN, show, said=SAID),)

"""Every page and deed of the dashboard."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import Route

from vestibule.server import hosted
from vestibule.server.dashboard import (
    api_keys,
    application,
    applications,
    branding_page,
    domains,
    emails,
    events,
    flags,
    getting_started,
    groups,
    health_page,
    impersonations,
    imports,
    invitations,
    jwt_template,
    members,
    operators,
    organization,
    organization_deeds,
    organization_keys,
    organizations,
    overview,
    permissions,
    roles,
    settings_page,
    setup,
    sign_in_policy,
    signing_keys,
    user,
    user_deeds,
    users,
    webhook,
    webhooks,
)
from vestibule.server.dashboard.deeds import Deed, route
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity

PARTS: Final[Sequence[Sequence[Deed]]] = (
    overview.DEEDS,
    users.DEEDS,
    user.DEEDS,
    user_deeds.DEEDS,
    impersonations.DEEDS,
    imports.DEEDS,
    getting_started.DEEDS,
    events.DEEDS,
    operators.DEEDS,
    signing_keys.DEEDS,
    settings_page.DEEDS,
    health_page.DEEDS,
    application.DEEDS,
    applications.DEEDS,
    api_keys.DEEDS,
    webhooks.DEEDS,
    webhook.DEEDS,
    organizations.DEEDS,
    organization.DEEDS,
    organization_deeds.DEEDS,
    members.DEEDS,
    invitations.DEEDS,
    domains.DEEDS,
    groups.DEEDS,
    organization_keys.DEEDS,
    permissions.DEEDS,
    roles.DEEDS,
    sign_in_policy.DEEDS,
    flags.DEEDS,
    emails.DEEDS,
    jwt_template.DEEDS,
    branding_page.DEEDS,
)


def routes(identity: Identity, hops: Hops) -> list[Route]:
    return [
        Route("/dashboard/setup", hosted.endpoint(setup.show, identity, hops), methods=["GET"]),
        Route(
            "/dashboard/setup", hosted.endpoint(setup.submit, identity, hops, hashes=True), methods=["POST"]
        ),
        *[route(each, identity, hops) for part in PARTS for each in part],
    ]

"""For every list: where to look, and how to put one thing more into it."""

from collections.abc import Callable
from typing import Any, TypeAlias

from tests.conformance.samples import GROUPS, INVITATIONS, MEMBERSHIPS, USERS, Sample, at, shape
from tests.conformance.world import World, email

Made: TypeAlias = Callable[[], object]
Listed: TypeAlias = tuple[Sample, Made]


def _of_organization(world: World, make: Callable[[str], Any]) -> Listed:
    """Found with `organization_id`."""
    home = str(world.organization()["id"])
    return Sample(query={"organization_id": home}), lambda: make(home)


def _sessions(world: World) -> Listed:
    user = world.person()
    return at(user["id"]), lambda: world.tokens(user)


def _organizations(world: World) -> Listed:
    word = f"Searched{world.organization()['id']}"
    return Sample(query={"search": word}), lambda: world.post("/organizations", name=word)


def _keys_of_organization(world: World) -> Listed:
    home = str(world.organization()["id"])
    return at(home), lambda: world.post(f"/organizations/{home}/api_keys", name="Importer")


def _keys_of_user(world: World) -> Listed:
    member = world.membership()
    path, home = f"{USERS}/{member['user_id']}/api_keys", member["organization_id"]
    return at(member["user_id"]), lambda: world.post(path, name="Mine", organization_id=home)


def _impersonations(world: World) -> Listed:
    user = world.user()["id"]
    given = {"impersonator_email": "support@example.com", "reason": "Ticket 4711"}
    return at(user), lambda: world.post(f"{USERS}/{user}/impersonate", **given)


def _factors(world: World) -> Listed:
    user = world.user()["id"]
    return at(user), lambda: world.factor(user)


def _groups(world: World) -> Listed:
    home = str(world.organization()["id"])
    return at(home), lambda: world.post(f"/organizations/{home}/groups", name="Builders")


def _members(world: World) -> Listed:
    home, group = world.group()
    path = f"/organizations/{home}/groups/{group}/organization-memberships"
    return at(home, group), lambda: world.post(path, organization_membership_id=world.membership(home)["id"])


def _groups_of_member(world: World) -> Listed:
    member = world.membership()
    home = member["organization_id"]

    def make() -> object:
        group = world.post(f"/organizations/{home}/groups", name="Builders")["id"]
        path = f"/organizations/{home}/groups/{group}/organization-memberships"
        return world.post(path, organization_membership_id=member["id"])

    return at(member["id"]), make


def _flags_of_user(world: World) -> Listed:
    user = world.user()["id"]
    return at(user), lambda: world.api.post(
        f"/feature-flags/{world.flag()}/targets/{user}"
    ).raise_for_status()


def _flags_of_organization(world: World) -> Listed:
    home = world.organization()["id"]
    return at(home), lambda: world.api.post(
        f"/feature-flags/{world.flag()}/targets/{home}"
    ).raise_for_status()


def _deliveries(world: World) -> Listed:
    endpoint = str(world.webhook()["id"])
    return at(endpoint), lambda: world.happen_for(endpoint)


def _consents_of_user(world: World) -> Listed:
    user = str(world.user()["id"])
    return at(user), lambda: world.consent(user)


def _consents_in_organization(world: World) -> Listed:
    member = world.membership()
    return at(member["organization_id"]), lambda: world.consent(member["user_id"])


LISTS: dict[str, Callable[[World], Listed]] = {
    f"GET {USERS}": lambda w: _of_organization(w, w.membership),
    f"GET {USERS}/{{id}}/sessions": _sessions,
    f"GET {INVITATIONS}": lambda w: _of_organization(
        w, lambda home: w.post(INVITATIONS, email=email(), organization_id=home)
    ),
    "GET /user_management/redirect_uris": lambda w: (at(), w.redirect_uri),
    "GET /user_management/sign_out_uris": lambda w: (at(), w.sign_out_uri),
    "GET /user_management/cors_origins": lambda w: (at(), w.cors_origin),
    "GET /organizations": _organizations,
    f"GET {MEMBERSHIPS}": lambda w: _of_organization(w, w.membership),
    "GET /events": lambda w: _of_organization(w, w.membership),
    "GET /organizations/{id}/api_keys": _keys_of_organization,
    f"GET {USERS}/{{id}}/api_keys": _keys_of_user,
    "GET /connect/applications": lambda w: _of_organization(w, w.application),
    f"GET {USERS}/{{id}}/authorized_applications": _consents_of_user,
    "GET /organizations/{id}/authorized_applications": _consents_in_organization,
    f"GET {USERS}/{{id}}/impersonations": _impersonations,
    f"GET {USERS}/{{id}}/auth_factors": _factors,
    "GET /authorization/permissions": lambda w: (at(), w.permission),
    f"GET {GROUPS}": _groups,
    f"GET {GROUPS}/{{id}}/organization-memberships": _members,
    f"GET {MEMBERSHIPS}/{{id}}/groups": _groups_of_member,
    "GET /feature-flags": lambda w: (at(), w.flag),
    "GET /organizations/{id}/feature-flags": _flags_of_organization,
    f"GET {USERS}/{{id}}/feature-flags": _flags_of_user,
    "GET /webhook_endpoints": lambda w: (at(), w.webhook),
    "GET /webhook_endpoints/{id}/deliveries": _deliveries,
}
# Nothing can be put into these through the API.
ALWAYS_EMPTY = {
    "GET /connections",
    "GET /directories",
    "GET /directory_groups",
    "GET /directory_users",
    shape(f"GET {USERS}/{{id}}/passkeys"),
}
BY_SHAPE = {shape(name): make for name, make in LISTS.items()}

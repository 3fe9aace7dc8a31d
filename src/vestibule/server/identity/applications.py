"""Applications besides the environment's own: of others, for people to allow, and machines."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vestibule.server.identity.addresses import check_registrable, check_web_address
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.identity.profile import tidy_name
from vestibule.server.identity.scopes import USUAL, check_scopes
from vestibule.server.identity.sessions import append_session_event
from vestibule.server.store.applications import Application
from vestibule.server.store.transaction import Transaction

MAX_URIS: Final = 50
MAX_NAME: Final = 100
OAUTH: Final = "oauth"
M2M: Final = "m2m"


def create_application(
    identity: Identity,
    *,
    name: str,
    application_type: str = OAUTH,
    description: str | None = None,
    homepage_url: str | None = None,
    scopes: Sequence[str] | None = None,
    redirect_uris: Sequence[Mapping[str, Any]] | None = None,
    uses_pkce: bool = False,
    is_first_party: bool = False,
    organization_id: str | None = None,
    application_id: str | None = None,
    client_id: str | None = None,
) -> Application:
    """Those of others, and machines, belong to an organization. `application_id` and `client_id` are for one
    that exists elsewhere. Raises Invalid, NotFound."""
    now, people = identity.now, application_type == OAUTH
    if organization_id is None and not (people and is_first_party):
        message = "Say to which organization it belongs: only a first-party application belongs to none."
        raise Invalid.field("organization_id", "organization_id_required", message)
    values = {
        "name": _name(name),
        "description": tidy_name("description", description),
        "homepage_url": _homepage(identity, homepage_url),
        "redirect_uris": _uris(identity, redirect_uris or ()) if people else [],
    }
    with identity.store.transaction() as tx:
        if organization_id is not None and tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        usual = USUAL if people else ()
        created = tx.applications.create(
            id=application_id or new_id("conn_app", now),
            client_id=client_id or new_id("client", now),
            application_type=application_type,
            **values,
            scopes=check_scopes(tx, usual if scopes is None else scopes, people=people),
            is_first_party=people and is_first_party,
            uses_pkce=people and uses_pkce,
            organization_id=organization_id,
            created_at=now,
            updated_at=now,
        )
        append_application_event(tx, identity, "application.created", created)
    return created


def get_application(identity: Identity, given: str) -> Application:
    """By its id or its client id."""
    with identity.store.read() as tx:
        return existing(tx.applications.find(given), given)


def list_applications(
    identity: Identity, page: Page, *, organization_id: str | None = None
) -> Slice[Application]:
    with identity.store.read() as tx:
        return tx.applications.list(page, organization_id=organization_id)


def update_application(identity: Identity, given: str, **changes: Any) -> Application:
    """What is sent; None empties it. Sessions that it has keep what was granted. Raises NotFound, Invalid."""
    with identity.store.transaction() as tx:
        found = existing(tx.applications.find(given), given)
        values = _changed(tx, identity, found, changes)
        updated = tx.applications.update(found.id, **values, updated_at=identity.now)
        after = existing(updated, given)
        append_application_event(tx, identity, "application.updated", after)
    return after


def delete_application(identity: Identity, given: str) -> None:
    """Everybody's sessions in it end at once, and its secrets and what people allowed it go along."""
    with identity.store.transaction() as tx:
        found = existing(tx.applications.find(given), given)
        deleted = existing(tx.applications.delete(found.id), given)
        end_access(tx, identity, deleted)
        append_application_event(tx, identity, "application.deleted", deleted)


def end_access(
    tx: Transaction, identity: Identity, application: Application, *, user_id: str | None = None
) -> None:
    """Sessions, and sign-ins on their way to becoming some: of everybody, or of one user."""
    client_id = application.client_id
    for ended in tx.sessions.end_of_client(client_id, now=identity.now, user_id=user_id):
        append_session_event(tx, identity, "session.revoked", ended)
    tx.codes.delete_unused_of_client(client_id, user_id=user_id)
    tx.device_codes.delete_unredeemed_of_client(client_id, user_id=user_id)


def foreign_application(tx: Transaction, identity: Identity, client_id: str) -> Application | None:
    """Whose tokens say only what was granted. None for the environment's own app, which costs no look into
    the database, and for first-party ones, which are trusted as much."""
    if client_id == identity.keyring.peek("client_id"):
        return None
    found = tx.applications.find_client(client_id)
    return None if found is None or found.is_first_party else found


def _changed(
    tx: Transaction, identity: Identity, found: Application, changes: Mapping[str, Any]
) -> dict[str, Any]:
    people = found.application_type == OAUTH
    values: dict[str, Any] = {}
    if "name" in changes:
        values["name"] = _name(changes["name"])
    if "description" in changes:
        values["description"] = tidy_name("description", changes["description"])
    if "homepage_url" in changes:
        values["homepage_url"] = _homepage(identity, changes["homepage_url"])
    if "scopes" in changes:
        values["scopes"] = check_scopes(tx, changes["scopes"] or (), people=people)
    if "redirect_uris" in changes:
        if not people:
            raise Invalid.field("redirect_uris", "invalid_redirect_uris", "Nobody signs in to a machine.")
        values["redirect_uris"] = _uris(identity, changes["redirect_uris"] or ())
    return values


def _name(given: str) -> str:
    name = tidy_name("name", given)
    if name is None or len(name) > MAX_NAME:
        message = f"Give it the name that people know, of up to {MAX_NAME} characters."
        raise Invalid.field("name", "invalid_name", message)
    return name


def _homepage(identity: Identity, given: str | None) -> str | None:
    if not given:
        return None
    staging = identity.settings.environment == "staging"
    return check_web_address(given, field="homepage_url", staging=staging)


def _uris(identity: Identity, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """By the rules of the environment's own. The one that says so is the default, else the first."""
    if len(given) > MAX_URIS:
        message = f"At most {MAX_URIS} redirect URIs."
        raise Invalid.field("redirect_uris", "too_many_redirect_uris", message)
    staging = identity.settings.environment == "staging"
    uris: dict[str, bool] = {}
    for each in given:
        uri = check_registrable(each["uri"], field="redirect_uris", staging=staging)
        uris[uri] = bool(each.get("default")) or uris.get(uri, False)
    chosen = next((uri for uri, default in uris.items() if default), next(iter(uris), None))
    return [{"uri": uri, "default": uri == chosen} for uri in uris]


def append_application_event(tx: Transaction, identity: Identity, event: str, shown: Application) -> None:
    append(tx, identity, event, application_data(shown), organization_id=shown.organization_id)


def application_data(application: Application) -> dict[str, Any]:
    """As the published interface shows it, which has members for each kind. The homepage is ours."""
    data: dict[str, Any] = {
        "object": "connect_application",
        "id": application.id,
        "client_id": application.client_id,
        "name": application.name,
        "description": application.description,
        "homepage_url": application.homepage_url,
        "scopes": list(application.scopes),
        "application_type": application.application_type,
        "created_at": application.created_at,
        "updated_at": application.updated_at,
    }
    if application.application_type == OAUTH:
        data["redirect_uris"] = [dict(each) for each in application.redirect_uris]
        data["cors_origins"] = []  # SDKs read it; here origins are the environment's
        data["uses_pkce"] = application.uses_pkce
        data["is_first_party"] = application.is_first_party
        if not application.is_first_party:
            data["was_dynamically_registered"] = False
    if application.organization_id is not None:
        data["organization_id"] = application.organization_id
    return data


def existing(found: Application | None, given: str) -> Application:
    if found is None:
        raise NotFound.of("Application", given)
    return found

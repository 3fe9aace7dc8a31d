"""What people have allowed applications: asked once, remembered, taken back at any time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vestibule.server.identity.applications import application_data, end_access, existing
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.paging import Page, Slice
from vestibule.server.store.applications import Application
from vestibule.server.store.consents import Consent
from vestibule.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Allowed:
    """What somebody allowed, and whom."""

    consent: Consent
    application: Application

    @property
    def id(self) -> str:
        return self.consent.id


def has_consent(tx: Transaction, user_id: str, application: Application, scopes: Collection[str]) -> bool:
    """Whether the user has allowed it all of them before."""
    found = tx.consents.find(user_id, application.id)
    return found is not None and set(scopes) <= set(found.scopes)


def grant_consent(identity: Identity, user_id: str, application: Application, scopes: Sequence[str]) -> None:
    """What was allowed before stays allowed; allowing it again changes nothing."""
    with identity.store.transaction() as tx:
        grant_consent_in(tx, identity, user_id, application, scopes)


def grant_consent_in(
    tx: Transaction, identity: Identity, user_id: str, application: Application, scopes: Sequence[str]
) -> None:
    now = identity.now
    created = tx.consents.create(
        id=new_id("authorized_connect_app", now),
        user_id=user_id,
        application_id=application.id,
        scopes=list(scopes),
        created_at=now,
        updated_at=now,
    )
    consent = tx.consents.lock(user_id, application.id)
    if consent is None:
        raise NotFound.of("Application", application.id)
    if not created:
        if set(scopes) <= set(consent.scopes):
            return
        merged = list(dict.fromkeys([*consent.scopes, *scopes]))
        consent = tx.consents.update(consent.id, scopes=merged, now=now)
    _append(tx, identity, "consent.granted", Allowed(consent, application))


def list_consents(identity: Identity, user_id: str, page: Page) -> Slice[Allowed]:
    """Raises NotFound for an unknown user."""
    with identity.store.read() as tx:
        if tx.users.find(user_id) is None:
            raise NotFound.of("User", user_id)
        return _with_applications(tx, tx.consents.list(page, user_id=user_id))


def list_organization_consents(identity: Identity, organization_id: str, page: Page) -> Slice[Allowed]:
    """Of its active members. Raises NotFound."""
    with identity.store.read() as tx:
        if tx.organizations.find(organization_id) is None:
            raise NotFound.of("Organization", organization_id)
        found = tx.consents.list_in_organization(page, organization_id=organization_id)
        return _with_applications(tx, found)


def revoke_consent(identity: Identity, user_id: str, given: str) -> None:
    """`given` is the application, or the consent itself. The application's sessions of this user end, with
    their refresh tokens. Raises NotFound."""
    with identity.store.transaction() as tx:
        application = tx.applications.find(given) or _application_of(tx, user_id, given)
        application = existing(application, given)
        deleted = tx.consents.delete(user_id, application.id)
        if deleted is None:
            raise NotFound.of("Authorized application", given)
        end_access(tx, identity, application, user_id=user_id)
        _append(tx, identity, "consent.revoked", Allowed(deleted, application))


def _application_of(tx: Transaction, user_id: str, consent_id: str) -> Application | None:
    found = tx.consents.find_by_id(consent_id)
    if found is None or found.user_id != user_id:
        return None
    return tx.applications.find(found.application_id)


def _with_applications(tx: Transaction, found: Slice[Consent]) -> Slice[Allowed]:
    allowed = []
    for consent in found.data:
        application = existing(tx.applications.find(consent.application_id), consent.application_id)
        allowed.append(Allowed(consent, application))
    return Slice(allowed, found.before, found.after)


def _append(tx: Transaction, identity: Identity, event: str, allowed: Allowed) -> None:
    consent = allowed.consent
    data = {
        "object": "authorized_connect_application",
        "id": consent.id,
        "user_id": consent.user_id,
        "granted_scopes": list(consent.scopes),
        "application": application_data(allowed.application),
        "created_at": consent.created_at,
        "updated_at": consent.updated_at,
    }
    append(tx, identity, event, data)

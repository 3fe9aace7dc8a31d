"""The secrets of applications: several at once, so that they can be changed one after the other."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from vestibule.server.identity.applications import existing
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, NotFound
from vestibule.server.identity.events import append
from vestibule.server.identity.ids import new_id
from vestibule.server.identity.secrets import digest, new_token
from vestibule.server.store.applications import Application, ClientSecret
from vestibule.server.store.transaction import Transaction

PREFIX: Final = "vcs_"  # so that a scanner for leaked secrets knows one
HINT: Final = 4
MAX_SECRETS: Final = 10
MAX_SECRET: Final = 200
USE_IS_NOTED_EVERY: Final = dt.timedelta(minutes=1)


def create_client_secret(identity: Identity, given: str) -> tuple[ClientSecret, str]:
    """Its value cannot be had again. Raises NotFound, Conflict."""
    value, now = PREFIX + new_token(), identity.now
    with identity.store.transaction() as tx:
        application = existing(tx.applications.find(given), given)
        if len(tx.client_secrets.list_of(application.id)) >= MAX_SECRETS:
            message = f"An application has at most {MAX_SECRETS} secrets: revoke one first."
            raise Conflict(message, code="too_many_client_secrets")
        secret = tx.client_secrets.create(
            id=new_id("secret", now),
            application_id=application.id,
            secret_hash=digest(value),
            secret_hint=value[-HINT:],
            created_at=now,
            updated_at=now,
        )
        _append(tx, identity, "client_secret.created", secret)
    return secret, value


def list_client_secrets(identity: Identity, given: str) -> Sequence[ClientSecret]:
    """Newest first, never their values. Raises NotFound."""
    with identity.store.read() as tx:
        return tx.client_secrets.list_of(existing(tx.applications.find(given), given).id)


def delete_client_secret(identity: Identity, secret_id: str) -> None:
    """It stops working at once. Raises NotFound."""
    with identity.store.transaction() as tx:
        deleted = tx.client_secrets.delete(secret_id)
        if deleted is None:
            raise NotFound.of("Client secret", secret_id)
        _append(tx, identity, "client_secret.deleted", deleted)


def is_secret_of(identity: Identity, application: Application, value: str) -> bool:
    """Looked up by its digest, so that no comparison tells how much of it was right."""
    with identity.store.read() as tx:
        found = tx.client_secrets.find_by_hash(digest(value[: MAX_SECRET + 1]), application_id=application.id)
    if found is None:
        return False
    now = identity.now
    if found.last_used_at is None or now - found.last_used_at >= USE_IS_NOTED_EVERY:
        with identity.store.transaction() as tx:
            tx.client_secrets.record_use(found.id, now=now)
    return True


def _append(tx: Transaction, identity: Identity, event: str, secret: ClientSecret) -> None:
    data: dict[str, Any] = {
        "object": "connect_application_secret",
        "id": secret.id,
        "application_id": secret.application_id,
        "secret_hint": secret.secret_hint,
        "last_used_at": secret.last_used_at,
        "created_at": secret.created_at,
        "updated_at": secret.updated_at,
    }
    append(tx, identity, event, data)

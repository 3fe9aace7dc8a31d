"""Everything that is kept about one person, for themselves to take along: no secret, and nobody else."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from vestibule.server.identity import limits
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import NotFound
from vestibule.server.identity.events import append, timestamp
from vestibule.server.identity.limits import Limit
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import user_data
from vestibule.server.store.transaction import Transaction

EXPORTS_A_DAY: Final = Limit(20, 86_400)
MOST_EVENTS: Final = 10_000
MOST_ROWS: Final = 1_000
LEFT_OUT: Final = frozenset({"secret_sealed", "credential_id", "public_key", "sign_count", "impersonator"})
"""Secrets, and who else had a hand in it: an operator is somebody, too."""
OWN_CONTEXT: Final = frozenset({"ip_address", "user_agent", "previous_attributes"})


def export_account(identity: Identity, user_id: str) -> Mapping[str, Any]:
    """As JSON has it. Raises NotFound, TooMany."""
    limits.hit_all(identity, (f"account-export:{user_id}", EXPORTS_A_DAY))
    with identity.store.transaction() as tx:
        append(tx, identity, "account.exported", {"object": "account_export", "user_id": user_id})
    return _collect(identity, user_id)


def _collect(identity: Identity, user_id: str) -> Mapping[str, Any]:
    page = Page(limit=MOST_ROWS, order="asc")
    with identity.store.read() as tx:
        user = tx.users.find(user_id)
        if user is None:
            raise NotFound.of("User", user_id)
        found: dict[str, Any] = {
            "exported_at": identity.now,
            "user": user_data(user),
            "has_password": tx.passwords.find(user_id) is not None,
            "connected_accounts": _rows(tx.identities.list(user_id)),
            "memberships": _memberships(tx, user_id, page),
            "browser_sessions": _rows(tx.browser_sessions.list_live(user_id, now=identity.now)),
            "sessions": _rows(tx.sessions.list(page, user_id=user_id).data),
            "authentication_factors": _rows(tx.factors.list(page, user_id=user_id).data),
            "recovery_codes_left": tx.recovery_codes.count_unused(user_id),
            "passkeys": _rows(tx.passkeys.list_all(user_id)),
            "connected_apps": _connected_apps(tx, user_id, page),
            "api_keys": _rows(tx.owned_keys.list_of_user(page, user_id=user_id).data),
            "events": _events(tx, user_id),
        }
    return {name: _plain(value) for name, value in found.items()}


def _connected_apps(tx: Transaction, user_id: str, page: Page) -> list[dict[str, Any]]:
    shown = []
    for each in tx.consents.list(page, user_id=user_id).data:
        application = tx.applications.find(each.application_id)
        shown.append({**asdict(each), "application": None if application is None else application.name})
    return shown


def _memberships(tx: Transaction, user_id: str, page: Page) -> list[dict[str, Any]]:
    found = tx.memberships.list(page, user_id=user_id).data
    names = tx.organizations.names({each.organization_id for each in found})
    return [{**asdict(each), "organization_name": names.get(each.organization_id)} for each in found]


def _events(tx: Transaction, user_id: str) -> list[dict[str, Any]]:
    """Newest first."""
    return [
        {
            "id": each.id,
            "event": each.event,
            "data": {key: value for key, value in each.data.items() if key not in LEFT_OUT},
            "context": {key: value for key, value in (each.context or {}).items() if key in OWN_CONTEXT},
            "created_at": each.created_at,
        }
        for each in tx.events.list_about(user_id, limit=MOST_EVENTS)
    ]


def _rows(found: Sequence[Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in asdict(each).items() if name not in LEFT_OUT} for each in found]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return timestamp(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value

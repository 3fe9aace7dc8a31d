"""Audit logs: this server keeps none for organizations yet, and says so."""

from typing import Literal

from msgspec import Struct

from vestibule.server.api.operation import Call, Operations
from vestibule.server.identity import organizations

operations = Operations("audit_logs")


class AuditLogConfiguration(Struct, kw_only=True):
    organization_id: str
    retention_period_in_days: int
    state: Literal["active", "inactive", "disabled"]


@operations.get("/organizations/{id}/audit_log_configuration", answers=AuditLogConfiguration)
def get_audit_log_configuration(call: Call[None]) -> AuditLogConfiguration:
    """Say whether an organization has an audit log: it has none, and nothing is retained."""
    found = organizations.get_organization(call.identity, call.path["id"])
    return AuditLogConfiguration(organization_id=found.id, retention_period_in_days=0, state="disabled")

"""What every app of these tests says about who asks."""

from typing import Any

from vestibule.session.model import Session


def described(session: Session) -> dict[str, Any]:
    return {
        "email": session.user.email,
        "organization": session.organization_id,
        "role": session.role,
        "permissions": sorted(session.permissions),
        "flags": sorted(session.feature_flags),
        "impersonator": session.impersonator and session.impersonator.email,
        "first_name": session.user.first_name,
    }

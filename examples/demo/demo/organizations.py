"""What the app asks the server's management API: which organizations somebody belongs to, and a new one."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from vestibule.errors import VestibuleError
from vestibule.flow import HttpRequest
from vestibule.send import Sender
from vestibule.session.config import Config
from vestibule.session.model import Session


@dataclass(frozen=True, slots=True)
class Organization:
    id: str
    name: str
    role: str


class Organizations:
    """Membership is the server's to know: the app keeps no copy that could go stale."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._sender = Sender()

    def of(self, session: Session) -> list[Organization]:
        query = urlencode({"user_id": session.user.id, "statuses": "active", "limit": 100})
        answer = self._ask("GET", f"/user_management/organization_memberships?{query}")
        return [
            Organization(row["organization_id"], row["organization_name"], row["role"]["slug"])
            for row in answer["data"]
        ]

    def create(self, session: Session, *, name: str) -> None:
        organization = self._ask("POST", "/organizations", {"name": name})
        membership = {
            "user_id": session.user.id,
            "organization_id": organization["id"],
            "role_slug": "admin",
        }
        self._ask("POST", "/user_management/organization_memberships", membership)

    def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        request = HttpRequest(
            method,
            self._config.url + path,
            headers={"Authorization": f"Bearer {self._config.api_key}", "Content-Type": "application/json"},
            body=json.dumps(body).encode() if body else b"",
        )
        response = self._sender.send(request)
        if response.status >= 400:
            raise VestibuleError(f"{method} {path} answered {response.status}", code="management_api")
        return json.loads(response.body)

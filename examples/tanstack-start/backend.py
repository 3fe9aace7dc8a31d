"""The data behind the pages. It trusts none of them: each endpoint looks at the session itself.

Browsers bring the cookie that the pages set, and get a new one when it is time; Node brings the access token.
"""

import httpx2
from fastapi import FastAPI
from pydantic import BaseModel, Field

from vestibule.fastapi import Auth, CurrentSession, requires

REPORTS = {1: "Difference engine, third quarter", 2: "Jacquard cards, wear and tear", 3: "Bernoulli numbers"}
ONE_MINUTE = 60

app = FastAPI(title="Reports")
# With the list of revoked sessions a sign-out counts here at once, and not only when the token ends.
auth = Auth(app, bearer=True, revocation="list")


class NewOrganization(BaseModel):
    name: str = Field(min_length=1, max_length=80)


@app.get("/api/me")
def me(session: CurrentSession) -> dict[str, object]:
    impersonator = session.impersonator and session.impersonator.email
    return {
        "email": session.user.email,
        "organization": session.organization_id,
        "impersonator": impersonator,
    }


@app.get("/api/reports", dependencies=[requires(permission="reports:read")])
def reports() -> list[dict[str, object]]:
    return [{"id": number, "title": title} for number, title in REPORTS.items()]


@app.delete("/api/reports/{number}", dependencies=[requires(permission="reports:delete", recent=ONE_MINUTE)])
def delete_report(number: int) -> dict[str, int]:
    REPORTS.pop(number, None)
    return {"deleted": number}


@app.get("/api/organizations")
def organizations(session: CurrentSession) -> list[dict[str, str]]:
    """The server knows them all; the token names only the one somebody is in now."""
    query = {"user_id": session.user.id, "statuses": "active", "limit": "100"}
    with server() as api:
        found = api.get("/user_management/organization_memberships", params=query).json()["data"]
    return [
        {"id": row["organization_id"], "name": row["organization_name"], "role": row["role"]["slug"]}
        for row in found
    ]


@app.post("/api/organizations", status_code=201)
def create_organization(new: NewOrganization, session: CurrentSession) -> dict[str, str]:
    """Whoever makes one leads it."""
    with server() as api:
        made = api.post("/organizations", json={"name": new.name}).json()["id"]
        member = {"user_id": session.user.id, "organization_id": made, "role_slug": "admin"}
        api.post("/user_management/organization_memberships", json=member).raise_for_status()
    return {"id": made}


def server() -> httpx2.Client:
    """The identity server's own API, with the app's key."""
    key = {"Authorization": f"Bearer {auth.config.api_key}"}
    return httpx2.Client(base_url=auth.config.url, headers=key)

"""The data behind the page. Whatever that hides or shows, each endpoint looks at the access token itself."""

from typing import Any

import httpx2
from flask import Flask, Response, request

from vestibule.flask import Auth, current_session, requires

REPORTS = {1: "Difference engine, third quarter", 2: "Jacquard cards, wear and tear"}
ONE_MINUTE = 60

app = Flask(__name__)
# With the list of revoked sessions a sign-out counts here at once, and not only when the token ends.
auth = Auth(app, bearer=True, revocation="list")


@app.get("/api/me")
@requires()
def me() -> dict[str, object]:
    impersonator = current_session.impersonator and current_session.impersonator.email
    return {
        "id": current_session.user.id,
        "organization": current_session.organization_id,
        "impersonator": impersonator,
    }


@app.get("/api/reports")
@requires(permission="reports:read")
def reports() -> list[dict[str, object]]:
    return [{"id": number, "title": title} for number, title in REPORTS.items()]


@app.delete("/api/reports/<int:number>")
@requires(permission="reports:delete", recent=ONE_MINUTE)
def delete_report(number: int) -> dict[str, int]:
    REPORTS.pop(number, None)
    return {"deleted": number}


@app.get("/api/organizations")
@requires()
def organizations() -> list[dict[str, str]]:
    """The server knows them all; the token names only the one somebody is in now."""
    query = {"user_id": current_session.user.id, "statuses": "active", "limit": "100"}
    with server() as api:
        found = api.get("/user_management/organization_memberships", params=query).json()["data"]
    return [
        {"id": row["organization_id"], "name": row["organization_name"], "role": row["role"]["slug"]}
        for row in found
    ]


@app.post("/api/organizations")
@requires()
def create_organization() -> tuple[dict[str, str], int]:
    """Whoever makes one leads it."""
    given: dict[str, Any] = request.get_json()
    with server() as api:
        made = api.post("/organizations", json={"name": str(given["name"])[:80]}).json()["id"]
        member = {"user_id": current_session.user.id, "organization_id": made, "role_slug": "admin"}
        api.post("/user_management/organization_memberships", json=member).raise_for_status()
    return {"id": made}, 201


@app.after_request
def let_the_page_read(response: Response) -> Response:
    """The page is of another origin, that of the redirect URI. It sends a header, never a cookie."""
    response.vary.add("Origin")
    response.headers["Access-Control-Allow-Origin"] = auth.config.origin
    response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
    return response


def server() -> httpx2.Client:
    """The identity server's own API, with the app's key."""
    key = {"Authorization": f"Bearer {auth.config.api_key}"}
    return httpx2.Client(base_url=auth.config.url, headers=key)

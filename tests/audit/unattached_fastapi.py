"""A guard that was made and forgotten."""

from fastapi import FastAPI

from vestibule.fastapi import Auth, requires

for_admins = requires(role="admin")
for_owners = requires(role="owner")

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
Auth(app)


@app.get("/owned", dependencies=[for_owners])
def owned() -> str:
    return "owned"

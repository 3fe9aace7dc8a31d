"""A guard that was made and forgotten."""

from flask import Flask

from vestibule.flask import Auth, requires

for_admins = requires(role="admin")
for_owners = requires(role="owner")

app = Flask(__name__, static_folder=None)
Auth(app)


@app.get("/owned")
@for_owners
def owned() -> str:
    return "owned"

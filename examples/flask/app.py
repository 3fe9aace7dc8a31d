"""A page for everyone, one for people who are signed in, and an API that answers no stranger."""

from flask import Flask, render_template

from vestibule.flask import Auth, current_session, requires

app = Flask(__name__)
Auth(app)


@app.get("/")
def home() -> str:
    return render_template("home.html", session=current_session)


@app.get("/account")
@requires()  # below the route decorator
def account() -> str:
    return render_template("account.html", session=current_session)


@app.get("/api/me")
@requires()
def me() -> dict[str, str]:
    return {"email": current_session.user.email}


@app.get("/api/reports")
@requires(permission="reports:read")
def reports() -> list[str]:
    return ["March", "April"]

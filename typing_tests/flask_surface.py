"""What an editor shows to the author of a Flask app: a guard keeps the signature of the view."""

from typing import assert_type

from flask import Flask

from vestibule.flask import Auth, current_auth, current_session, requires
from vestibule.session.model import Session

app = Flask(__name__)
auth = Auth(app)


@app.get("/")
def home() -> str:
    return f"Hello {current_session.user.email}" if current_session else "Hello stranger"


@app.get("/invoices/<number>")
@requires(permission="invoices:read")
def invoice(number: int) -> dict[str, str]:
    assert_type(auth.session(), Session | None)
    return {"for": current_session.user.email, "number": str(number)}


def call() -> None:
    assert_type(invoice(number=1), dict[str, str])
    assert_type(auth.refresh(organization_id="org_1"), Session)
    assert_type(auth.sign_out(), str)
    assert_type(current_auth.switch_organization("org_2"), Session)
    assert_type(current_auth.authorization_url(state="mine"), str)

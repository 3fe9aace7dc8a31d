"""Taking one's data along, and the end of the account."""

import json
from http import HTTPStatus

from starlette.responses import Response

from vestibule.server.account.person import Person
from vestibule.server.account.sentences import explain
from vestibule.server.account.sessions import farewell
from vestibule.server.identity.account_export import export_account
from vestibule.server.identity.closing_account import close_account, list_led_alone
from vestibule.server.identity.errors import Denied, Invalid


def show(person: Person) -> Response:
    return person.page("data.html")


def export(person: Person) -> Response:
    found = export_account(person.identity, person.user.id)
    return Response(
        json.dumps(found, ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="account-{person.identity.now:%Y-%m-%d}.json"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def show_delete(person: Person) -> Response:
    return _form(person)


def delete(person: Person) -> Response:
    try:
        close_account(person.identity, person.user, typed=person.typed("email"))
    except Invalid as error:
        return _form(person, error=explain(person, error)["email"])
    except Denied:  # the page says which organizations it is about
        return _form(person)
    return farewell(person, "deleted.html")


def _form(person: Person, *, error: str = "") -> Response:
    led = list_led_alone(person.identity, person.user.id)
    failed = bool(error) or (bool(led) and person.visitor.request.method == "POST")
    return person.page(
        "delete.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK,
        led=[{"id": organization_id, "name": name} for organization_id, name in led],
        values={"email": person.typed("email")},
        errors={"email": error} if error else {},
    )

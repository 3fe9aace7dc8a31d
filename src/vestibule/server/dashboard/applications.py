"""Applications besides the environment's own: made here, given secrets, and deleted."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk, explain
from vestibule.server.identity import applications, client_secrets
from vestibule.server.identity.applications import M2M, OAUTH
from vestibule.server.identity.errors import Conflict, Invalid, NotFound
from vestibule.server.identity.paging import Page
from vestibule.server.identity.scopes import OF_PEOPLE, USUAL
from vestibule.server.store.applications import Application

PATH: Final = "/dashboard/applications"
ONE: Final = f"{PATH}/{{id}}"
SHOWN: Final = 25
MOST_PERMISSIONS: Final = 100
MOST_FIELDS: Final = 150
SCOPE: Final = "scope:"
NOTHING: Final[Mapping[str, str]] = {}
KINDS: Final = (
    ("third", "Third-party: people are asked before it learns anything"),
    ("first", "First-party: it is yours, and nobody is asked"),
    (M2M, "Machine: nobody signs in, it works for an organization"),
)
LABELS: Final = {
    "openid": "Who the person is",
    "profile": "Name, picture and language",
    "email": "Email address",
    "offline_access": "Refresh tokens: access while the person is away",
}
SAID: Final = {
    "saved": "Saved. What it was granted before stays granted.",
    "secret-revoked": "The secret is revoked: whatever uses it is refused from now on.",
    "deleted": "The application is deleted: nobody is signed in to it any more.",
}


def kind_of(application: Application) -> str:
    if application.application_type == M2M:
        return "machine"
    return "first-party" if application.is_first_party else "third-party"


def show(desk: Desk) -> Response:
    asked = Page(limit=SHOWN, before=desk.query("before") or None, after=desk.query("after") or None)
    found = applications.list_applications(desk.identity, asked)
    wanted = {each.organization_id for each in found.data if each.organization_id}
    with desk.identity.store.read() as tx:
        names = tx.organizations.names(wanted)
    return desk.page("applications.html", found=found, names=names, kind_of=kind_of)


def show_new(desk: Desk) -> Response:
    values = {"kind": "third", "organization_id": desk.query("organization_id")}
    return _form(desk, picked=USUAL, values=values)


def create(desk: Desk) -> Response:
    typed = _typed(desk)
    kind = typed["kind"] if typed["kind"] in dict(KINDS) else "third"
    try:
        made = applications.create_application(
            desk.identity,
            name=typed["name"],
            application_type=M2M if kind == M2M else OAUTH,
            is_first_party=kind == "first",
            uses_pkce=desk.form.get("uses_pkce") == "on",
            organization_id=typed["organization_id"] or None,
            scopes=[each for each in _picked(desk) if kind != M2M or each not in OF_PEOPLE],
            **_described(typed),
        )
    except NotFound:
        return _form(desk, errors={"organization_id": "There is no organization with this id."})
    except Invalid as error:
        return _form(desk, errors=_problems(error))
    if made.uses_pkce:
        return desk.go(ONE.format(id=made.id), done="saved")
    return _once(desk, made, is_new=True)


def show_one(desk: Desk) -> Response:
    return _one(desk, applications.get_application(desk.identity, desk.path("id")))


def edit(desk: Desk) -> Response:
    application, typed = applications.get_application(desk.identity, desk.path("id")), _typed(desk)
    changes = {"name": typed["name"], "scopes": _picked(desk), **_described(typed)}
    if application.application_type == M2M:
        changes.pop("redirect_uris")
    try:
        applications.update_application(desk.identity, application.id, **changes)
    except Invalid as error:
        return _one(desk, application, errors=_problems(error), values=typed, picked=_picked(desk))
    return desk.go(ONE.format(id=application.id), done="saved")


def create_secret(desk: Desk) -> Response:
    application = applications.get_application(desk.identity, desk.path("id"))
    try:
        return _once(desk, application, is_new=False)
    except Conflict as error:
        return _one(desk, application, errors={"secrets": error.message})


def revoke_secret(desk: Desk) -> Response:
    application = applications.get_application(desk.identity, desk.path("id"))
    secret_id = desk.form.get("secret", "")
    if secret_id not in {
        each.id for each in client_secrets.list_client_secrets(desk.identity, application.id)
    }:
        raise NotFound.of("Client secret", secret_id)
    client_secrets.delete_client_secret(desk.identity, secret_id)
    return desk.go(ONE.format(id=application.id), done="secret-revoked")


def delete(desk: Desk) -> Response:
    application = applications.get_application(desk.identity, desk.path("id"))
    if desk.form.get("confirmation", "").strip() != application.name:
        wrong = f"Type {application.name}, as it is written here."
        return _one(desk, application, errors={"confirmation": wrong})
    applications.delete_application(desk.identity, application.id)
    return desk.go(PATH, done="deleted")


def _once(desk: Desk, application: Application, *, is_new: bool) -> Response:
    """The answer to the form itself: no address brings the secret again."""
    _, value = client_secrets.create_client_secret(desk.identity, application.id)
    return desk.page(
        "application-secret.html",
        application=application,
        value=value,
        is_new=is_new,
        lines=f"ISSUER={desk.identity.settings.public_url}\n"
        f"CLIENT_ID={application.client_id}\nCLIENT_SECRET={value}\n",
    )


def _typed(desk: Desk) -> dict[str, str]:
    names = ("kind", "name", "description", "homepage_url", "organization_id", "redirect_uris", "uses_pkce")
    return {name: desk.form.get(name, "").strip() for name in names}


def _described(typed: Mapping[str, str]) -> dict[str, Any]:
    return {
        "description": typed["description"] or None,
        "homepage_url": typed["homepage_url"] or None,
        "redirect_uris": [{"uri": uri} for uri in typed["redirect_uris"].split()],
    }


def _picked(desk: Desk) -> list[str]:
    """One input for each scope: a form's values of one name would be the last of them."""
    return [name.removeprefix(SCOPE) for name in desk.form if name.startswith(SCOPE)]


def _problems(error: Invalid) -> Mapping[str, str]:
    by_field, loose = explain(error)
    return by_field if by_field else {"name": loose}


def _scopes(desk: Desk) -> Sequence[tuple[str, str]]:
    with desk.identity.store.read() as tx:
        permissions = tx.permissions.list(Page(limit=MOST_PERMISSIONS, order="asc")).data
    return [*LABELS.items(), *((each.slug, each.name) for each in permissions)]


def _form(
    desk: Desk,
    *,
    picked: Sequence[str] | None = None,
    errors: Mapping[str, str] = NOTHING,
    values: Mapping[str, str] | None = None,
) -> Response:
    return desk.page(
        "application-form.html",
        status=422 if errors else 200,
        kinds=KINDS,
        scopes=_scopes(desk),
        picked=_picked(desk) if picked is None else picked,
        errors=errors,
        values=_typed(desk) if values is None else values,
    )


def _one(
    desk: Desk,
    application: Application,
    *,
    errors: Mapping[str, str] = NOTHING,
    values: Mapping[str, str] | None = None,
    picked: Sequence[str] | None = None,
) -> Response:
    people = application.application_type == OAUTH
    with desk.identity.store.read() as tx:
        home = tx.organizations.find(application.organization_id) if application.organization_id else None
        allowed = tx.consents.count_of(application.id)
    return desk.page(
        "application-one.html",
        status=422 if errors else 200,
        application=application,
        kind=kind_of(application),
        people=people,
        organization=home,
        allowed=allowed,
        secrets=client_secrets.list_client_secrets(desk.identity, application.id),
        scopes=[each for each in _scopes(desk) if people or each[0] not in OF_PEOPLE],
        picked=application.scopes if picked is None else picked,
        errors=errors,
        values=values
        or {
            "name": application.name,
            "description": application.description or "",
            "homepage_url": application.homepage_url or "",
            "redirect_uris": "\n".join(application.uris),
        },
    )


DEEDS: Final = (
    page(PATH, show, said=SAID),
    page(f"{PATH}/new", show_new, right="manage"),
    deed(PATH, create, right="manage", back=f"{PATH}/new", fresh=True, most_fields=MOST_FIELDS),
    page(ONE, show_one, said=SAID),
    deed(ONE, edit, right="manage", back=ONE, most_fields=MOST_FIELDS),
    deed(f"{ONE}/secrets", create_secret, right="manage", back=ONE, fresh=True),
    deed(f"{ONE}/secrets/revoke", revoke_secret, right="manage", back=ONE, fresh=True),
    deed(f"{ONE}/delete", delete, right="own", back=ONE, fresh=True),
)

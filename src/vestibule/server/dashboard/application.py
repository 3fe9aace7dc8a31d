"""The application: who it is to this server, and which addresses sign-ins and pages may come from."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity import cors_origins, redirect_uris
from vestibule.server.identity.environment import ADDRESSES, get_environment, update_environment
from vestibule.server.identity.errors import Conflict, Invalid
from vestibule.server.identity.paging import Page
from vestibule.server.store.redirect_uris import Kind

PATH: Final = "/dashboard/application"
SHOWN: Final = 50
MOST: Final = 100
NOTHING: Final[Mapping[str, str]] = {}
LONGEST_NAME: Final = 80
SAID: Final = {
    "redirect_added": "The redirect URI is registered: sign-ins may lead there from now on.",
    "redirect_default": "Sign-ins that name no redirect URI lead there from now on.",
    "redirect_removed": "The redirect URI is removed: sign-ins that ask for it are refused from now on.",
    "sign_out_added": "The sign-out URI is registered.",
    "sign_out_removed": "The sign-out URI is removed.",
    "origin_added": "Pages of this origin may read what this server answers, within a few seconds.",
    "origin_removed": "Pages of this origin may no longer read what this server answers.",
    "saved": "Saved.",
}


def show(desk: Desk) -> Response:
    return _page(desk)


def add_redirect_uri(desk: Desk) -> Response:
    uri = desk.form.get("uri", "").strip()

    def add() -> object:
        wanted = desk.form.get("default") == "on"
        return redirect_uris.create_redirect_uri(desk.identity, uri, default=wanted)

    return _try(desk, add, field="uri", done="redirect_added")


def make_default(desk: Desk) -> Response:
    redirect_uris.set_default(desk.identity, desk.path("id"))
    return desk.go(PATH, done="redirect_default")


def remove_redirect_uri(desk: Desk) -> Response:
    def remove() -> object:
        redirect_uris.delete_redirect_uri(desk.identity, desk.path("id"))
        return None

    return _try(desk, remove, field="", done="redirect_removed")


def add_sign_out_uri(desk: Desk) -> Response:
    uri = desk.form.get("sign_out_uri", "").strip()

    def add() -> object:
        return redirect_uris.create_redirect_uri(desk.identity, uri, kind="sign_out")

    return _try(desk, add, field="sign_out_uri", done="sign_out_added")


def remove_sign_out_uri(desk: Desk) -> Response:
    redirect_uris.delete_redirect_uri(desk.identity, desk.path("id"), kind="sign_out")
    return desk.go(PATH, done="sign_out_removed")


def add_origin(desk: Desk) -> Response:
    origin = desk.form.get("origin", "").strip()
    return _try(
        desk,
        lambda: cors_origins.create_cors_origin(desk.identity, origin),
        field="origin",
        done="origin_added",
    )


def remove_origin(desk: Desk) -> Response:
    cors_origins.delete_cors_origin(desk.identity, desk.path("id"))
    return desk.go(PATH, done="origin_removed")


def save(desk: Desk) -> Response:
    """The name and the three addresses; an empty one removes what was there."""
    typed = {name: desk.form[name].strip() for name in (*ADDRESSES, "name") if name in desk.form}
    errors = {}
    if "name" in typed and not _is_name(typed["name"]):
        errors["name"] = f"People see this name: it has 1 to {LONGEST_NAME} characters, on one line."
    try:
        if not errors:
            update_environment(desk.identity, **{name: text or None for name, text in typed.items()})
            return desk.go(PATH, done="saved")
    except Invalid as error:
        errors = {each["field"]: _in_words(each["field"], each["message"]) for each in error.errors}
    return _page(desk, errors=errors, values=typed)


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _try(desk: Desk, change: Callable[[], object], *, field: str, done: str) -> Response:
    """What a rule refuses is said beside `field`, with what was typed."""
    try:
        change()
    except (Invalid, Conflict) as error:
        if not field:
            return _page(desk, problem=error.message)
        return _page(
            desk,
            errors={field: _in_words("uri", error.message)},
            values={field: desk.form.get(field, "")},
        )
    return desk.go(PATH, done=done)


def _in_words(field: str, message: str) -> str:
    """The API names its field; here the message stands beside the input."""
    return f"It{message.removeprefix(field)}" if message.startswith(f"{field} ") else message


def _page(
    desk: Desk,
    *,
    errors: Mapping[str, str] = NOTHING,
    values: Mapping[str, str] = NOTHING,
    problem: str = "",
) -> Response:
    identity, place = desk.identity, get_environment(desk.identity)
    kept = {name: getattr(place, name) or "" for name in (*ADDRESSES, "name")}
    return desk.page(
        "application.html",
        status=422 if errors or problem else 200,
        place=place,
        callbacks=_uris(desk, "callback"),
        sign_outs=_uris(desk, "sign_out"),
        origins=cors_origins.list_cors_origins(identity, Page(limit=MOST, order="asc")),
        issuer=identity.settings.public_url,
        staging=identity.settings.environment == "staging",
        errors=errors,
        values={**kept, **values},
        problem=problem,
    )


def _uris(desk: Desk, kind: Kind) -> object:
    """Oldest first. Of callbacks there may be many, one for each preview deployment."""
    after = desk.query("after") if kind == "callback" else ""
    before = desk.query("before") if kind == "callback" else ""
    limit = SHOWN if kind == "callback" else MOST
    asked = Page(limit=limit, order="asc", after=None if before else after or None, before=before or None)
    return redirect_uris.list_redirect_uris(desk.identity, asked, kind=kind)


DEEDS: Final = (
    page(PATH, show, said=SAID),
    deed(PATH, save, right="manage", back=PATH),
    deed(f"{PATH}/redirect-uris", add_redirect_uri, right="manage", back=PATH),
    deed(f"{PATH}/redirect-uris/{{id}}/default", make_default, right="manage", back=PATH),
    deed(f"{PATH}/redirect-uris/{{id}}/remove", remove_redirect_uri, right="manage", back=PATH),
    deed(f"{PATH}/sign-out-uris", add_sign_out_uri, right="manage", back=PATH),
    deed(f"{PATH}/sign-out-uris/{{id}}/remove", remove_sign_out_uri, right="manage", back=PATH),
    deed(f"{PATH}/cors-origins", add_origin, right="manage", back=PATH),
    deed(f"{PATH}/cors-origins/{{id}}/remove", remove_origin, right="manage", back=PATH),
)

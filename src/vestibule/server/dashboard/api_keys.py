"""The environment's API keys: what opens the management API. Each is shown once, to whoever made it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity.api_keys import (
    check_name,
    create_api_key,
    get_api_key,
    list_api_keys,
    replace_api_key,
    revoke_api_key,
)
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.models import ApiKey

PATH: Final = "/dashboard/api-keys"
NOTHING: Final[Mapping[str, str]] = {}
OVERLAPS: Final = (
    ("0", "At once: it has leaked"),
    ("1", "In an hour"),
    ("24", "In a day"),
    ("168", "In a week"),
)
SAID: Final = {"revoked": "The key is revoked: whatever uses it is refused from now on."}


def show(desk: Desk) -> Response:
    return _list(desk)


def create(desk: Desk) -> Response:
    typed = desk.form.get("name", "")
    try:
        name = check_name(typed)
    except Invalid as error:
        return _list(desk, errors={"name": error.message}, values={"name": typed})
    key, value = create_api_key(desk.identity, name)
    return _once(desk, key, value)


def show_key(desk: Desk) -> Response:
    return _key(desk, get_api_key(desk.identity, desk.path("id")))


def replace(desk: Desk) -> Response:
    hours = desk.form.get("overlap", "")
    key = get_api_key(desk.identity, desk.path("id"))
    if hours not in dict(OVERLAPS):
        return _key(desk, key, errors={"overlap": "Choose when the old one ends."})
    made, value = replace_api_key(desk.identity, key.id, overlap=dt.timedelta(hours=int(hours)))
    return _once(desk, made, value, replaces=get_api_key(desk.identity, key.id))


def revoke(desk: Desk) -> Response:
    key = get_api_key(desk.identity, desk.path("id"))
    if desk.form.get("confirmation", "").strip() != key.name:
        return _key(desk, key, errors={"confirmation": f"Type {key.name}, as it is written here."})
    revoke_api_key(desk.identity, key.id)
    return desk.go(PATH, done="revoked")


def state_of(key: ApiKey, now: dt.datetime) -> tuple[str, str]:
    """In a word, and how it is to be taken."""
    if key.revoked_at is not None:
        return "revoked", "bad"
    if key.expires_at is None:
        return "active", "good"
    return ("ends soon", "wait") if key.expires_at > now else ("ended", "plain")


def _list(
    desk: Desk, *, errors: Mapping[str, str] = NOTHING, values: Mapping[str, str] = NOTHING
) -> Response:
    return desk.page(
        "api-keys.html",
        status=422 if errors else 200,
        keys=_shown(desk, all_of_them=desk.query("ended") == "1"),
        ended=desk.query("ended") == "1",
        errors=errors,
        values=values,
    )


def _shown(desk: Desk, *, all_of_them: bool) -> Sequence[tuple[ApiKey, tuple[str, str]]]:
    """Newest first; those that have ended when asked for."""
    now = desk.identity.now
    keys = [(key, state_of(key, now)) for key in reversed(list_api_keys(desk.identity))]
    return [(key, state) for key, state in keys if all_of_them or state[0] in ("active", "ends soon")]


def _key(desk: Desk, key: ApiKey, *, errors: Mapping[str, str] = NOTHING) -> Response:
    return desk.page(
        "api-key.html",
        status=422 if errors else 200,
        key=key,
        state=state_of(key, desk.identity.now),
        overlaps=OVERLAPS,
        errors=errors,
    )


def _once(desk: Desk, key: ApiKey, value: str, **more: Any) -> Response:
    """The answer to the form itself: no address brings it again."""
    settings = desk.identity.settings
    return desk.page(
        "api-key-made.html",
        key=key,
        value=value,
        lines=f"VESTIBULE_URL={settings.public_url}\n"
        f"VESTIBULE_CLIENT_ID={get_client_id(desk.identity)}\n"
        f"VESTIBULE_API_KEY={value}\n",
        **{"replaces": None, **more},
    )


DEEDS: Final = (
    page(PATH, show, said=SAID),
    deed(PATH, create, right="own", back=PATH, fresh=True),
    page(f"{PATH}/{{id}}", show_key),
    deed(f"{PATH}/{{id}}/replace", replace, right="own", back=f"{PATH}/{{id}}", fresh=True),
    deed(f"{PATH}/{{id}}/revoke", revoke, right="own", back=f"{PATH}/{{id}}", fresh=True),
)

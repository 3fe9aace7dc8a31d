"""Webhook endpoints: the list of them, and the form that makes or changes one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity import webhooks
from vestibule.server.identity.errors import Conflict, Invalid
from vestibule.server.identity.event_names import KNOWN
from vestibule.server.identity.paging import Page
from vestibule.server.identity.webhook_deliveries import count_deliveries

PATH: Final = "/dashboard/webhooks"
ONE: Final = f"{PATH}/{{id}}"
PICKED: Final = "event:"
MOST: Final = 100
MOST_FIELDS: Final = 400
NOTHING: Final[Mapping[str, str]] = {}
USUAL: Final = ("user", "organization", "organization_membership", "session", "authentication", "invitation")
"""What most apps ask for comes first."""
REACH: Final = (
    "Webhooks go to public https addresses only, so that nobody can make this server call into its own "
    "network. A private network can be allowed in VESTIBULE_SERVER_WEBHOOK_NETWORKS."
)
SAID: Final = {"deleted": "The endpoint is deleted, with the record of its deliveries."}


def show(desk: Desk) -> Response:
    with_counts = [
        (endpoint, count_deliveries(desk.identity, endpoint.id))
        for endpoint in webhooks.list_endpoints(desk.identity, Page(limit=MOST)).data
    ]
    return desk.page("webhooks.html", endpoints=with_counts)


def show_new(desk: Desk) -> Response:
    return _form(desk, picked=frozenset(desk.query("events").split()) & KNOWN)


def create(desk: Desk) -> Response:
    url, picked = desk.form.get("endpoint_url", "").strip(), _picked(desk)
    problems = _missing(picked)
    try:
        if not problems:
            made = webhooks.create_endpoint(desk.identity, endpoint_url=url, events=sorted(picked))
            return once(desk, made.id, made.endpoint_url, made.secret, is_new=True)
    except (Invalid, Conflict) as error:
        problems = _problems(error)
    return _form(desk, picked=picked, errors=problems, values={"endpoint_url": url})


def show_edit(desk: Desk) -> Response:
    endpoint = webhooks.find_endpoint(desk.identity, desk.path("id"))
    return _form(
        desk,
        endpoint=endpoint,
        picked=frozenset(endpoint.events),
        values={"endpoint_url": endpoint.endpoint_url},
    )


def edit(desk: Desk) -> Response:
    endpoint = webhooks.find_endpoint(desk.identity, desk.path("id"))
    url, picked = desk.form.get("endpoint_url", "").strip(), _picked(desk)
    problems = _missing(picked)
    try:
        if not problems:
            webhooks.update_endpoint(desk.identity, endpoint.id, endpoint_url=url, events=sorted(picked))
            return desk.go(ONE.format(id=endpoint.id), done="saved")
    except (Invalid, Conflict) as error:
        problems = _problems(error)
    return _form(desk, endpoint=endpoint, picked=picked, errors=problems, values={"endpoint_url": url})


def replace_secret(desk: Desk) -> Response:
    changed = webhooks.replace_secret(desk.identity, desk.path("id"))
    return once(desk, changed.id, changed.endpoint_url, changed.secret, is_new=False)


def once(desk: Desk, endpoint_id: str, url: str, secret: str, *, is_new: bool) -> Response:
    """The answer to the form itself: no address brings it again."""
    return desk.page("webhook-secret.html", id=endpoint_id, url=url, secret=secret, is_new=is_new)


def groups() -> Sequence[tuple[str, Sequence[str]]]:
    """Every event there is, by what it is about."""
    found: dict[str, list[str]] = {name: [] for name in USUAL}
    for name in sorted(KNOWN):
        found.setdefault(name.partition(".")[0], []).append(name)
    return list(found.items())


def _picked(desk: Desk) -> frozenset[str]:
    """One input for each event: a form's values of one name would be the last of them."""
    return frozenset(name.removeprefix(PICKED) for name in desk.form if name.startswith(PICKED))


def _missing(picked: frozenset[str]) -> Mapping[str, str]:
    return {} if picked else {"events": "Choose at least one event: an endpoint is told of nothing else."}


def _problems(error: Invalid | Conflict) -> Mapping[str, str]:
    details = getattr(error, "errors", ())
    if details:
        return {details[0].get("field", "endpoint_url"): " ".join(each["message"] for each in details)}
    said = error.message.replace("This endpoint_url cannot be used: ", "This address cannot be used: ")
    said = said.replace("has this endpoint_url", "has this address")
    return {"endpoint_url": f"{said} {REACH}" if error.code == "invalid_url" else said}


def _form(
    desk: Desk,
    *,
    picked: frozenset[str],
    endpoint: Any = None,
    errors: Mapping[str, str] = NOTHING,
    values: Mapping[str, str] = NOTHING,
) -> Response:
    return desk.page(
        "webhook-form.html",
        status=422 if errors else 200,
        endpoint=endpoint,
        groups=groups(),
        picked=picked,
        reach=REACH,
        errors=errors,
        values=values,
    )


DEEDS: Final = (
    page(PATH, show, said=SAID),
    page(f"{PATH}/new", show_new, right="manage"),
    deed(PATH, create, right="manage", back=f"{PATH}/new", most_fields=MOST_FIELDS),
    page(f"{ONE}/edit", show_edit, right="manage"),
    deed(f"{ONE}/edit", edit, right="manage", back=f"{ONE}/edit", most_fields=MOST_FIELDS),
    deed(f"{ONE}/secret", replace_secret, right="manage", back=ONE, fresh=True),
)

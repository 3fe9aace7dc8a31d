"""One webhook endpoint: what became of each event on its way there, and sending it once more."""

import datetime as dt
import json
from typing import Final, cast

from starlette.responses import Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.webhooks import ONE, PATH
from vestibule.server.identity import webhook_deliveries, webhooks
from vestibule.server.identity.paging import Page
from vestibule.server.identity.webhook_outbox import body_of
from vestibule.server.store.webhook_deliveries import Status, StoredDelivery

DELIVERY: Final = f"{ONE}/deliveries/{{delivery_id}}"
SHOWN: Final = 25
TABS: Final = (("", "All"), ("pending", "Waiting"), ("dead", "Failed"), ("delivered", "Delivered"))
STATES: Final = {
    "pending": ("waiting", "wait"),
    "delivered": ("delivered", "good"),
    "dead": ("failed", "bad"),
}
SINCE: Final = (
    ("1", "In the last hour"),
    ("24", "In the last day"),
    ("72", "In the last three days"),
    ("", "Ever"),
)
SAID: Final = {
    "saved": "Saved: it counts for what happens from now on.",
    "enabled": "The endpoint is enabled: it is told what happens from now on.",
    "disabled": "The endpoint is disabled: what happens meanwhile is not sent to it, unless you replay it.",
    "tested": "A test event is on its way.",
    "replayed": "It is on its way once more.",
    "none": "Nothing failed in that time.",
    "queued": "What failed is on its way once more.",
}


def show(desk: Desk) -> Response:
    return _page(desk)


def _page(desk: Desk, *, error: str = "") -> Response:
    identity, endpoint = desk.identity, webhooks.find_endpoint(desk.identity, desk.path("id"))
    wanted = desk.query("status") if desk.query("status") in STATES else ""
    asked = Page(limit=SHOWN, after=desk.query("after") or None, before=desk.query("before") or None)
    status = cast("Status | None", wanted or None)
    found = webhook_deliveries.list_deliveries(identity, endpoint.id, asked, status=status)
    return desk.page(
        "webhook.html",
        status=422 if error else 200,
        endpoint=endpoint,
        deliveries=found,
        state_of=state_of,
        tabs=TABS,
        wanted=wanted,
        counts=webhook_deliveries.count_deliveries(identity, endpoint.id),
        since=SINCE,
        rests=endpoint.rests_until is not None and endpoint.rests_until > identity.now,
        under_way=any(each.due_at is not None and each.due_at <= identity.now for each in found.data),
        errors={"confirmation": error} if error else {},
    )


def show_delivery(desk: Desk) -> Response:
    endpoint = webhooks.find_endpoint(desk.identity, desk.path("id"))
    delivery, event = webhook_deliveries.get_delivery(desk.identity, endpoint.id, desk.path("delivery_id"))
    return desk.page(
        "webhook-delivery.html",
        endpoint=endpoint,
        delivery=delivery,
        state=state_of(delivery),
        body=json.dumps(json.loads(body_of(event)), indent=2, ensure_ascii=False),
        under_way=delivery.due_at is not None and delivery.due_at <= desk.identity.now,
    )


def state_of(delivery: StoredDelivery) -> tuple[str, str]:
    """In a word, and how it is to be taken."""
    return STATES[delivery.status]


def switch(desk: Desk) -> Response:
    wanted = "enabled" if desk.form.get("status") == "enabled" else "disabled"
    webhooks.update_endpoint(desk.identity, desk.path("id"), status=wanted)
    return _back(desk, wanted)


def delete(desk: Desk) -> Response:
    endpoint = webhooks.find_endpoint(desk.identity, desk.path("id"))
    if desk.form.get("confirmation", "").strip() != endpoint.endpoint_url:
        return _page(desk, error=f"Type {endpoint.endpoint_url}, as it is written here.")
    webhooks.delete_endpoint(desk.identity, endpoint.id)
    return desk.go(PATH, done="deleted")


def send_test(desk: Desk) -> Response:
    webhook_deliveries.send_test(desk.identity, desk.path("id"))
    return _back(desk, "tested")


def replay_failed(desk: Desk) -> Response:
    hours = desk.form.get("since", "")
    since = None
    if hours in dict(SINCE) and hours:
        since = desk.identity.now - dt.timedelta(hours=int(hours))
    queued = webhook_deliveries.replay_dead(desk.identity, desk.path("id"), since=since)
    return _back(desk, "queued" if queued else "none")


def replay(desk: Desk) -> Response:
    webhook_deliveries.replay_delivery(desk.identity, desk.path("id"), desk.path("delivery_id"))
    path = DELIVERY.format(id=desk.path("id"), delivery_id=desk.path("delivery_id"))
    return desk.go(path, done="replayed")


def _back(desk: Desk, done: str) -> Response:
    return desk.go(ONE.format(id=desk.path("id")), done=done)


DEEDS: Final = (
    page(ONE, show, said=SAID),
    deed(f"{ONE}/status", switch, right="manage", back=ONE),
    deed(f"{ONE}/delete", delete, right="manage", back=ONE),
    deed(f"{ONE}/test", send_test, right="support", back=ONE),
    deed(f"{ONE}/replay", replay_failed, right="support", back=ONE),
    page(DELIVERY, show_delivery, said=SAID),
    deed(f"{DELIVERY}/replay", replay, right="support", back=DELIVERY),
)

"""Signing in as somebody else, for a reason; and the trail of everybody who did."""

from typing import Final

from starlette.responses import RedirectResponse, Response

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.user import OWN, opened, tab
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.impersonation import list_impersonations, request_impersonation
from vestibule.server.identity.memberships import list_active_memberships
from vestibule.server.identity.paging import Page
from vestibule.server.visitor import SEE_OTHER

PATH: Final = "/dashboard/impersonations"
OF_USER: Final = f"{OWN}/impersonations"
MINUTES: Final = (("60", "An hour"), ("30", "Half an hour"), ("15", "15 minutes"), ("5", "5 minutes"))
IN_FORM: Final = {"organization_id_required": "organization_id", "reason_required": "reason"}
AT_ONCE: Final = 25


def show_all(desk: Desk) -> Response:
    found = list_impersonations(desk.identity, _page(desk))
    with desk.identity.store.read() as tx:
        people = tx.users.find_all({each.user_id for each in found.data})
    return desk.page("impersonations.html", found=found, people=people)


def show(desk: Desk, problems: Mistakes = NONE) -> Response:
    user = opened(desk)
    belongs = list_active_memberships(desk.identity, user.id)
    organizations = [(membership.organization_id, name) for membership, name in belongs]
    return tab(
        desk,
        "impersonations.html",
        user,
        problems=problems,
        found=list_impersonations(desk.identity, _page(desk), user_id=user.id),
        organizations=organizations if len(organizations) < 2 else [("", "Choose one"), *organizations],
        minutes=MINUTES,
        values=desk.form,
    )


def begin(desk: Desk) -> Response:
    """On to the page that arms this browser, and from there through the app's own sign-in."""
    user = opened(desk)
    minutes = desk.form.get("minutes", "60")
    try:
        if minutes not in dict(MINUTES):
            raise Invalid.field("minutes", "invalid_duration", "Choose how long it lasts.")
        _, url = request_impersonation(
            desk.identity,
            user.id,
            impersonator_email=desk.insider.user.email,
            reason=desk.form.get("reason", ""),
            organization_id=desk.form.get("organization_id") or None,
            seconds=int(minutes) * 60,
        )
    except REFUSALS as error:
        return show(desk, mistakes(error, IN_FORM))
    return RedirectResponse(url, SEE_OTHER)


def _page(desk: Desk) -> Page:
    return Page(limit=AT_ONCE, before=desk.query("before") or None, after=desk.query("after") or None)


DEEDS: Final = (
    page(PATH, show_all),
    page(OF_USER, show),
    deed(OF_USER, begin, right="support", back=OF_USER, fresh=True),
)

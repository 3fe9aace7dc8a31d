"""The first page: how many people came lately, how, and what kept others out."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.charts import line_chart, share
from vestibule.server.dashboard.deeds import page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.identity.activity import PERIODS, Activity, read_activity
from vestibule.server.identity.event_search import list_acts
from vestibule.server.identity.paging import Page
from vestibule.server.identity.users import list_users

SAID: Final = {"ready": "You are the first owner of this server."}
USUAL_PERIOD: Final = 30
NEWEST: Final = 6
METHODS: Final[Mapping[str, str]] = {
    "password": "Password",
    "magic_auth": "Code by email",
    "passkey": "Passkey",
    "oauth": "Another provider",
    "sso": "Single sign-on",
}
REASONS: Final[Mapping[str, str]] = {
    "invalid_credentials": "Wrong password, or no such account",
    "too_many_requests": "Stopped by a limit",
    "daily_quota_exceeded": "Stopped by a limit for a day",
    "invalid_one_time_code": "Wrong code",
    "one_time_code_expired": "Code was too old",
    "one_time_code_previously_used": "Code was used before",
    "one_time_code_too_many_attempts": "Too many wrong codes",
    "challenge_unknown": "Passkey: page was too old",
    "passkey_unknown": "Passkey is not known here",
    "not_verified": "Passkey: the signature was wrong",
    "unknown": "No reason given",
}


def show(desk: Desk) -> Response:
    days = int(asked) if (asked := desk.query("days")) in map(str, PERIODS) else USUAL_PERIOD
    activity = read_activity(desk.identity, days=days)
    return desk.page(
        "overview.html",
        days=days,
        periods=PERIODS,
        activity=activity,
        quiet=not (activity.sign_ins.now or activity.failures.now or activity.new_users.now),
        chart=_chart(activity),
        reasons=[(REASONS.get(code, code), code, number) for code, number in activity.reasons],
        methods=[(METHODS[method], method, number) for method, number in activity.methods],
        share=share,
        newest=list_users(desk.identity, Page(limit=NEWEST)).data,
        acts=list_acts(desk.identity, limit=NEWEST),
    )


def _chart(activity: Activity) -> object:
    series = [
        ("Sign-ins", [day.sign_ins for day in activity.days]),
        ("New users", [day.new_users for day in activity.days]),
        ("Failures", [day.failures for day in activity.days]),
    ]
    return line_chart(series, [f"{day.date:%-d %b}" for day in activity.days])


DEEDS: Final = (page("/dashboard", show, said=SAID),)

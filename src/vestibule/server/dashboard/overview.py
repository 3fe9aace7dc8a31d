"""The first page: how many people came lately, and how."""

from typing import Final

from starlette.responses import Response

from vestibule.server.dashboard.deeds import page
from vestibule.server.dashboard.desk import Desk

SAID: Final = {"ready": "You are the first owner of this server."}


def show(desk: Desk) -> Response:
    return desk.page("overview.html")


DEEDS: Final = (page("/dashboard", show, said=SAID),)

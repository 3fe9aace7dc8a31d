"""Finding the route of a request among hundreds, each of which takes a microsecond to ask."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

OPEN: Final = "{}"
Start: TypeAlias = tuple[str, ...]


class Branches(Router):
    """A Router that asks only the routes whose first two segments fit, in the order they were given: the
    answer is that of all of them. Raises ValueError for a route that leaves its first segment open."""

    def __init__(self, routes: Sequence[Route], **options: Any) -> None:
        super().__init__(routes, redirect_slashes=False, **options)
        starts = {route.path: _start(route.path) for route in routes}
        if any(start[0] == OPEN for start in starts.values()):
            raise ValueError("a route leaves its first segment open")
        neighbors: dict[str, list[Route]] = {}
        for route in routes:
            neighbors.setdefault(starts[route.path][0], []).append(route)
        self._branches = {
            start: Router(
                [each for each in neighbors[start[0]] if _fits(starts[each.path], start)],
                redirect_slashes=False,
            )
            for start in set(starts.values())
        }
        self._nowhere = Router(redirect_slashes=False)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().app(scope, receive, send)
            return
        scope.setdefault("router", self)
        asked = _start(scope["path"].removeprefix(scope.get("root_path", "")))
        branch = self._branches.get(asked) or self._branches.get((*asked[:-1], OPEN), self._nowhere)
        await branch.app(scope, receive, send)


def _start(path: str) -> Start:
    """The first two segments, with what a route leaves open as `{}`."""
    return tuple(OPEN if "{" in each else each for each in path.split("/", 3)[1:3])


def _fits(route: Start, start: Start) -> bool:
    """Whether a path that begins like this may be the route's."""
    return len(route) == len(start) and all(
        mine in (OPEN, theirs) for mine, theirs in zip(route, start, strict=True)
    )

"""Whether the process lives, and whether it can do its work."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vestibule.server.answers import Answer
from vestibule.server.hops import Hops
from vestibule.server.identity.context import Identity


def routes(identity: Identity, hops: Hops) -> list[Route]:
    async def healthz(request: Request) -> Response:
        """Touches nothing: a database that is down is no reason to restart this process."""
        return Answer(200, {"status": "ok"}).response()

    async def readyz(request: Request) -> Response:
        ready = await hops.run(identity.store.healthy)
        if ready:
            return Answer(200, {"status": "ready"}).response()
        problem = "The database does not answer, or is not migrated: run `vestibule migrate`."
        return Answer(503, {"status": "not ready", "message": problem}, {"retry-after": "5"}).response()

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]

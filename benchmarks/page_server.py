"""A page for who is signed in, or one for everybody, under uvicorn; one line of JSON when ready."""

import json
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from benchmarks.subject import CLIENT_ID, PASSWORD, URL
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.server.serving import bind, port_of
from vestibule.session.config import Config
from vestibule.starlette import Auth, requires


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def app(keys: dict[str, object], **settings: int) -> Starlette:
    private = Route("/private", requires()(hello))
    made = Starlette(routes=[Route("/hello", hello), private])
    config = Config(
        url=URL,
        client_id=CLIENT_ID,
        redirect_uri="http://localhost/callback",
        cookie_passwords=(PASSWORD,),
        **settings,  # type: ignore[arg-type]
    )

    def send(request: HttpRequest) -> HttpResponse:
        return HttpResponse(200, json.dumps(keys).encode())

    Auth(made, config, send=send)
    return made


def main() -> None:
    order = json.loads(sys.stdin.readline())
    sockets = bind("127.0.0.1", 0)
    made = (
        app(order["keys"], **order["settings"])
        if order["protected"]
        else Starlette(routes=[Route("/hello", hello)])
    )
    server = uvicorn.Server(uvicorn.Config(made, http="h11", log_level="warning", access_log=False))
    print(json.dumps({"port": port_of(sockets)}), flush=True)
    server.run(sockets=sockets)


if __name__ == "__main__":
    main()

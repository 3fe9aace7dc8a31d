"""Asking a few routes finds the same one as asking them all."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router

from vestibule.server.api.operation import by_path
from vestibule.server.api.routes import OPERATIONS
from vestibule.server.branches import Branches

SEGMENTS = ["a", "b", "", "x", "{id}", "{rest:path}"]
METHODS = ["GET", "POST", "HEAD"]


def named(path: str, methods: list[str]) -> Route:
    async def tell(request: Request) -> Response:
        return PlainTextResponse(f"{path} {methods} {sorted(request.path_params.items())}")

    return Route(path, tell, methods=methods)


def answer_of(router: Router, method: str, path: str) -> str:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [],
        "query_string": b"",
        "app": router,
    }
    try:
        asyncio.run(router(scope, receive, send))
    except HTTPException as refused:
        return f"{refused.status_code} {sorted(str((refused.headers or {}).get('Allow', '')).split(', '))}"
    return f"{sent[0]['status']} {b''.join(each.get('body', b'') for each in sent).decode()}"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", ""]),
            st.lists(st.sampled_from(SEGMENTS), max_size=3),
            st.lists(st.sampled_from(METHODS), min_size=1, max_size=2),
        ),
        max_size=6,
    ),
    st.lists(st.sampled_from(["a", "b", "", "x", "y/z", "{}", "{id}"]), min_size=1, max_size=4),
    st.sampled_from(METHODS),
)
@settings(max_examples=300, deadline=None)
def test_the_route_is_the_one_a_plain_router_finds(
    given_routes: list[tuple[str, list[str], list[str]]], asked: list[str], method: str
) -> None:
    routes = []
    for first, rest, methods in given_routes:
        kept = [each for number, each in enumerate(rest) if "{" not in each or each not in rest[:number]]
        routes.append(named("/" + "/".join([first, *kept]), methods))
    path = "/" + "/".join(asked)
    plain = Router(routes, redirect_slashes=False)
    assert answer_of(Branches(routes), method, path) == answer_of(plain, method, path)


@pytest.mark.parametrize(
    "path", [*by_path(OPERATIONS), "/user_management/nothing", "/user_management", "/x/y"]
)
def test_every_operation_is_found(path: str) -> None:
    routes = [named(each, list(methods)) for each, methods in by_path(OPERATIONS).items()]
    asked = "/".join("some_id" if each.startswith("{") else each for each in path.split("/"))
    plain, branches = Router(routes, redirect_slashes=False), Branches(routes)
    for method in ("GET", "POST", "DELETE", "TRACE"):
        assert answer_of(branches, method, asked) == answer_of(plain, method, asked)


def test_a_route_for_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="first segment"):
        Branches([named("/{id}", ["GET"])])

"""Redirect URIs: where a sign-in may end. And the addresses of the application itself."""

from typing import Any

from vestibule.server.api.bodies import Body, Line
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import RedirectUriShape, show, show_list
from vestibule.server.identity import redirect_uris

operations = Operations("redirect_uris")


class CreateRedirectUri(Body):
    uri: Line


@operations.get("/user_management/redirect_uris", answers=RedirectUriShape, lists=True)
def list_redirect_uris(call: Call[None]) -> dict[str, Any]:
    """List the registered redirect URIs."""
    found = redirect_uris.list_redirect_uris(call.identity, call.listing.page)
    return show_list(RedirectUriShape, found, call.listing)


@operations.post(
    "/user_management/redirect_uris", body=CreateRedirectUri, answers=RedirectUriShape, status=201
)
def create_redirect_uri(call: Call[CreateRedirectUri]) -> RedirectUriShape:
    """Register a redirect URI; the first one is the default."""
    return show(RedirectUriShape, redirect_uris.create_redirect_uri(call.identity, call.body.uri))


@operations.delete("/user_management/redirect_uris/{id}", status=204)
def delete_redirect_uri(call: Call[None]) -> None:
    """Remove a redirect URI."""
    redirect_uris.delete_redirect_uri(call.identity, call.path["id"])

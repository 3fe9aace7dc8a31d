"""Redirect URIs: where a sign-in may end. And the addresses of the application itself."""

from typing import Any, Literal

from msgspec import Struct

from vestibule.server.api.bodies import Body, Line
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import RedirectUriShape, show, show_list
from vestibule.server.identity import redirect_uris

operations = Operations("redirect_uris")


class CreateRedirectUri(Body):
    uri: Line


class SignOutUriShape(Struct, kw_only=True, rename={"object_": "object"}):
    object_: Literal["sign_out_uri"] = "sign_out_uri"
    id: str
    uri: str
    created_at: str
    updated_at: str


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


@operations.get("/user_management/sign_out_uris", answers=SignOutUriShape, lists=True)
def list_sign_out_uris(call: Call[None]) -> dict[str, Any]:
    """List the addresses that a sign-out may lead to, besides the sign-out redirect and the homepage."""
    found = redirect_uris.list_redirect_uris(call.identity, call.listing.page, kind="sign_out")
    return show_list(SignOutUriShape, found, call.listing)


@operations.post(
    "/user_management/sign_out_uris", body=CreateRedirectUri, answers=SignOutUriShape, status=201
)
def create_sign_out_uri(call: Call[CreateRedirectUri]) -> SignOutUriShape:
    """Register an address for `return_to` or `post_logout_redirect_uri`."""
    made = redirect_uris.create_redirect_uri(call.identity, call.body.uri, kind="sign_out")
    return show(SignOutUriShape, made)


@operations.delete("/user_management/sign_out_uris/{id}", status=204)
def delete_sign_out_uri(call: Call[None]) -> None:
    """Remove one of them."""
    redirect_uris.delete_redirect_uri(call.identity, call.path["id"], kind="sign_out")

"""A guard that was made and forgotten."""

from litestar import Litestar, get

from vestibule.litestar import Auth, requires

for_admins = requires(role="admin")
for_owners = requires(role="owner")


@get("/owned", guards=[for_owners], sync_to_thread=False)
def owned() -> str:
    return "owned"


app = Litestar([owned], plugins=[Auth()], openapi_config=None)

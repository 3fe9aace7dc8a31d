"""The key set: public, cheap, and asked for by some front ends at every request."""

from typing import Any

from vestibule.server.answers import Answer
from vestibule.server.api.operation import Call, Operations
from vestibule.server.identity import keys
from vestibule.server.identity.environment import get_client_id
from vestibule.server.identity.errors import NotFound

operations = Operations("key_set")


@operations.get("/sso/jwks/{client_id}", answers=dict[str, Any], public=True)
def get_key_set(call: Call[None]) -> Answer:
    """The public keys that access tokens are verified with."""
    if call.path["client_id"] != get_client_id(call.identity):
        raise NotFound.of("Client", call.path["client_id"])
    return Answer(200, keys.jwks(call.identity), {"cache-control": "public, max-age=300"})

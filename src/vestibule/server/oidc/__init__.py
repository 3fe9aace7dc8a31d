"""The protocol: authorization, tokens and sign-out, for official front ends and any OpenID client."""

from vestibule.server.oidc.routes import routes

__all__ = ["routes"]

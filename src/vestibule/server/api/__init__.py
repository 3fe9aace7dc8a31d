"""The management API, as the official SDKs call it."""

from vestibule.server.api.routes import routes

__all__ = ["routes"]

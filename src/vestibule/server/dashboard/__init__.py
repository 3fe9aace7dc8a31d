"""The dashboard: what operators see and change, in a browser."""

from vestibule.server.dashboard.routes import routes

__all__ = ["routes"]

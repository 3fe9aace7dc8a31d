"""The hosted pages: what a person sees between an app and its session."""

from vestibule.server.login.routes import routes

__all__ = ["routes"]

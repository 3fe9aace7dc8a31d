"""The account page: what people see and change of what is theirs, at `/account`."""

from vestibule.server.account.routes import routes

__all__ = ["routes"]

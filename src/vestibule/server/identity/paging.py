"""Pages of a list, as callers ask for them and get them."""

from vestibule.server.store.rows import Page, Slice

__all__ = ["Page", "Slice"]

"""Atrium: the small app behind `make dev`. It is what a product looks like once Vestibule guards it."""

from demo.app import app

__all__ = ["app"]

"""What strangers send along, kept short and storable."""

from typing import Final

MAX_LENGTH: Final = 512


def storable(text: str | None) -> str | None:
    """No NUL, which PostgreSQL refuses, no lone surrogate, which is no text, and no novel."""
    if text is None:
        return None
    return text[:MAX_LENGTH].replace("\x00", "").encode("utf-8", "replace").decode()

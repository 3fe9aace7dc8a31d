"""Password hashing, admitted a few at a time: each one takes 19 MiB and a core for a tenth of a second."""

import os
import threading
from typing import Final

from vestibule.crypto import password_hash
from vestibule.server.identity import imported_hashes

SLOTS: Final = os.cpu_count() or 1

slot = threading.BoundedSemaphore(SLOTS)


def hash_password(password: str) -> str:
    """Never inside a transaction: others would wait for it."""
    with slot:
        return password_hash.hash_password(password)


def matches(stored: str | None, password: str) -> bool:
    """Without a stored hash, False after as much work: an unknown account takes as long as a known one. So
    does one whose hash came from elsewhere and is quicker to check; its next sign-in replaces it anyway."""
    with slot:
        if stored is None:
            return password_hash.verify_nobody(password)
        if imported_hashes.is_imported(stored):
            return imported_hashes.matches(stored, password) or password_hash.verify_nobody(password)
        return password_hash.verify_password(stored, password)


def is_outdated(stored: str) -> bool:
    """Whether to hash again now that the password is at hand."""
    return imported_hashes.is_imported(stored) or password_hash.needs_rehash(stored)

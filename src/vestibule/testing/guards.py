"""The guard report as an assertion."""

from collections.abc import Iterable
from typing import Any


def assert_guarded(app: Any, *, allow: Iterable[str] = (), probe: bool = False, session: Any = None) -> None:
    """Raises AssertionError that lists every route without a guard, but those of `allow`; see
    `vestibule audit`."""
    from vestibule.audit.asserting import assert_guarded as check

    check(app, allow=tuple(allow), probe=probe, session=session)

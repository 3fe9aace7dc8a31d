"""What a person or program is told when something goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Safe to show. `retry` is a path of this app where the visitor can try again."""

    status: int
    code: str
    title: str
    message: str
    hint: str = ""
    retry: str | None = None


ErrorPage = Callable[[Problem], str]

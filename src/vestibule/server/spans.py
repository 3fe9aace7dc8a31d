"""Where work begins and ends, for whoever traces it; nothing when nobody does."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, Protocol


class Spans(Protocol):
    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]: ...


class NoSpans:
    """One object for all: not tracing costs a call."""

    _nothing: Final = nullcontext()

    def span(self, name: str, **attributes: str) -> AbstractContextManager[Any]:
        return self._nothing


NO_SPANS: Final = NoSpans()

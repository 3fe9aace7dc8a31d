"""What every rule needs: the database, the settings, the time."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vestibule.flow import Send
from vestibule.server.identity.keyring import Keyring
from vestibule.server.identity.txt_records import TxtRecords, look_up_txt
from vestibule.server.languages import Language
from vestibule.server.settings import Settings
from vestibule.server.spans import NO_SPANS, Spans
from vestibule.server.store.store import Store
from vestibule.server.tally import Tally


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Identity:
    """The first argument of every rule. One for each process; safe to share between threads."""

    store: Store
    settings: Settings = field(repr=False)
    clock: Callable[[], dt.datetime] = utc_now
    txt_records: TxtRecords = field(default=look_up_txt, repr=False, compare=False)
    keyring: Keyring = field(default_factory=Keyring, repr=False, compare=False)
    ask_provider: Send | None = field(default=None, repr=False, compare=False)
    """Asks the providers where people sign in; None: over the network."""
    tally: Tally = field(default_factory=Tally, repr=False, compare=False)
    spans: Spans = field(default=NO_SPANS, repr=False, compare=False)
    actor: Mapping[str, str | None] | None = field(default=None, repr=False, compare=False)
    """Who acts, for the events: an operator in the dashboard. None: an API key, or people for themselves."""
    circumstances: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
    """What the context of every event says besides: from where something was asked, and by whom."""

    language: Language | None = field(default=None, repr=False, compare=False)
    """What whoever asks is reading: for mail to people of whom we know nothing better."""

    @property
    def now(self) -> dt.datetime:
        """Whole milliseconds: what the database keeps, so that a value read back equals the one written."""
        moment = self.clock()
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

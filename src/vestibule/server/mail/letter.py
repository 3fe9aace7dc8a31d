"""A message on its way to somebody."""

import datetime as dt
from dataclasses import dataclass

from vestibule.server.mail.render import Message


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    recipient: str
    written_at: dt.datetime
    message: Message

"""The codes in captured mail."""

import re
from collections.abc import Sequence
from typing import Protocol

CODE = re.compile(r"^Your code is: ([0-9]{6})$", re.MULTILINE)


class Letter(Protocol):
    @property
    def recipient(self) -> str: ...

    @property
    def text(self) -> str: ...


class Codes:
    """By address, the newest one. KeyError says what was mailed instead."""

    def __init__(self, mails: Sequence[Letter]) -> None:
        self._mails = mails

    def __getitem__(self, email: str) -> str:
        for mail in reversed(self._mails):
            found = CODE.search(mail.text) if mail.recipient.lower() == email.lower() else None
            if found is not None:
                return found[1]
        others = sorted({mail.recipient for mail in self._mails})
        raise KeyError(f"No code was mailed to {email}. Mail went to: {', '.join(others) or 'nobody'}.")

    def __contains__(self, email: str) -> bool:
        try:
            return bool(self[email])
        except KeyError:
            return False

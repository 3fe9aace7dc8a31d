"""Magic codes: to sign in with, instead of a password."""

from sqlalchemy import Connection, select

from vestibule.server.store.mailed_codes import MailedCodes
from vestibule.server.store.schema import magic_codes


class MagicCodes(MailedCodes):
    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, magic_codes)

    def bound_to(self, code_id: str) -> bytes | None:
        """The sign-in that asked for the code; None for one that an app asked for."""
        query = select(magic_codes.c.bound_to).where(magic_codes.c.id == code_id)
        return self._connection.execute(query).scalar_one_or_none()

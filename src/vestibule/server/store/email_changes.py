"""Changes of address under way: the code went to the new one."""

from sqlalchemy import Connection

from vestibule.server.store.mailed_codes import MailedCodes
from vestibule.server.store.schema import email_changes


class EmailChanges(MailedCodes):
    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, email_changes)

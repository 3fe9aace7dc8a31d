"""E-mail verifications: codes that prove the address of an account."""

from sqlalchemy import Connection

from vestibule.server.store.mailed_codes import TRIES, MailedCodes
from vestibule.server.store.mailed_codes import StoredCode as StoredVerification
from vestibule.server.store.schema import email_verifications

__all__ = ["TRIES", "StoredVerification", "Verifications"]


class Verifications(MailedCodes):
    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, email_verifications)

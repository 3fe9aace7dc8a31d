"""One transaction's view of the tables: an attribute for each aggregate, made when first asked for."""

from functools import cached_property

from sqlalchemy import Connection

from vestibule.server.store.events import Events
from vestibule.server.store.idempotency import IdempotentRequests
from vestibule.server.store.identities import Identities
from vestibule.server.store.mails import Mails
from vestibule.server.store.passwords import Passwords
from vestibule.server.store.pending import PendingAuthentications
from vestibule.server.store.rates import Rates
from vestibule.server.store.resets import Resets
from vestibule.server.store.users import Users
from vestibule.server.store.verifications import Verifications


class Transaction:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def events(self) -> Events:
        return Events(self.connection)

    @cached_property
    def idempotency(self) -> IdempotentRequests:
        return IdempotentRequests(self.connection)

    @cached_property
    def identities(self) -> Identities:
        return Identities(self.connection)

    @cached_property
    def mails(self) -> Mails:
        return Mails(self.connection)

    @cached_property
    def passwords(self) -> Passwords:
        return Passwords(self.connection)

    @cached_property
    def pending(self) -> PendingAuthentications:
        return PendingAuthentications(self.connection)

    @cached_property
    def rates(self) -> Rates:
        return Rates(self.connection)

    @cached_property
    def resets(self) -> Resets:
        return Resets(self.connection)

    @cached_property
    def users(self) -> Users:
        return Users(self.connection)

    @cached_property
    def verifications(self) -> Verifications:
        return Verifications(self.connection)

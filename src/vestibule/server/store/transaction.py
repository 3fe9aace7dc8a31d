"""One transaction's view of the tables: an attribute for each aggregate, made when first asked for."""

from sqlalchemy import Connection


class Transaction:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

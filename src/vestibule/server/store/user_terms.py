"""What a user is found by while somebody types: a row for each word, so that no extension is needed.

The words are those of the names and the address, without case and accents; `@` begins the address's domain.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, delete, insert

from vestibule.server.store.schema import user_terms
from vestibule.server.store.upsert import insert_into

OF: Final = frozenset({"email", "first_name", "last_name", "name"})
"""The columns of a user that the words are made of."""
MOST: Final = 12
LONGEST: Final = 64
LAST: Final = "\U0010ffff"
INSERT: Final = insert(user_terms)


def fold(text: str) -> str:
    """`José` and `jose` are the same to whoever searches."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def terms_of(user: Mapping[str, Any]) -> list[str]:
    email = fold(user["email"])
    names = [user.get(column) or "" for column in ("first_name", "last_name", "name")]
    words = fold(" ".join(names).replace("-", " ")).split()
    domain = "@" + email.rpartition("@")[2]
    return [term[:LONGEST] for term in dict.fromkeys((email, domain, *words))][:MOST]


def beginning_with(column: Any, start: str) -> Any:
    """A range of the index: neither database needs to know that it is a beginning."""
    return (column >= start) & (column < start + LAST)


def add_terms(connection: Connection, users: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Of new users, each its id and columns."""
    rows = [{"term": term, "user_id": user_id} for user_id, user in users for term in set(terms_of(user))]
    connection.execute(INSERT, rows)


def set_terms(connection: Connection, user_id: str, user: Mapping[str, Any]) -> None:
    """Of a user that has changed: rows that stay are not written again."""
    terms = set(terms_of(user))
    gone = delete(user_terms).where(user_terms.c.user_id == user_id, user_terms.c.term.not_in(terms))
    connection.execute(gone)
    rows = [{"term": term, "user_id": user_id} for term in terms]
    connection.execute(insert_into(connection, user_terms).values(rows).on_conflict_do_nothing())

"""What an application may do, in sentences for whoever allows it."""

from collections.abc import Iterable
from typing import Final

from vestibule.server.languages import mark
from vestibule.server.visitor import Visitor

SENTENCES: Final = {
    "openid": mark("Recognize you when you come back"),
    "profile": mark("See your name, your picture and your language"),
    "email": mark("See your email address"),
    "offline_access": mark("Keep this access while you are away, until you take it back"),
}


def scopes_in_words(visitor: Visitor, scopes: Iterable[str]) -> list[str]:
    """Those of people in the visitor's language; permissions by the names that the operator gave them."""
    said = []
    with visitor.identity.store.read() as tx:
        for scope in scopes:
            if scope in SENTENCES:
                said.append(visitor.say(SENTENCES[scope]))
            else:
                permission = tx.permissions.find(scope)
                said.append(scope if permission is None else permission.description or permission.name)
    return said

"""Our answers as Django's, and our headers on Django's answers."""

from collections.abc import Sequence
from http.cookies import Morsel

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from vestibule.session.reply import Reply, merge_headers

Lines = Sequence[tuple[str, str]]


class Redirect(HttpResponse):
    """Django's own would refuse long addresses, such as one that begins a sign-in may be."""

    @property
    def url(self) -> str:
        """What Django's test client follows."""
        return self.headers["Location"]


def response_of(reply: Reply) -> HttpResponse:
    return response(reply.status, reply.headers, reply.body)


def response(status: int, headers: Lines, body: bytes) -> HttpResponse:
    moved = any(name.lower() == "location" for name, _ in headers)
    made = (Redirect if moved else HttpResponse)(body, status=status)
    del made.headers["Content-Type"]
    put(made, headers)
    return made


def put(response: HttpResponseBase, lines: Lines) -> None:
    """The headers of a visit on whatever the app answers, as `merge_headers` says."""
    cookies = [value for name, value in lines if name.lower() == "set-cookie"]
    others = [(name, value) for name, value in lines if name.lower() != "set-cookie"]
    if others:
        for name, value in merge_headers(response.headers.items(), others):
            response.headers[name] = value
    morsels = [_morsel(line) for line in cookies]
    for number, morsel in enumerate(morsels):
        # Django writes every entry, whatever it is called: two lines for one name (a host-only cookie and one
        # of the domain) stand side by side, the last one under the name itself.
        later = sum(each.key == morsel.key for each in morsels[number + 1 :])
        key = morsel.key + "+" * later
        response.cookies.pop(key, None)
        dict.__setitem__(response.cookies, key, morsel)


def _morsel(line: str) -> "Morsel[str]":
    """A fresh one: Django's `set_cookie` leaves attributes of an earlier one of that name in place."""
    (name, _, value), *attributes = (part.partition("=") for part in line.split("; "))
    morsel: Morsel[str] = Morsel()
    morsel.set(name, value, value)
    for attribute, equals, text in attributes:
        morsel[attribute.lower()] = text if equals else True
    return morsel

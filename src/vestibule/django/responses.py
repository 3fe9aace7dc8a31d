"""Our answers as Django's, and our headers on Django's answers."""

from collections.abc import Iterable
from http.cookies import Morsel

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from vestibule.session.reply import Reply, merge_headers

Lines = Iterable[tuple[str, str]]


def response_of(reply: Reply) -> HttpResponse:
    response = HttpResponse(reply.body, status=reply.status)
    del response.headers["Content-Type"]
    for name, value in merge_headers((), reply.headers):
        response.headers[name] = value
    return response


def put(response: HttpResponseBase, lines: Lines) -> None:
    """The headers of a visit on whatever the app answers, as `merge_headers` says."""
    cookies = [value for name, value in lines if name.lower() == "set-cookie"]
    others = [(name, value) for name, value in lines if name.lower() != "set-cookie"]
    if others:
        for name, value in merge_headers(response.headers.items(), others):
            response.headers[name] = value
    ours: set[str] = set()
    for line in reversed(cookies):
        morsel = _morsel(line)
        # The last line of a name stands under it. Django writes every entry, whatever it is called, so
        # another line for the same cookie (one host-only, one of the domain) stands beside it.
        key = morsel.key
        while key in ours:
            key += "+"
        ours.add(key)
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

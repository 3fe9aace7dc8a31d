"""A context processor: `vestibule.django.context.auth` gives templates `auth`, which is `request.auth`."""

from django.http import HttpRequest

from vestibule.django.requests import RequestAuth, entry_of


def auth(request: HttpRequest) -> dict[str, RequestAuth]:
    return {"auth": entry_of(request)}

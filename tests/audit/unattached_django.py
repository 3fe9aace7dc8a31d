"""A guard that was made and forgotten."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from vestibule.django import requires

for_admins = requires(role="admin")
for_owners = requires(role="owner")


@for_owners
def owned(request: HttpRequest) -> HttpResponse:
    return HttpResponse("owned")


urlpatterns = [path("owned/", owned)]

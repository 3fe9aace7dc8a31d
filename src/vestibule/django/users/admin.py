"""The admin's door: with a `UserBackend`, people come in by our sign-in and leave by our sign-out."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from vestibule.django.bridge import backend
from vestibule.django.installation import get_auth
from vestibule.django.requests import entry_of
from vestibule.django.responses import response_of
from vestibule.django.users.models import Identity
from vestibule.session.reply import Reply
from vestibule.session.return_path import sanitize_return_path


def take_over(site: admin.AdminSite) -> None:
    """For an admin site of your own; `admin.site` has it already. Before its `urls` are read."""
    own_login, own_logout = site.login, site.logout

    def login(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        if not _is_ours():
            return own_login(request, extra_context)
        return _enter(site, request)

    def logout(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        if not _is_ours():
            return own_logout(request, extra_context)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return response_of(Reply.redirect(entry_of(request).sign_out()))

    site.login, site.logout = login, logout  # type: ignore[assignment]


def _enter(site: admin.AdminSite, request: HttpRequest) -> HttpResponseBase:
    if site.has_permission(request):
        home = reverse("admin:index", current_app=site.name)
        return HttpResponseRedirect(sanitize_return_path(request.GET.get("next"), home))
    reply = entry_of(request).guard(get_auth().staff)
    if reply is not None:
        return response_of(reply)
    raise PermissionDenied("Signed in, but not staff of this site.")


def _is_ours() -> bool:
    return backend() is not None and get_auth().admin


@admin.register(Identity)
class IdentityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("subject", "user")
    search_fields = ("subject",)
    raw_id_fields = ("user",)


take_over(admin.site)

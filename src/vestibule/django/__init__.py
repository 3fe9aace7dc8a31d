"""Sign-in for Django.

MIDDLEWARE += ["vestibule.django.AuthMiddleware"]                      # settings.py
VESTIBULE = {"url": …, "client_id": …, "cookie_passwords": […]}        # or the environment

urlpatterns = [path("auth/", include("vestibule.django"))]             # urls.py

@requires(permission="invoices:read")
def invoices(request):
    return render(request, "invoices.html", {"who": request.auth.session.user})

path("admin/", requires(role="admin")(include("shop.admin_urls")))     # a group of views


In INSTALLED_APPS, `vestibule.django` adds system checks and template tags, `vestibule.django.users` what
`UserBackend` needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vestibule.django.guards import RequiresMixin, public, requires
    from vestibule.django.installation import Auth, get_auth
    from vestibule.django.middleware import AuthMiddleware
    from vestibule.django.requests import Request, RequestAuth
    from vestibule.django.urls import app_name, urlpatterns
    from vestibule.django.users.backend import UserBackend

__all__ = [
    "Auth",
    "AuthMiddleware",
    "Request",
    "RequestAuth",
    "RequiresMixin",
    "UserBackend",
    "app_name",
    "get_auth",
    "public",
    "requires",
    "urlpatterns",
]

# Loaded when asked for: Django reads this package before its models may be imported.
_PLACES = {
    "Auth": "installation",
    "AuthMiddleware": "middleware",
    "Request": "requests",
    "RequestAuth": "requests",
    "RequiresMixin": "guards",
    "UserBackend": "users.backend",
    "app_name": "urls",
    "get_auth": "installation",
    "public": "guards",
    "requires": "guards",
    "urlpatterns": "urls",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
        return globals().setdefault(name, found)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})

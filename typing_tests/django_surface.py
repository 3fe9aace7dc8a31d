"""What an editor shows to the author of a Django project: a guard keeps the signature of what it guards."""

from typing import assert_type

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views import View

from vestibule import requirement
from vestibule.django import Auth, Request, RequestAuth, RequiresMixin, get_auth, public, requires
from vestibule.session.model import Session


def home(request: Request) -> HttpResponse:
    assert_type(request.auth, RequestAuth)
    session = request.auth.session
    assert_type(session, Session | None)
    return HttpResponse(session.user.email if session else "stranger")


@requires(permission="invoices:read")
def invoice(request: Request, number: int) -> HttpResponse:
    assert_type(request.auth.refresh(organization_id="org_1"), Session)
    assert_type(request.auth.sign_out(return_to="/"), str)
    return HttpResponse(str(number))


@requires(role="admin")
async def report(request: Request) -> HttpResponse:
    assert_type(await request.auth.aload(), Session | None)
    assert_type(await request.auth.aswitch_organization("org_1"), Session)
    return HttpResponse()


@public
def about(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class People(RequiresMixin, View):
    requirement = requirement(role="admin") & requirement(recent=600)


@requires()
class Account(View):
    async def get(self, request: Request) -> HttpResponse:
        return HttpResponse()


async def call(request: Request) -> None:
    assert_type(invoice(request, number=1), HttpResponse)
    assert_type(await report(request), HttpResponse)
    assert_type(about(request), HttpResponse)
    assert_type(get_auth(), Auth)
    assert_type(get_auth().sign_in_url(return_to="/me"), str)


urlpatterns = [
    path("people", People.as_view()),
    path("account", Account.as_view()),
    path("admin/", requires(role="admin")(include("shop.admin_urls"))),
    path("auth/", include("vestibule.django")),
]

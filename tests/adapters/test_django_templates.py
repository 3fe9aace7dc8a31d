"""`{% load vestibule %}` and the context processor."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.test.utils import override_settings
from django.urls import path

from tests.adapters.django_app import rig_of
from tests.adapters.rigs import Rig
from vestibule.django import Request
from vestibule.testing import sign_in


def page(source: str) -> Rig:
    def view(request: Request) -> HttpResponse:
        from django.template import RequestContext

        return HttpResponse(Template(f"{{% load vestibule %}}{source}").render(RequestContext(request)))

    return rig_of(path("x", view))


def test_links_carry_where_to_come_back_to_and_who() -> None:
    source = "{% sign_in_url return_to=request.path login_hint='a&b@example.com' organization_id=None %}"
    assert page(source).get("/x").text == (
        "/auth/sign-in?return_to=%2Fx&amp;login_hint=a%26b%40example.com"
    )  # fmt: skip
    assert page("{% sign_up_url %} {% sign_out_url return_to='/bye' %}").get("/x").text == (
        "/auth/sign-up /auth/sign-out?return_to=%2Fbye"
    )  # fmt: skip


def test_a_link_begins_nothing_when_it_is_only_shown() -> None:
    assert page("{% sign_in_url %}").open("/x").set_cookies == []


def test_links_are_below_what_the_app_is_mounted_under() -> None:
    with override_settings(FORCE_SCRIPT_NAME="/below"):
        assert page("{% sign_in_url %}").get("/x").text == "/below/auth/sign-in"


def test_a_guard_takes_the_words_of_requires_and_variables() -> None:
    rig = page("{% guard permission=wanted|default:'a' role='admin' %}yes{% else %}no{% endguard %}")
    assert rig.get("/x").text == "no"
    sign_in(rig.client, auth=rig.auth, permissions=["a"], role="admin")
    assert rig.get("/x").text == "yes"
    sign_in(rig.client, auth=rig.auth, permissions=["a"])
    assert rig.get("/x").text == "no"


@pytest.mark.parametrize(
    "source", ["{% guard permisson='a' %}{% endguard %}", "{% guard 'a' %}{% endguard %}", "{% guard %}"]
)
def test_a_guard_that_says_nothing_sensible_is_no_template(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template(f"{{% load vestibule %}}{source}")


def test_the_banner_has_the_nonce_of_a_content_security_policy() -> None:
    rig = page("{% impersonation_banner nonce='abc' %}")
    assert rig.get("/x").text == ""
    sign_in(rig.client, auth=rig.auth, impersonator="grace@example.com")
    assert '<style nonce="abc">' in rig.get("/x").text
    assert "grace@example.com" in rig.get("/x").text


def test_a_template_without_a_request_is_told_so() -> None:
    with pytest.raises(TemplateSyntaxError, match="request"):
        Template("{% load vestibule %}{% sign_in_url %}").render(Context())


def test_an_outage_while_a_page_is_made_is_a_503() -> None:
    rig = page("{% impersonation_banner %}")
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    assert rig.open("/x").status == 503


def test_a_template_that_is_rendered_late_is_still_in_time_for_the_cookie() -> None:
    from django.template.response import TemplateResponse

    def view(request: HttpRequest) -> TemplateResponse:
        return TemplateResponse(request, "greeting.html")

    rig = rig_of(path("x", view))
    sign_in(rig.client, auth=rig.auth, email="ada@example.com", expires_in=-1)
    answer = rig.get("/x")
    assert "Hello ada@example.com" in answer.text
    assert len(answer.session_cookies()) == 1


def test_a_page_rendered_with_the_request_alone_knows_who_is_there() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(render_to_string("greeting.html", request=request))

    rig = rig_of(path("x", view))
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    assert "Hello ada@example.com" in rig.get("/x").text

import re
from base64 import b64encode
from hashlib import sha256

from vestibule.session.pages import ANYWHERE, problem_page, security_headers, sign_out_page
from vestibule.session.problems import Problem

HOSTILE = '"><script>alert(1)</script>'


def test_everything_from_outside_is_escaped() -> None:
    problem = Problem(status=400, code=HOSTILE, title=HOSTILE, message=HOSTILE, hint=HOSTILE, retry=HOSTILE)
    for page in (problem_page(problem), sign_out_page(action=HOSTILE, return_to=HOSTILE, home=HOSTILE)):
        assert "<script" not in page
        assert '"><' not in page.replace('lang="en"><head>', "").replace('"><main>', "").replace('">', '"\n>')


def test_the_policy_allows_the_page_s_own_style_and_nothing_else() -> None:
    page = problem_page(Problem(status=400, code="x", title="t", message="m"))
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    policy = dict(security_headers())["Content-Security-Policy"]
    assert len(style) == 1
    assert f"'sha256-{b64encode(sha256(style[0].encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "form-action 'none'" in policy
    assert (
        f"form-action {ANYWHERE}" in dict(security_headers(form_action=ANYWHERE))["Content-Security-Policy"]
    )


def test_a_problem_without_hint_or_second_try_shows_neither() -> None:
    page = problem_page(Problem(status=400, code="x", title="t", message="m"))
    assert "<a " not in page
    assert 'class="hint"' not in page
    full = problem_page(Problem(status=400, code="x", title="t", message="m", hint="h", retry="/again"))
    assert '<a href="/again">Try again</a>' in full
    assert '<p class="hint">h</p>' in full


def test_a_page_works_on_a_phone_in_the_dark_and_for_a_reader() -> None:
    page = sign_out_page(action="/auth/sign-out", return_to=None, home="/")
    assert '<html lang="en">' in page
    assert 'name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert page.count("<h1>") == 1
    assert 'type="hidden"' not in page

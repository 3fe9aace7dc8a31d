import json

import pytest

from vestibule.session.reply import NO_STORE, VARY, Reply, merge_headers

COOKIE = ("Set-Cookie", "a=b; Path=/")


def test_an_error_for_programs() -> None:
    reply = Reply.json(401, "signed_out", "Sign in first.", reason="expired")
    assert json.loads(reply.body) == {
        "error": {"code": "signed_out", "message": "Sign in first.", "reason": "expired"}
    }
    assert NO_STORE in reply.headers


def test_half_a_surrogate_pair_in_foreign_text_harms_nothing() -> None:
    assert json.loads(Reply.json(400, "x", "\ud83d").body)["error"]["message"] == "?"
    assert b"?" in Reply.page(400, "\ud83d").body


def test_nothing_from_the_visit_leaves_the_app_s_headers_alone() -> None:
    app = [("Cache-Control", "public"), ("Vary", "Accept")]
    assert merge_headers(app, []) == app


def test_the_visit_decides_about_caching_and_joins_vary() -> None:
    app = [("Content-Type", "text/html"), ("cache-control", "public"), ("vary", "Accept, cookie"), COOKIE]
    merged = merge_headers(app, [("Set-Cookie", "c=d"), NO_STORE, VARY])
    assert merged == [
        ("Content-Type", "text/html"),
        COOKIE,
        ("Set-Cookie", "c=d"),
        NO_STORE,
        ("Vary", "Accept, Cookie"),
    ]


@pytest.mark.parametrize("vary", ["*", "Accept, *"])
def test_a_response_that_varies_on_everything_keeps_doing_so(vary: str) -> None:
    assert ("Vary", "*") in merge_headers([("Vary", vary)], [NO_STORE, VARY])


def test_headers_without_vary_are_appended() -> None:
    assert merge_headers([("Vary", "Accept")], [COOKIE]) == [("Vary", "Accept"), COOKIE]

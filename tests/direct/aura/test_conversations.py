"""The recorded conversations with Aura's handlers, held with ours: what came back, part by part, is the same,
but for the parts listed here with the reason."""

from typing import Any

import pytest

from tests.direct.aura.aura_vectors import cases, vectors
from tests.direct.aura.replaying import differences, replay, replay_callback
from tests.direct.aura.stage import HTTP, Stage
from vestibule.oauth import ProfileMap

ALL = {"status", "body", "location", "cookies"}
ANSWER = {"status", "body"}
WORD = {"body"}
# By the id of a recording, or the beginning of several. What each test of a finding shows in full is in
# test_findings.py.
DIFFERENCES: dict[str, tuple[set[str], str]] = {
    "flow_05_callback": (ALL, "its cookies are of a sign-in begun with Aura: see the group `callback`"),
    "flow_08_patch": (WORD, "F: the session of a fixed length is not made longer"),
    "flow_10_connected": (WORD, "a token of Aura does not say which provider it is from"),
    "flow_11_tokens": (ANSWER, "scripts get no tokens of providers unless the app says so"),
    "signin_redirect_false_undefined": (WORD, "`undefined` was not given"),
    "signin_redirect_false_evil_echoed": (WORD, "an address is judged before it is written down"),
    "signin_https_base_http_request": ({*ANSWER, "location"}, "J: the settings say where the app is"),
    "signin_bad_percent": (ANSWER, "a name that cannot be read is no provider, and no fault of ours"),
    "ratelimit_signin_11": (ANSWER, "beginning a sign-in costs nothing: there is nothing to limit"),
    "ratelimit_signin_12": (ANSWER, "likewise"),
    "ratelimit_signin_next_window_start": (ANSWER, "likewise"),
    "patch_ratelimit_11": ({*ANSWER, "cookies"}, "a change of one's own name is not limited"),
    "patch_default_redirect_referer": ({*ANSWER, "location"}, "G: a script stays on its page"),
    "patch_email_any": (WORD, "I: no browser says which address is its own"),
    "patch_no_body": (ANSWER, "422, for it is the request that is wrong"),
    "patch_not_json": (ANSWER, "likewise"),
    "patch_redirect_false_undefined": (WORD, "`undefined` was not given; and F"),
    **dict.fromkeys(
        (
            "patch_name",
            "patch_redirectTo",
            "patch_redirect_false_redirectTo",
            "patch_sub_ignored",
            "patch_extra_field",
            "patch_null_name",
            "patch_expires_longer",
            "patch_empty_object",
            "patch_ratelimit_01",
        ),
        (WORD, "F: the session of a fixed length is not made longer"),
    ),
    "signout_redirect_false_undefined": (WORD, "`undefined` was not given"),
    "signout_default_referer": ({*ANSWER, "location"}, "G: a script stays on its page"),
    "signout_no_hint": ({*ANSWER, "cookies"}, "there is one kind of token to end, so no hint is needed"),
    "signout_form_body": ({*ANSWER, "cookies"}, "a hint in a form is read"),
    "signout_json_empty_body": ({*ANSWER, "cookies"}, "nothing is said in the body, so it may be empty"),
    "signout_expired_session": ({"cookies"}, "the cookie of an expired session goes"),
    "route_wrong_method_": (ANSWER, "405 with Allow"),
    "route_all_delete_unknown": (ANSWER, "405 with Allow"),
    **dict.fromkeys(
        ("route_all_put", "route_all_head", "route_all_options"),
        (WORD, "a 405 is JSON like every other answer"),
    ),
    "providers_connected_yes": (WORD, "a token of Aura does not say which provider it is from"),
    "providers_tokens_not_connected": ({"status"}, "scripts get no tokens of providers: 403"),
    "providers_tokens_refresh": (ANSWER, "likewise; Aura keeps them in a cookie of its own"),
    "providers_user_refresh": ({*ANSWER, "cookies"}, "Aura keeps the tokens in a cookie of its own"),
    "providers_revoke": (ANSWER, "likewise"),
    "callback_code_": (ANSWER, "one answer for a callback without a code"),
    "callback_error_access_denied": (ANSWER, "H: what the provider says is told"),
    "callback_error_with_code": (ALL, "H: an error is an error, with a code beside it too"),
    "callback_missing_cookie_": (WORD, "our one cookie is there or is not"),
    "callback_cookie_redirect_to_evil": (ALL, "H: what a sign-in remembers is sealed, and cannot be changed"),
    "callback_cookie_redirect_to_relative": ({"location"}, "H: likewise"),
    "callback_other_provider_mixup": (ALL, "H: a sign-in ends where it was begun"),
    "callback_token_http_400": (ANSWER, "a code that is not taken is no fault of the provider"),
    "callback_token_200_error": (ANSWER, "likewise"),
    "callback_token_form_encoded": (ALL, "some providers answer so, and it can be read"),
    "callback_token_expires_string": (ALL, "likewise"),
    "callback_token_mac_type": (ALL, "a token of an unknown kind is no bearer token"),
    "callback_userinfo_401": (WORD, "our own word for it"),
    "callback_userinfo_error_json": (WORD, "our own word for it"),
    "callback_userinfo_no_id": (WORD, "our own word for it"),
    "callback_userinfo_numeric_id": (ALL, "H: numbers are ids too"),
    "callback_userinfo_bad_email": (ALL, "an address that is none keeps nobody out, and proves nothing"),
    "callback_oidc_sub_differs_from_userinfo": (ALL, "H: OpenID Connect Core 5.3.2"),
    "callback_replay_second": (ALL, "H: the cookie has served"),
    "callback_after_5_minutes": (set(), "ten minutes with us, held by the server"),
}
# Addresses that are not ours belong to the app, and so does its 404; HEAD has no body in either.
THE_APPS = {
    "route_unknown_path",
    "route_base_only",
    "route_wrong_base",
    "route_session_trailing_slash",
    "route_case",
}
# Settings that we have no use for, or that are the app server's: proxies are its own business.
NO_SUCH_SETTING = {"prefix", "prefix_https", "nobase", "proxy", "strict"}
REPLAYED = [each for each in cases("http", "cases") if each.values[0]["server_config"] not in NO_SUCH_SETTING]
CALLBACKS = [each for each in REPLAYED if each.values[0]["group"] == "callback"]
OTHERS = [each for each in REPLAYED if each.values[0]["group"] != "callback"]


def expected(name: str) -> set[str]:
    several = (parts for each, parts in DIFFERENCES.items() if each.endswith("_") and name.startswith(each))
    return (DIFFERENCES.get(name) or next(several, (set(), "")))[0]


@pytest.mark.parametrize("case", OTHERS)
def test_a_request_is_answered_as_aura_answers_it(case: dict[str, Any]) -> None:
    stage = Stage(case["server_config"])
    answer = replay(stage, case)
    if case["id"] in THE_APPS:
        assert (answer.status, answer.body) == (404, b"")
        return
    assert differences(case, answer) == expected(case["id"])


@pytest.mark.parametrize("case", CALLBACKS)
def test_a_callback_ends_as_with_aura(case: dict[str, Any]) -> None:
    stage = Stage(case["server_config"], settings={"subject": _subject(case)})
    answer = replay_callback(stage, case)
    if case["id"] == "callback_replay_second":
        answer = replay_callback_again(stage, case)
    assert differences(case, answer) == expected(case["id"])


def replay_callback_again(stage: Stage, case: dict[str, Any]) -> Any:
    """The first time it has served: its cookie is gone, and somebody is signed in."""
    assert not any(name.startswith("vestibule-oauth-") for name in stage.jar)
    stage.jar.clear()
    return stage.ask("GET", case["request"]["url"], headers={"accept": "*/*"})


def _subject(case: dict[str, Any]) -> ProfileMap | None:
    """Aura looks for an id under many names; ours looks under the one that the provider's data says."""
    calls = case.get("provider_calls") or [{}]
    by_sub = '"sub"' in calls[-1].get("reply", {}).get("body", "")
    return ProfileMap(subject=("sub",), name=("nickname",), email_proof="none") if by_sub else None


def test_every_recording_is_looked_at() -> None:
    assert len(HTTP["cases"]) == 227
    left_out = [case["id"] for case in HTTP["cases"] if case["server_config"] in NO_SUCH_SETTING]
    assert len(left_out) == 7
    ids = [case["id"] for case in HTTP["cases"]]
    assert set(ids) >= THE_APPS
    assert all(any(name.startswith(each) for name in ids) for each in DIFFERENCES)


LIFE = vectors()["client"]["against_real_handlers"]
# As in DIFFERENCES: what the client does is the same, and so is what it gets, but for these.
IN_LIFE = {
    "client.updateSession": (WORD, "`undefined` was not given"),
    "client.revokeToken('fake')": (set(), ""),
    "client.disconnectProvider('fake')": (ANSWER, "tokens that are gone are no reason to say no"),
}


def test_auras_client_lives_a_whole_session_with_us() -> None:
    """Each request that its unmodified client made, in order, with the cookies and the pair of ours."""
    stage = Stage(settings={"keep_tokens": True, "browser_provider_tokens": True})
    pair, state = "", ""
    for step in LIFE:
        for exchange in step["http"]:
            request, recorded = exchange["request"], exchange["response"]
            url = (
                f"{request['url'].partition('state=')[0]}state={state}"
                if "state=" in request["url"]
                else None
            )
            csrf = {"x-csrf-token": pair} if request["method"] != "GET" or "tokens" in request["url"] else {}
            answer = stage.ask(request["method"], url or request["url"], headers=csrf, body=request["body"])
            if answer.location and "state=" in answer.location:
                state = answer.location.partition("state=")[2].partition("&")[0]
            assert answer.status == recorded["status"] or step["step"] in IN_LIFE, step["step"]
            if answer.body.startswith(b'{"csrfToken"'):
                pair = answer.json["csrfToken"]
            else:
                _compare(step["step"], answer.json, recorded["body"])


def _compare(step: str, ours: Any, theirs: Any) -> None:
    ours = {name: value for name, value in ours.items() if name != "authenticated"}
    if step == "client.getAccessToken('fake')":
        assert "refreshToken" not in ours["tokens"]
        assert ours["tokens"]["accessToken"] == theirs["tokens"]["accessToken"]
    elif step == "browser follows signInURL":
        assert ours["success"] is ours["redirect"] is True
    elif step not in IN_LIFE:
        assert ours == theirs, step

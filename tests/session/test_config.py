import logging
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from vestibule.crypto.jwt import OptionalAudience
from vestibule.errors import ConfigError
from vestibule.session.config import Config, variable_names

PASSWORD = secrets.token_urlsafe(32)
OTHER = secrets.token_urlsafe(32)
GOOD = {
    "VESTIBULE_URL": "https://id.example.com",
    "VESTIBULE_CLIENT_ID": "client_1",
    "VESTIBULE_API_KEY": "sk_test_1",
    "VESTIBULE_REDIRECT_URI": "https://app.example.com/callback",
    "VESTIBULE_COOKIE_PASSWORD": PASSWORD,
}


def config(**settings: object) -> Config:
    given = {
        "url": "https://id.example.com",
        "client_id": "client_1",
        "redirect_uri": "https://app.example.com/callback",
        "cookie_passwords": (PASSWORD,),
        **settings,
    }
    return Config(**given)  # type: ignore[arg-type]


def problems(**settings: object) -> str:
    with pytest.raises(ConfigError) as caught:
        config(**settings)
    return "\n".join(caught.value.problems)


def test_the_environment_is_read() -> None:
    read = Config.from_env(GOOD)
    assert (read.url, read.client_id, read.api_key) == ("https://id.example.com", "client_1", "sk_test_1")
    assert read.cookie_passwords == (PASSWORD,)
    assert (read.cookie_name, read.cookie_max_age, read.prefix) == ("wos-session", 34_560_000, "/auth")


def test_the_javascript_names_work_unchanged() -> None:
    read = Config.from_env(
        {
            "WORKOS_CLIENT_ID": "client_1",
            "WORKOS_API_KEY": "sk_1",
            "NEXT_PUBLIC_WORKOS_REDIRECT_URI": "http://localhost:3000/callback",
            "WORKOS_COOKIE_PASSWORD": PASSWORD,
            "WORKOS_COOKIE_MAX_AGE": "600",
            "WORKOS_COOKIE_SAMESITE": "strict",
            "WORKOS_COOKIE_DOMAIN": "localhost",
            "WORKOS_ISSUER": "https://a.example, https://b.example",
        }
    )
    assert read.url == "https://api.workos.com"
    assert read.redirect_uri == "http://localhost:3000/callback"
    assert (read.cookie_max_age, read.cookie_same_site, read.cookie_domain) == (600, "strict", "localhost")
    assert read.issuers == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    "name", ["WORKOS_COOKIE_SAME_SITE", "WORKOS_COOKIE_SAMESITE", "VESTIBULE_COOKIE_SAMESITE"]
)
def test_both_spellings_of_same_site(name: str) -> None:
    assert Config.from_env({**GOOD, name: "none"}).cookie_same_site == "none"


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({"WORKOS_API_HOSTNAME": "id.example.com"}, "https://id.example.com"),
        (
            {"WORKOS_API_HOSTNAME": "localhost", "WORKOS_API_PORT": "8100", "WORKOS_API_HTTPS": "false"},
            "http://localhost:8100",
        ),
        ({"WORKOS_API_HOSTNAME": "localhost", "WORKOS_API_HTTPS": "TRUE"}, "http://localhost"),
        ({"WORKOS_API_PORT": "8443", "WORKOS_API_HTTPS": "true"}, "https://api.workos.com:8443"),
        ({}, "https://api.workos.com"),
    ],
)
def test_the_three_variables_of_the_javascript_libraries_make_the_url(
    variables: dict[str, str], url: str
) -> None:
    rest = {key: value for key, value in GOOD.items() if key != "VESTIBULE_URL"}
    assert Config.from_env({**rest, **variables}).url == url


def test_vestibule_beats_workos_beats_defaults_beats_built_in() -> None:
    assert Config.from_env(GOOD, cookie_name="from-code").cookie_name == "from-code"
    assert Config.from_env({**GOOD, "WORKOS_COOKIE_NAME": "w"}, cookie_name="from-code").cookie_name == "w"
    both = {**GOOD, "WORKOS_COOKIE_NAME": "w", "VESTIBULE_COOKIE_NAME": "v"}
    assert Config.from_env(both, cookie_name="from-code").cookie_name == "v"


def test_only_the_redirect_uri_given_in_code_wins_over_the_environment() -> None:
    read = Config.from_env(GOOD, redirect_uri="https://preview.example.com/callback")
    assert read.redirect_uri == "https://preview.example.com/callback"


def test_an_empty_variable_counts_as_unset() -> None:
    assert Config.from_env({**GOOD, "VESTIBULE_COOKIE_NAME": " "}).cookie_name == "wos-session"
    assert Config.from_env({**GOOD, "VESTIBULE_API_KEY": ""}, api_key="sk_code").api_key == "sk_code"


def test_several_passwords_read_all_and_write_the_first() -> None:
    read = Config.from_env({**GOOD, "VESTIBULE_COOKIE_PASSWORDS": f"{OTHER}\n {PASSWORD}"})
    assert read.cookie_passwords == (OTHER, PASSWORD)
    rest = {key: value for key, value in GOOD.items() if key != "VESTIBULE_COOKIE_PASSWORD"}
    assert Config.from_env(rest, cookie_passwords=OTHER).cookie_passwords == (OTHER,)


def test_a_tool_of_the_same_maker_does_not_leak_into_the_settings() -> None:
    assert variable_names("home") == ("VESTIBULE_HOME",)
    assert Config.from_env({**GOOD, "WORKOS_HOME": "/elsewhere"}).home == "/"


def test_two_values_for_one_setting_warn_once(caplog: pytest.LogCaptureFixture) -> None:
    variables = {**GOOD, "WORKOS_CLIENT_ID": "client_2"}
    with caplog.at_level(logging.WARNING, "vestibule"):
        assert Config.from_env(variables).client_id == "client_1"
        Config.from_env(variables)
    assert [each.message for each in caplog.records] == [
        "config.two_values: VESTIBULE_CLIENT_ID and WORKOS_CLIENT_ID differ; VESTIBULE_CLIENT_ID is used"
    ]


def test_two_equal_values_are_fine(caplog: pytest.LogCaptureFixture) -> None:
    Config.from_env({**GOOD, "WORKOS_API_KEY": "sk_test_1"})
    assert caplog.records == []


def test_lists_numbers_and_truths_are_parsed() -> None:
    read = Config.from_env(
        {
            **GOOD,
            "VESTIBULE_TRUSTED_ORIGINS": "https://a.example:443,https://B.example/",
            "VESTIBULE_COOKIE_TRIM": "off",
            "VESTIBULE_REFRESH_BUFFER": "0",
            "VESTIBULE_SESSION_MAX_AGE": "86400",
        }
    )
    assert read.trusted_origins == ("https://a.example", "https://b.example")
    assert (read.cookie_trim, read.refresh_buffer, read.session_max_age) == (False, 0, 86_400)


def test_everything_wrong_is_said_at_once_with_what_mends_it() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env(
            {"VESTIBULE_COOKIE_MAX_AGE": "soon", "VESTIBULE_COOKIE_TRIM": "perhaps"}, colour="red"
        )
    assert len(caught.value.problems) == 6
    for name in ("CLIENT_ID", "REDIRECT_URI", "COOKIE_PASSWORD", "COOKIE_MAX_AGE", "COOKIE_TRIM"):
        assert f"VESTIBULE_{name}" in str(caught.value)
    for problem in caught.value.problems[1:]:
        assert "`" in problem
    assert "There is no setting 'colour'." in caught.value.problems


def test_one_wrong_value_is_said_without_others() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({**GOOD, "VESTIBULE_REFRESH_BUFFER": "a minute"})
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"url": "id.example.com"}, "VESTIBULE_URL"),
        ({"url": "https://id.example.com/user_management"}, "VESTIBULE_URL"),
        ({"url": "https://app.example.com/id/.well-known/openid-configuration"}, "VESTIBULE_URL"),
        ({"url": "https://app.example.com//id"}, "VESTIBULE_URL"),
        ({"url": "https://user@id.example.com"}, "VESTIBULE_URL"),
        ({"url": "ftp://id.example.com"}, "VESTIBULE_URL"),
        ({"url": "https://id.example.com:port"}, "VESTIBULE_URL"),
        ({"url": "https://[::1"}, "VESTIBULE_URL"),
        ({"url": "https://id.example.com/?x"}, "VESTIBULE_URL"),
        ({"client_id": ""}, "VESTIBULE_CLIENT_ID"),
        ({"redirect_uri": ""}, "VESTIBULE_REDIRECT_URI"),
        ({"redirect_uri": "/callback"}, "VESTIBULE_REDIRECT_URI"),
        ({"redirect_uri": "https://app.example.com/callback#x"}, "VESTIBULE_REDIRECT_URI"),
        ({"redirect_uri": "https://${VERCEL_URL}/callback"}, "not expanded"),
        ({"redirect_uri": "https://app.example.com/call back"}, "VESTIBULE_REDIRECT_URI"),
        ({"cookie_passwords": ()}, "VESTIBULE_COOKIE_PASSWORD"),
        ({"cookie_passwords": ("short",)}, "openssl rand"),
        ({"cookie_passwords": (PASSWORD, "x" * 48)}, "different characters"),
        ({"cookie_passwords": ("must-be-at-least-32-characters-long-secret",)}, "published"),
        ({"cookie_name": "a b"}, "VESTIBULE_COOKIE_NAME"),
        ({"cookie_domain": "a;b"}, "VESTIBULE_COOKIE_DOMAIN"),
        ({"cookie_domain": "other.example"}, "browsers would drop the cookie"),
        ({"cookie_name": "__Host-session", "cookie_domain": "example.com"}, "must not have a domain"),
        ({"cookie_name": "__Secure-session", "redirect_uri": "http://localhost/cb"}, "needs https"),
        ({"cookie_same_site": "loose"}, "VESTIBULE_COOKIE_SAME_SITE"),
        ({"cookie_max_age": -1}, "VESTIBULE_COOKIE_MAX_AGE"),
        ({"refresh_buffer": -1}, "VESTIBULE_REFRESH_BUFFER"),
        ({"session_max_age": 0}, "VESTIBULE_SESSION_MAX_AGE"),
        ({"token_cache": -1}, "VESTIBULE_TOKEN_CACHE"),
        ({"cookie_cache": -1}, "VESTIBULE_COOKIE_CACHE"),
        ({"prefix": "auth"}, "VESTIBULE_PREFIX"),
        ({"prefix": "/auth/"}, "VESTIBULE_PREFIX"),
        ({"home": "https://elsewhere.example"}, "VESTIBULE_HOME"),
        ({"home": "//elsewhere.example"}, "VESTIBULE_HOME"),
        ({"trusted_origins": ("https://a.example/path",)}, "VESTIBULE_TRUSTED_ORIGINS"),
        ({"trusted_origins": ("*",)}, "VESTIBULE_TRUSTED_ORIGINS"),
        ({"profile": "auth0"}, "VESTIBULE_PROFILE"),
        ({"prefix": "/auth", "redirect_uri": "https://app.example.com/auth/sign-in"}, "callback"),
    ],
)
def test_each_wrong_setting_is_named(settings: dict[str, object], words: str) -> None:
    assert words in problems(**settings)


@pytest.mark.parametrize("domain", ["example.com", ".example.com", "app.example.com"])
def test_a_cookie_domain_the_app_lives_in_is_fine(domain: str) -> None:
    assert config(cookie_domain=domain).cookie_domain == domain


def test_no_secret_shows_in_the_repr_or_in_a_problem() -> None:
    shown = repr(config(api_key="sk_test_1"))
    assert PASSWORD not in shown
    assert "sk_test_1" not in shown
    assert "short-secret" not in problems(cookie_passwords=("short-secret",))


def test_a_server_of_our_own_is_held_to_its_name_audience_and_type() -> None:
    ours = config(url="https://id.example.com/")
    assert (ours.profile, ours.issuers, ours.audience) == (
        "vestibule",
        ("https://id.example.com",),
        "client_1",
    )
    assert ours.token_types == {"at+jwt"}


def test_the_workos_profile_knows_the_names_workos_goes_by() -> None:
    theirs = config(url="https://api.workos.com")
    assert theirs.profile == "workos"
    assert "https://api.workos.com/user_management/client_1" in theirs.issuers
    assert "https://api.workos.com.evil" not in theirs.issuers
    assert theirs.audience == OptionalAudience("client_1")
    assert config(url="https://auth.example.com", profile="workos").audience == OptionalAudience("client_1")


def test_a_redirect_uri_may_be_asked_for_each_time() -> None:
    hosts = iter(
        ["https://one.example/cb", "https://two.example/cb/in", "https://${X}/cb", "https://three.example"]
    )
    asked: Callable[[], str] = lambda: next(hosts)  # noqa: E731
    preview = config(redirect_uri=asked)
    assert preview.callback_url() == "https://one.example/cb"
    assert preview.callback_path == "/cb/in"
    with pytest.raises(ConfigError, match="not expanded"):
        preview.callback_url()
    assert preview.callback_path == "/"


def test_a_server_inside_another_app_has_a_path() -> None:
    read = config(url="https://app.example.com/id/")
    assert read.url == "https://app.example.com/id"
    assert read.issuers == ("https://app.example.com/id",)


def test_the_origin_of_the_app_is_spelled_as_browsers_do() -> None:
    assert config(redirect_uri="https://App.example.com:443/cb").origin == "https://app.example.com"
    assert config(redirect_uri="http://localhost:8000/cb").origin == "http://localhost:8000"


def test_the_process_environment_wins_over_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"{key}={value}" for key, value in GOOD.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, "VESTIBULE_COOKIE_NAME=from-file"]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VESTIBULE_CLIENT_ID", "client_process")
    monkeypatch.setenv("VESTIBULE_COOKIE_NAME", "")
    read = Config.from_env()
    assert read.client_id == "client_process"
    assert read.cookie_name == "from-file"


def test_a_given_environment_reads_no_file_unless_told(tmp_path: Path) -> None:
    file = tmp_path / "app.env"
    file.write_text(f"VESTIBULE_CLIENT_ID=client_file\nVESTIBULE_COOKIE_PASSWORD={PASSWORD}\n")
    rest = {"VESTIBULE_REDIRECT_URI": "http://localhost:8000/callback"}
    assert Config.from_env(rest, dotenv=file).client_id == "client_file"
    with pytest.raises(ConfigError):
        Config.from_env(rest)

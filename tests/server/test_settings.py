import pytest

from vestibule.errors import ConfigError
from vestibule.server.settings import Settings, is_loopback, named

SECRET = "kZ3v9Qh1-for-these-tests-and-nothing-else"
COMPLETE = {
    "VESTIBULE_SERVER_PUBLIC_URL": "https://id.example.com",
    "VESTIBULE_SERVER_SECRET": SECRET,
}


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Settings.from_env(environ)
    return list(caught.value.problems)


def test_the_least_that_must_be_said() -> None:
    settings = Settings.from_env(COMPLETE)
    assert settings.public_url == "https://id.example.com"
    assert settings.environment == "staging"
    assert not settings.development
    assert settings.secure


def test_every_kind_of_value_is_read() -> None:
    settings = Settings.from_env(
        COMPLETE
        | {
            "VESTIBULE_SERVER_ACCESS_TOKEN_SECONDS": "60",
            "VESTIBULE_SERVER_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1",
            "VESTIBULE_SERVER_DEVELOPMENT": "no",
            "VESTIBULE_SERVER_SMTP_URL": "smtp://mailer:pass@mail.example.com:587",
        }
    )
    assert settings.access_token_seconds == 60
    assert settings.trusted_proxies == ("10.0.0.0/8", "192.0.2.1")
    assert settings.smtp_url == "smtp://mailer:pass@mail.example.com:587"


def test_all_problems_are_said_at_once_and_each_names_its_variable() -> None:
    found = problems(
        {
            "VESTIBULE_SERVER_PUBLIC_URL": "http://id.example.com",
            "VESTIBULE_SERVER_ACCESS_TOKEN_SECONDS": "soon",
            "VESTIBULE_SERVER_CODE_SECONDS": "3600",
            "VESTIBULE_SERVER_TRUSTED_PROXIES": "everybody",
        }
    )
    text = "\n".join(found)
    for name in ("PUBLIC_URL", "SECRET", "ACCESS_TOKEN_SECONDS", "CODE_SECONDS", "TRUSTED_PROXIES"):
        assert f"VESTIBULE_SERVER_{name}" in text
    assert "vestibule keygen" in text


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_env(COMPLETE | {"VESTIBULE_SERVER_DATABASE": " "}).database == (
        "sqlite:///vestibule.db"
    )
    assert any("SECRET is not set" in each for each in problems(COMPLETE | {"VESTIBULE_SERVER_SECRET": ""}))


def test_a_misspelled_variable_is_a_problem_with_a_proposal() -> None:
    found = problems(COMPLETE | {"VESTIBULE_SERVER_DATABSE": "sqlite:///x.db"})
    assert found == ["VESTIBULE_SERVER_DATABSE is not a setting; did you mean VESTIBULE_SERVER_DATABASE?"]


def test_given_wins_over_the_environment_which_wins_over_the_fallback() -> None:
    environ = COMPLETE | {"VESTIBULE_SERVER_DATABASE": "sqlite:///said.db"}
    fallback = {"database": "sqlite:///fallback.db", "code_seconds": 30}
    settings = Settings.from_env(environ, fallback=fallback)
    assert (settings.database, settings.code_seconds) == ("sqlite:///said.db", 30)
    settings = Settings.from_env(environ, fallback=fallback, given={"database": "sqlite:///given.db"})
    assert settings.database == "sqlite:///given.db"


@pytest.mark.parametrize("secret", ["short", "abcd" * 10, ""])
def test_a_weak_secret_is_refused(secret: str) -> None:
    with pytest.raises(ConfigError, match="vestibule keygen"):
        Settings(public_url="https://id.example.com", secret=secret)


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.com",
        "https://id.example.com/",
        "https://id.example.com/auth",
        "https://user@id.example.com",
        "ftp://id.example.com",
        "id.example.com",
        "https://id.example.com:port",
        "https://[::1",
    ],
)
def test_a_public_url_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="PUBLIC_URL"):
        Settings(public_url=url, secret=SECRET)


@pytest.mark.parametrize("url", ["http://localhost:8100", "http://127.0.0.1", "http://[::1]:9"])
def test_plain_http_is_for_loopback(url: str) -> None:
    assert not Settings(public_url=url, secret=SECRET).secure


def test_development_never_leaves_loopback_and_is_never_production() -> None:
    with pytest.raises(ConfigError, match="DEVELOPMENT"):
        Settings(public_url="https://id.example.com", secret=SECRET, development=True)
    with pytest.raises(ConfigError, match="exclude each other"):
        Settings(
            public_url="http://localhost",
            secret=SECRET,
            development=True,
            environment="production",
            smtp_url="smtp://mail.example.com",
        )


def test_production_needs_a_way_to_send_mail() -> None:
    with pytest.raises(ConfigError, match="SMTP_URL"):
        Settings(public_url="https://id.example.com", secret=SECRET, environment="production")


def test_a_repr_shows_no_secret() -> None:
    settings = Settings(
        public_url="https://id.example.com",
        secret=SECRET,
        database="postgresql://user:hunter2@db/vestibule",
        smtp_url="smtp://user:hunter2@mail",
    )
    assert SECRET not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_loopback_is_known_by_name_and_by_address() -> None:
    assert all(is_loopback(host) for host in ("localhost", "app.localhost", "127.0.0.53", "::1"))
    assert not any(is_loopback(host) for host in ("example.com", "10.0.0.1", "localhost.example.com", ""))


def test_named_means_said_in_the_environment() -> None:
    assert named(COMPLETE, "secret")
    assert not named({"VESTIBULE_SERVER_SECRET": "  "}, "secret")

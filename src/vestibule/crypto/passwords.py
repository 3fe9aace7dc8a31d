"""What a cookie password must be: the seal format does not stretch it, so it must be strong itself."""

from vestibule.errors import ConfigError

MIN_LENGTH = 32
MIN_DISTINCT = 9

# Printed in documentation, READMEs and test suites of the field: anybody can try them all.
PUBLISHED = frozenset(
    {
        "must-be-at-least-32-characters-long-secret",
        "correct-horse-battery-staple-0123456789",
        "0123456789abcdef0123456789ABCDEF",
        "0123456789abcdef0123456789abcdef",
        "0123456789ABCDEF0123456789ABCDEF",
        "0123456789012345678901234567890123456789",
        "abcdefghijklmnopqrstuvwxyz012345",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "abcdefghijklmnopqrstuvwxyzabcdef",
        "pässwörd-ünïcode-ключ-密码-🔐-0123456789",
        "9tDP_kmt_vEjQi2RU6Krgudn6Y_LXFLq6Jw2aXnkjUw=",
        "complex_password_at_least_32_characters_long",
        "a-very-long-secret-password-that-is-at-least-32-characters",
        "this-is-a-secret-password-at-least-32-characters-long",
        "this_is_a_very_long_password_for_testing",
        "your-secure-password-at-least-32-characters",
        "your-secure-password-at-least-32-characters-long",
        "your-32-character-or-longer-cookie-password",
        "your-super-secret-cookie-password-at-least-32-chars",
        "a-secure-password-of-at-least-32-characters",
        "<your-secure-password-at-least-32-characters>",
        "<your-generated-password-of-32-characters-or-more>",
        "test-password-that-is-at-least-32-characters-long",
        "secret-password-that-is-at-least-32-characters",
        "change-me-change-me-change-me-change-me",
        "changeme-changeme-changeme-changeme",
    }
)


def utf16_length(text: str) -> int:
    """`text.length` of JavaScript, by which the peers measure a password."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def password_bytes(password: str) -> bytes:
    """The password as key material. Raises ConfigError when it is shorter than every reader demands."""
    # Python never counts more than JavaScript does.
    if len(password) < MIN_LENGTH and utf16_length(password) < MIN_LENGTH:
        raise ConfigError(
            f"The cookie password has {utf16_length(password)} characters and needs {MIN_LENGTH}."
        )
    try:
        return password.encode()
    except UnicodeEncodeError:
        raise ConfigError("The cookie password is not valid Unicode text.") from None


def check_cookie_password(password: str, *, name: str = "VESTIBULE_COOKIE_PASSWORD") -> None:
    """Raises ConfigError, naming the setting and a command that makes a good one."""
    problem = _weakness(password)
    if problem:
        raise ConfigError(f"{name} {problem}. Make one with `vestibule keygen` or `openssl rand -base64 24`.")


def _weakness(password: str) -> str | None:
    length = utf16_length(password)
    if length < MIN_LENGTH:
        return f"has {length} characters and needs at least {MIN_LENGTH}"
    if password.strip() in PUBLISHED:
        return "is a published example that anybody can try"
    if len(set(password)) < MIN_DISTINCT:
        return f"uses only {len(set(password))} different characters and can be guessed"
    return None

import pytest

from vestibule.server.identity.devices_in_words import UNKNOWN, Device, device_of

MOZILLA = "Mozilla/5.0 "
WEBKIT = " AppleWebKit/537.36 (KHTML, like Gecko) "
IOS = " AppleWebKit/605.1.15 (KHTML, like Gecko) "
SEEN = {
    MOZILLA + "(Windows NT 10.0; Win64; x64)" + WEBKIT + "Chrome/131.0.0.0 Safari/537.36": (
        "Chrome",
        "Windows",
        "computer",
    ),
    MOZILLA + "(Windows NT 10.0; Win64; x64)" + WEBKIT + "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0": (
        "Edge",
        "Windows",
        "computer",
    ),
    MOZILLA + "(Macintosh; Intel Mac OS X 10_15_7)" + IOS + "Version/18.1 Safari/605.1.15": (
        "Safari",
        "macOS",
        "computer",
    ),
    MOZILLA + "(X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": ("Firefox", "Linux", "computer"),
    MOZILLA + "(X11; CrOS x86_64 14541.0.0)" + WEBKIT + "Chrome/131.0.0.0 Safari/537.36": (
        "Chrome",
        "ChromeOS",
        "computer",
    ),
    MOZILLA
    + "(iPhone; CPU iPhone OS 18_1 like Mac OS X)"
    + IOS
    + "Version/18.1 Mobile/15E148 Safari/604.1": ("Safari", "iPhone", "phone"),
    MOZILLA + "(iPhone; CPU iPhone OS 18_1 like Mac OS X)" + IOS + "CriOS/131.0 Mobile/15E148 Safari/604.1": (
        "Chrome",
        "iPhone",
        "phone",
    ),
    MOZILLA + "(iPad; CPU OS 18_1 like Mac OS X)" + IOS + "FxiOS/133.0 Mobile/15E148 Safari/605.1.15": (
        "Firefox",
        "iPad",
        "tablet",
    ),
    MOZILLA + "(Linux; Android 10; K)" + WEBKIT + "Chrome/131.0.0.0 Mobile Safari/537.36": (
        "Chrome",
        "Android",
        "phone",
    ),
    MOZILLA
    + "(Linux; Android 14; SM-X710)"
    + WEBKIT
    + "SamsungBrowser/27.0 Chrome/125.0.0.0 Safari/537.36": (
        "Samsung Internet",
        "Android",
        "tablet",
    ),
    MOZILLA + "(Linux; Android 10)" + WEBKIT + "Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.0.0": (
        "Edge",
        "Android",
        "phone",
    ),
    MOZILLA + "(X11; Linux x86_64)" + WEBKIT + "Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0": (
        "Opera",
        "Linux",
        "computer",
    ),
    "curl/8.5.0": ("curl", None, "program"),
    "python-requests/2.32.3": ("Python", None, "program"),
    "python-httpx2/2.1": ("Python", None, "program"),
    "Go-http-client/2.0": ("Go", None, "program"),
}


@pytest.mark.parametrize("header", SEEN, ids=lambda header: header[-40:])
def test_a_device_is_known_by_its_header(header: str) -> None:
    assert device_of(header) == Device(*SEEN[header])  # type: ignore[arg-type]


@pytest.mark.parametrize("header", [None, "", "Mozilla/5.0", "A browser of my own", "x" * 100_000])
def test_what_nobody_knows_is_unknown(header: str | None) -> None:
    assert device_of(header) == UNKNOWN

"""The guard report as an assertion, for the tests of an app: `vestibule.testing.assert_guarded`."""

from collections.abc import Iterable, Mapping
from typing import Any

from vestibule.audit.allowing import checked
from vestibule.audit.as_text import line_of
from vestibule.audit.calling import caller_of
from vestibule.audit.judging import judge
from vestibule.audit.model import Report, Surface
from vestibule.audit.probing import Rights, SignIn, probe
from vestibule.audit.reading import read
from vestibule.installation import Installation


def assert_guarded(
    app: Any,
    *,
    allow: Iterable[str] = (),
    probe: bool = False,
    session: bool | Mapping[str, Any] | None = None,
    unsafe: bool = False,
    strict: bool = False,
) -> Report:
    """Raises AssertionError that lists every endpoint nothing guards, but those of `allow`, and every guard
    that does not hold.

    `probe` calls each GET, HEAD, OPTIONS and WebSocket without a session, `unsafe` the other methods too.
    `session` also signs in: somebody without rights must be refused where rights are required, somebody with
    exactly these must get in. `session=True`, or what else the session has: `{"email": …, "claims": …}`.
    """
    surface = read(app)
    report = judge(surface, app=type(app).__name__, allow=checked(allow), strict=strict)
    if probe or session:
        report = _probed(report, surface, session=session, unsafe=unsafe)
    if not report.ok:
        raise AssertionError("\n".join(["Not guarded:", *map(line_of, report.findings)]))
    return report


def _probed(
    report: Report, surface: Surface, *, session: bool | Mapping[str, Any] | None, unsafe: bool
) -> Report:
    sign_in = None
    if session and surface.installation is not None:
        sign_in = _sign_in(surface.installation, {} if session is True else dict(session))
    return probe(report, caller_of(surface), unsafe=unsafe, sign_in=sign_in)


def _sign_in(installation: Installation, more: dict[str, Any]) -> SignIn:
    """Cookies of the test issuer, which takes the place of the app's identity server."""
    from vestibule.testing.clients import issuer_of

    issuer = issuer_of(installation)

    def cookie(rights: Rights) -> str:
        made = issuer.cookies(**{**more, **rights})
        return "; ".join(f"{name}={value}" for name, value in made.items())

    return cookie

"""How whatever stands in for the identity server misbehaves on demand."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from vestibule.flow import HttpRequest, HttpResponse
from vestibule.wire import codes, paths

FaultName: TypeAlias = Literal[
    "key_set_down",
    "key_set_slow",
    "key_rotated",
    "refresh_refused",
    "refresh_rate_limited",
    "refresh_reply_lost",
    "state_mismatch",
    "cookie_stripped",
    "clock_skew",
    "server_down",
    "server_slow",
]
"""What can go wrong; docs/how-to/test-your-app.md says what a correct app does about each."""

FAULTS: tuple[FaultName, ...] = get_args(FaultName)

REFRESH = "refresh_token"
TEN_MINUTES = 600.0


@dataclass(slots=True)
class Fault:
    """Answers in the server's stead, `times` times or until `recover`.

    response  None: there is no answer
    only      part of the address it happens at
    grant     of the token endpoint's requests, those of this grant
    lost      the server does what it was asked; only its answer never arrives
    slow      there is no answer before the request's deadline has passed
    """

    response: HttpResponse | None = None
    times: int | None = None
    only: str = ""
    grant: str | None = None
    lost: bool = False
    slow: bool = False
    name: str = ""

    def applies(self, request: HttpRequest) -> bool:
        if self.times == 0 or self.only not in request.url:
            return False
        return self.grant is None or grant_of(request) == self.grant


class Faults:
    """The knobs. `only` narrows a fault to `TOKENS` or `KEYS`.

    `skew` is by how many seconds the server's clock is ahead of the app's; with `foreign_state` people come
    back from it with the state of another sign-in.
    """

    TOKENS = paths.AUTHENTICATE
    KEYS = paths.JWKS

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self.skew = 0.0
        self.foreign_state = False

    def fail(
        self, status: int, *, times: int | None = None, only: str = "", retry_after: int | None = None
    ) -> None:
        """Answer with this status and nothing else."""
        self._faults.append(Fault(_status(status, retry_after), times, only))

    def drop(self, *, times: int | None = None, only: str = "") -> None:
        """Do not answer at all."""
        self._faults.append(Fault(None, times, only))

    def lose(self, *, times: int | None = None, only: str = "") -> None:
        """Do what was asked, and let nobody hear of it."""
        self._faults.append(Fault(None, times, only, lost=True))

    def stall(self, *, times: int | None = None, only: str = "") -> None:
        """Do not answer before the time is up. A `Clock` moves on by as much, so no test waits for it."""
        self._faults.append(Fault(None, times, only, slow=True))

    def refuse(self, error: str, *, status: int = 400, times: int | None = 1, **fields: object) -> None:
        """Refuse tokens for good, with the server's own error code, such as `sso_required`."""
        refused = refusal(error, f"The test said {error}.", status=status, fields=fields)
        self._faults.append(Fault(refused, times, self.TOKENS))

    def inject(self, name: FaultName, *, seconds: float = TEN_MINUTES) -> None:
        """A fault by its name, until `recover`. `seconds` counts for `clock_skew`."""
        if name == "clock_skew":
            self.skew = seconds
        elif name == "state_mismatch":
            self.foreign_state = True
        elif name == "key_rotated":
            self.rotate_key()
        elif name in ANSWERS:
            fault = ANSWERS[name]()
            fault.name = name
            self._faults.append(fault)
        else:
            raise ValueError(f"No server does {name!r} by itself: `lab.fault({name!r})`. It knows {FAULTS}.")

    def recover(self, name: FaultName | None = None) -> None:
        """All is well again, or this one thing. A key that was rotated stays the new one."""
        self._faults = [] if name is None else [each for each in self._faults if each.name != name]
        if name in (None, "clock_skew"):
            self.skew = 0.0
        if name in (None, "state_mismatch"):
            self.foreign_state = False

    def rotate_key(self) -> None:
        """Sign with a new key from now on, and publish only that one."""
        raise NotImplementedError

    def _due(self, request: HttpRequest) -> Fault | None:
        fault = next((each for each in self._faults if each.applies(request)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault


def grant_of(request: HttpRequest) -> str | None:
    try:
        body = json.loads(request.body)
    except ValueError:
        return None
    return body.get("grant_type") if isinstance(body, dict) else None


def refusal(
    error: str, description: str, *, status: int = 400, fields: Mapping[str, object] | None = None
) -> HttpResponse:
    body = {"error": error, "error_description": description, **(fields or {})}
    return HttpResponse(status, json.dumps(body).encode(), {"content-type": "application/json"})


def _status(status: int, retry_after: int | None = None) -> HttpResponse:
    return HttpResponse(status, b"", {} if retry_after is None else {"retry-after": str(retry_after)})


ANSWERS: Mapping[FaultName, Callable[[], Fault]] = {
    "key_set_down": lambda: Fault(_status(503), only=Faults.KEYS),
    "key_set_slow": lambda: Fault(slow=True, only=Faults.KEYS),
    "refresh_refused": lambda: Fault(
        refusal(codes.INVALID_GRANT, "The test refused it."), only=Faults.TOKENS, grant=REFRESH
    ),
    "refresh_rate_limited": lambda: Fault(_status(429, 7), only=Faults.TOKENS, grant=REFRESH),
    "refresh_reply_lost": lambda: Fault(lost=True, only=Faults.TOKENS, grant=REFRESH),
    "server_down": Fault,
    "server_slow": lambda: Fault(slow=True),
}

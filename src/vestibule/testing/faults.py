"""How a test issuer misbehaves on demand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from vestibule.errors import Unreachable
from vestibule.flow import HttpRequest, HttpResponse
from vestibule.wire import paths


@dataclass(slots=True)
class Fault:
    """Answers in the issuer's stead; `times` None: until `recover`. `only` is part of the address."""

    response: HttpResponse | None
    times: int | None
    only: str

    def applies(self, request: HttpRequest) -> bool:
        return self.times != 0 and self.only in request.url

    def answer(self) -> HttpResponse:
        if self.times is not None:
            self.times -= 1
        if self.response is None:
            raise Unreachable("the test issuer dropped the connection")
        return self.response


class Faults:
    """The knobs of a test issuer. `only` narrows a fault to `TOKENS` or `KEYS`."""

    TOKENS = paths.AUTHENTICATE
    KEYS = paths.JWKS

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def fail(
        self, status: int, *, times: int | None = None, only: str = "", retry_after: int | None = None
    ) -> None:
        """Answer with this status and nothing else."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        self._faults.append(Fault(HttpResponse(status, b"", headers), times, only))

    def drop(self, *, times: int | None = None, only: str = "") -> None:
        """Do not answer at all."""
        self._faults.append(Fault(None, times, only))

    def refuse(self, error: str, *, status: int = 400, times: int | None = 1, **fields: object) -> None:
        """Refuse tokens for good, with the server's own error code, such as `sso_required`."""
        body = json.dumps({"error": error, "error_description": f"The test said {error}.", **fields})
        self._faults.append(Fault(HttpResponse(status, body.encode()), times, self.TOKENS))

    def recover(self) -> None:
        self._faults.clear()

    def _fault(self, request: HttpRequest) -> HttpResponse | None:
        fault = next((each for each in self._faults if each.applies(request)), None)
        return fault.answer() if fault else None


def refusal(error: str, description: str, *, fields: Mapping[str, object] | None = None) -> HttpResponse:
    body = {"error": error, "error_description": description, **(fields or {})}
    return HttpResponse(400, json.dumps(body).encode(), {"content-type": "application/json"})

"""An authenticator app in somebody's pocket: a secret, and the code of any moment."""

import datetime as dt
from dataclasses import dataclass, field

from vestibule.server.identity import factors, second_factors, totp
from vestibule.server.identity.context import Identity


@dataclass(frozen=True, slots=True)
class Authenticator:
    secret: str = field(repr=False)
    factor_id: str = ""

    def code(self, now: dt.datetime, *, steps: int = 0) -> str:
        return totp.code_of(self.secret, totp.step_at(now) + steps)

    def wrong(self, now: dt.datetime) -> str:
        """None of the three that would do."""
        good = {self.code(now, steps=steps) for steps in (-1, 0, 1)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in good)


def enroll(identity: Identity, user_id: str, *, confirmed: bool = True) -> Authenticator:
    """The code of the step before the current one confirms it: the current one is still good."""
    enrolled = factors.enroll_totp(identity, user_id=user_id)
    app = Authenticator(enrolled.secret, enrolled.factor.id)
    if confirmed:
        with identity.store.transaction() as tx:
            factors.use_code(tx, identity, enrolled.factor, app.code(identity.now, steps=-1))
    return app


def show(identity: Identity, user_id: str, code: str) -> str:
    return second_factors.verify_second_factor(identity, user_id, code)

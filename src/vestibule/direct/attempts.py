"""One try with a name and a password, whichever words it is answered in."""

from collections.abc import Callable

from vestibule.direct.credentials import Credentials, kept_of_found
from vestibule.direct.kept import DirectSession
from vestibule.direct.way import DirectWay
from vestibule.flow import Flow
from vestibule.session import events
from vestibule.session.guards import Rate
from vestibule.session.reply import Reply
from vestibule.session.visit import Visit
from vestibule.session.way import Answer, AppCall

COUNTED_AS = "direct-credentials"


def attempt(
    way: DirectWay,
    visit: Visit,
    credentials: Credentials,
    *,
    too_many: Callable[[int], Reply],
    wrong: Callable[[], Reply],
    right: Callable[[DirectSession], Answer],
) -> AppCall:
    """Counts first, then asks the app: a limit that is met costs no hashing. `too_many` is given the seconds
    to wait, `right` a session that is nobody's yet."""
    rate = Rate(way.settings.credentials_rate, name=COUNTED_AS)
    who = credentials.username.casefold()

    def count(_: object) -> int | None:
        return way.count((rate,), who, visit.journal)

    def ask(seconds: int | None) -> Flow[Answer]:
        yield from ()
        if seconds is not None:
            visit.journal.record(events.RATE_LIMITED, guard=COUNTED_AS)
            return too_many(seconds)
        return AppCall(hook=way.hooks.authorize or nobody, argument=credentials, then=finish)

    def finish(found: object) -> Flow[Answer]:
        yield from ()
        if found is None:
            visit.journal.record(events.SIGN_IN_FAILED, reason="credentials_wrong")
            return wrong()
        return right(way.source.begin(kept_of_found(found, now=int(visit.now))))

    return AppCall(hook=count, argument=None, then=ask)


def nobody(credentials: Credentials) -> None:
    """Who comes in where there is no `authorize`, and so no such route."""

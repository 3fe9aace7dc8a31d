"""Another process of the server: refreshes each token it is told, in two threads at the same moment.

Arguments: database, secret, client id, seconds since 1970. Then one token a line on standard input.
"""

import datetime as dt
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from vestibule.server.identity import grants
from vestibule.server.identity.context import Identity
from vestibule.server.settings import Settings
from vestibule.server.store.store import Store

TABS = 2


def main(database: str, secret: str, client_id: str, now: str) -> None:
    moment = dt.datetime.fromtimestamp(int(now), dt.UTC)
    settings = Settings(
        public_url="http://localhost:8100", database=database, secret=secret, development=True
    )
    identity = Identity(Store(database), settings, lambda: moment)
    together = Barrier(TABS)

    def refresh(token: str) -> str:
        together.wait()
        return grants.refresh(identity, refresh_token=token, client_id=client_id).refresh_token

    with ThreadPoolExecutor(TABS) as pool:
        for line in sys.stdin:
            sys.stdout.write(" ".join(pool.map(refresh, [line.strip()] * TABS)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

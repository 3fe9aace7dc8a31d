"""`make bench`: sealing, unsealing and loading a session, ours against the official packages.

Everything is measured in this one run: each is warmed up first, then the rounds alternate, so that a slow
moment of the machine falls on all alike. The median round counts.
"""

import platform
import time
from collections.abc import Callable
from statistics import median

from benchmarks.peers import Peers
from benchmarks.subject import Subject

WARM_UP = 1.5
ROUND = 0.4
ROUNDS = 7

OPPONENTS = {
    "seal": ("authkit-session", "iron-session"),
    "unseal": ("authkit-session", "iron-session"),
    "load": ("authkit-session", "workos-node"),
}
TITLES = {
    "seal": "seal a session",
    "unseal": "unseal a session",
    "load": "load a session: unseal, verify the access token, read the claims",
}


def microseconds(call: Callable[[], object], seconds: float) -> float:
    started = time.perf_counter()
    calls = 0
    while (passed := time.perf_counter() - started) < seconds:
        call()
        calls += 1
    return passed * 1_000_000 / calls


def measure(peers: Peers, operation: str, ours: Callable[[], object]) -> dict[str, float]:
    rounds: dict[str, list[float]] = {"vestibule": [], **{peer: [] for peer in OPPONENTS[operation]}}

    def one(name: str, seconds: float) -> float:
        if name == "vestibule":
            return microseconds(ours, seconds)
        return peers.microseconds(name, operation, seconds=seconds)

    for name in rounds:
        one(name, WARM_UP)
    for _round in range(ROUNDS):
        for name, times in rounds.items():
            times.append(one(name, ROUND))
    return {name: median(times) for name, times in rounds.items()}


def main() -> None:
    subject = Subject()
    with Peers(**subject.facts()) as peers:
        print(f"Python {platform.python_version()}, Node {peers.node}, {platform.machine()}, one thread each")
        for operation, title in TITLES.items():
            results = measure(peers, operation, subject.operations[operation])
            ours = results["vestibule"]
            print(f"\n{title}")
            for name, time_taken in results.items():
                ratio = "" if name == "vestibule" else f"   {time_taken / ours:5.2f} x ours"
                print(f"  {name:<16} {time_taken:8.1f} µs{ratio}")


if __name__ == "__main__":
    main()

"""Times our load without the `speed` extra: seconds a line on stdin, microseconds a line on stdout."""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

EXTRA = ("pybase64", "msgspec")


class WithoutTheExtra(MetaPathFinder):
    """Finds what is installed, but for the extra."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return None if name.partition(".")[0] in EXTRA else PathFinder.find_spec(name, path, target)


def main() -> None:
    sys.meta_path = [WithoutTheExtra() if each is PathFinder else each for each in sys.meta_path]
    from benchmarks.rounds import microseconds
    from benchmarks.subject import Subject

    timer = microseconds(Subject().loader(token_cache=0))
    for line in sys.stdin:
        print(timer(float(line)), flush=True)


if __name__ == "__main__":
    main()

"""A program of the tests: an app whose server has begun, then two children that serve it from one socket.

Prints the port, and ends with its standard input.
"""

import os
import signal
import sys
from pathlib import Path

from tests.embedded.apps import build
from tests.embedded.real import listen, one_at_a_time
from vestibule.server.identity.users import create_user

WORKERS = 2


def main(directory: str) -> None:
    listener = listen()
    port = listener.getsockname()[1]
    built = build("flask", Path(directory), redirect_uri=f"http://localhost:{port}/callback")
    create_user(built.auth.identity, email="before@example.com")  # in the parent, which has it open from here

    @built.app.get("/pid")
    def pid() -> str:
        return str(os.getpid())

    children = []
    for _ in range(WORKERS):
        child = os.fork()
        if child == 0:
            _, serve = one_at_a_time(built.app, listener)
            serve()
        children.append(child)
    say(str(port))
    sys.stdin.read()
    create_user(built.auth.identity, email="after@example.com")  # the parent's is as good as it was
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    say("done")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])

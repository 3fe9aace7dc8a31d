"""A server made of plain sockets, which does what well-behaved servers never do."""

import contextlib
import socket
import threading
from collections.abc import Callable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class RudeServer:
    """`answers` maps a path to what happens there; `seen` lists the paths asked for, in order."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[socket.socket], None]] = {}
        self.seen: list[str] = []
        self.heads: list[str] = []
        self.connections = 0
        self.release = threading.Event()
        self.arrived = threading.Semaphore(0)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}{path}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            data = b""
            while True:
                while b"\r\n\r\n" not in data:
                    more = connection.recv(65536)
                    if not more:
                        return
                    data += more
                head, _, rest = data.partition(b"\r\n\r\n")
                length = 0
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                while len(rest) < length:
                    rest += connection.recv(65536)
                data = rest[length:]
                path = head.split(b" ")[1].decode()
                self.heads.append(head.decode())
                self.seen.append(path)
                self.arrived.release()
                self.answers.get(path, lambda s: s.sendall(OK))(connection)

    def close(self) -> None:
        self.release.set()
        self._socket.close()
        for connection in self._open:
            connection.close()


def answering(status: str, *headers: str, body: bytes = b"") -> Callable[[socket.socket], None]:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return lambda s: s.sendall("\r\n".join(lines).encode() + body)


def in_turn(*answers: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    left = list(answers)
    return lambda s: left.pop(0)(s)


def held(server: RudeServer, then: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        server.release.wait(10)
        then(connection)

    return answer

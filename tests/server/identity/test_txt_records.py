"""Against a name server on this machine, over the wire."""

import socketserver
import threading
from collections.abc import Iterator

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from vestibule.server.identity.txt_records import look_up_txt

TEXTS = {
    "plain.example.com.": ['"one"', '"two"'],
    "long.example.com.": ['"' + "a" * 255 + '" "' + "b" * 20 + '"'],
    "odd.example.com.": ['"\\255"'],
}


class NameServer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, socket = self.request
        asked = dns.message.from_wire(data)
        name = asked.question[0].name.to_text()
        if name == "silent.example.com.":
            return
        answer = dns.message.make_response(asked)
        if name in TEXTS:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *TEXTS[name]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


@pytest.fixture
def resolver() -> Iterator[dns.resolver.Resolver]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), NameServer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.server_address[1]
        yield resolver
        server.shutdown()
        thread.join()


def test_records_are_read_as_texts(resolver: dns.resolver.Resolver) -> None:
    assert set(look_up_txt("plain.example.com", resolver=resolver)) == {"one", "two"}
    assert look_up_txt("long.example.com", resolver=resolver) == ("a" * 255 + "b" * 20,)
    assert look_up_txt("odd.example.com", resolver=resolver) == ("\ufffd",)


@pytest.mark.parametrize(
    "name", ["absent.example.com", "silent.example.com", "x" * 64 + ".example.com", "a..b"]
)
def test_no_record_and_no_answer_are_the_same(resolver: dns.resolver.Resolver, name: str) -> None:
    assert look_up_txt(name, resolver=resolver, seconds=0.2) == ()

"""For WSGI, beneath the Flask and Django adapters: an environ as the session core sees it."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from vestibule.session.core import MAX_BODY, Core
from vestibule.session.incoming import Incoming

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

UNRESERVED = "/!$&'()*+,;=:@~-._"


def read_incoming(environ: "WSGIEnvironment", *, body: bytes = b"") -> Incoming:
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return Incoming(
        method=environ["REQUEST_METHOD"],
        path=_encoded(environ.get("PATH_INFO", "")),
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        scheme=environ.get("wsgi.url_scheme", "http"),
        host=environ.get("HTTP_HOST") or environ.get("SERVER_NAME", ""),
        root_path=_encoded(environ.get("SCRIPT_NAME", "").rstrip("/")),
        body=body,
    )


def whole_incoming(environ: "WSGIEnvironment", core: Core) -> Incoming:
    """With the body where one of our own routes reads it."""
    incoming = read_incoming(environ)
    if not core.reads_body(incoming):
        return incoming
    return read_incoming(environ, body=_body(environ))


def _body(environ: "WSGIEnvironment") -> bytes:
    """At most what the core reads, and never past what was announced: a server may leave the stream open."""
    try:
        length = min(int(environ.get("CONTENT_LENGTH") or 0), MAX_BODY)
        return environ["wsgi.input"].read(length) if length > 0 else b""
    except (OSError, ValueError):  # broken off, or garbled: the same as nothing
        return b""


def _encoded(path: str) -> str:
    return quote(path.encode("latin-1"), safe=UNRESERVED)  # WSGI hands bytes over as latin-1 (PEP 3333)

"""The smallest file in MaxMind's format that answers for a few networks, as its specification 2.0 has it."""

import ipaddress
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MARK = b"\xab\xcd\xefMaxMind.com"
GAP = 16  # zeros between the tree and the data
RECORD_BITS = 24


class _Wide(int):
    """Kept in 32 bits; a plain one in 16."""


class _Wider(int):
    """In 64."""


def write_places(file: Path, places: Mapping[str, Mapping[str, Any]]) -> Path:
    """`places`: what is known, by IPv4 network."""
    nodes: list[list[Any]] = [[None, None]]
    data = b""
    for network, known in places.items():
        _put(nodes, ipaddress.IPv4Network(network), len(data))
        data += _encoded(known)
    tree = b"".join(_record(side, len(nodes)) for node in nodes for side in node)
    facts = {
        "node_count": _Wide(len(nodes)),
        "record_size": RECORD_BITS,
        "ip_version": 4,
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": _Wider(1_700_000_000),
        "description": {"en": "For tests"},
    }
    file.write_bytes(tree + bytes(GAP) + data + MARK + _encoded(facts))
    return file


def _put(nodes: list[list[Any]], network: ipaddress.IPv4Network, offset: int) -> None:
    bits = f"{int(network.network_address):032b}"[: network.prefixlen]
    at = 0
    for bit in bits[:-1]:
        side = int(bit)
        if nodes[at][side] is None:
            nodes.append([None, None])
            nodes[at][side] = len(nodes) - 1
        at = nodes[at][side]
    nodes[at][int(bits[-1])] = ("data", offset)


def _record(side: Any, count: int) -> bytes:
    number = count if side is None else side if isinstance(side, int) else count + GAP + side[1]
    return struct.pack(">I", number)[1:]


def _encoded(value: Any) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        return _head(2, len(text)) + text
    if isinstance(value, _Wider):
        return bytes([8, 9 - 7]) + value.to_bytes(8, "big")
    if isinstance(value, _Wide):
        return _head(6, 4) + value.to_bytes(4, "big")
    if isinstance(value, int):
        raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
        return _head(5, len(raw)) + raw
    if isinstance(value, Mapping):
        inner = b"".join(_encoded(key) + _encoded(each) for key, each in value.items())
        return _head(7, len(value)) + inner
    return bytes([len(value), 11 - 7]) + b"".join(_encoded(each) for each in value)


def _head(kind: int, size: int) -> bytes:
    return bytes([kind << 5 | size]) if size < 29 else bytes([kind << 5 | 29, size - 29])

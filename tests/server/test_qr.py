"""QR codes: what is drawn is what the library that knows the standard says is dark."""

import base64
import re

import segno

from vestibule.server import qr

TEXT = (
    "otpauth://totp/Foo%20Corp:alan%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Foo%20Corp"
)


def test_every_dark_module_is_on_the_path_and_no_other() -> None:
    drawn = qr.drawing(TEXT)
    dark = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", drawn.path):
        dark |= {(int(x) + step, int(y)) for step in range(int(length))}
    rows = list(segno.make(TEXT, error="m", micro=False).matrix_iter(border=4))
    assert drawn.size == len(rows)
    assert dark == {(x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module}
    assert re.fullmatch(r"(M\d+ \d+\.5h\d+)+", drawn.path)


def test_a_quiet_zone_is_kept_around() -> None:
    drawn = qr.drawing(TEXT)
    columns = [int(x) for x in re.findall(r"M(\d+) ", drawn.path)]
    assert min(columns) == qr.QUIET_ZONE


def test_an_application_gets_a_picture() -> None:
    kind, _, data = qr.png_data_uri(TEXT).partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG\r\n\x1a\n")

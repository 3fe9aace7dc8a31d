"""QR codes of what an authenticator app is to read, without asking anybody else to draw them."""

import io
from typing import Final

import segno

QUIET_ZONE: Final = 4  # ISO/IEC 18004 asks for this much white around, or readers miss the code


def png_data_uri(text: str, *, scale: int = 5) -> str:
    """For an `<img>` of any application."""
    return str(segno.make(text, error="m", micro=False).png_data_uri(scale=scale, border=QUIET_ZONE))


def svg(text: str, *, title: str) -> str:
    """Inline, black on white whatever the page's colors are: cameras do not read the reverse."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn,
        kind="svg",
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
        title=title,
        nl=False,
    )
    return drawn.getvalue().decode()

"""Pictures that an operator gives us to show to everybody: a few kinds, told by their bytes, and small."""

import re
from typing import Final
from xml.etree import ElementTree

MOST_BYTES: Final = 256 * 1024
SVG: Final = "image/svg+xml"
SVG_NAMESPACE: Final = "{http://www.w3.org/2000/svg}"
FORBIDDEN: Final = frozenset(
    {"script", "foreignObject", "iframe", "embed", "object", "image", "feImage", "a", "audio", "video", "set"}
    | {"animate", "animateMotion", "animateTransform", "handler", "listener"}
)
ELSEWHERE: Final = re.compile(r"url\(\s*['\"]?(?!#)|@import|expression\(|javascript:", re.IGNORECASE)
DECLARATION: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)|<\?xml-stylesheet", re.IGNORECASE)


class BadPicture(ValueError):
    """`code` is stable; the text says what to do."""

    def __init__(self, text: str, *, code: str = "invalid_image") -> None:
        super().__init__(text)
        self.code = code


def media_type_of(content: bytes, *, icon: bool = False) -> str:
    """Raises BadPicture. What it is called does not matter, only what it is. An `icon` may be an ICO."""
    if len(content) > MOST_BYTES:
        size, most = len(content) // 1024, MOST_BYTES // 1024
        raise BadPicture(f"The picture has {size} KB, and {most} are the most.", code="image_too_large")
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if icon and content.startswith(b"\x00\x00\x01\x00"):
        return "image/x-icon"
    if b"<svg" in content:
        _check_svg(content)
        return SVG
    raise BadPicture("The picture must be PNG, JPEG, WebP or SVG, and for a favicon ICO will do.")


def _check_svg(content: bytes) -> None:
    """It is shown by <img>, which runs nothing and fetches nothing; this keeps it harmless by itself too."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadPicture("The SVG must be UTF-8.") from None
    if DECLARATION.search(text):
        raise BadPicture("The SVG declares a document type or a style sheet: export it as plain SVG.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without a document type it declares no entity
    except ElementTree.ParseError as error:
        raise BadPicture(f"The SVG cannot be read: {error}.") from None
    if root.tag != f"{SVG_NAMESPACE}svg":
        raise BadPicture("The picture is XML, but not an SVG.")
    for element in root.iter():
        _check_element(element)


def _check_element(element: ElementTree.Element) -> None:
    name = element.tag.rpartition("}")[2]
    if name in FORBIDDEN:
        raise BadPicture(f"The SVG has a <{name}>: export it with shapes and text only.")
    for attribute, value in element.attrib.items():
        short = attribute.rpartition("}")[2].lower()
        if short.startswith("on"):
            raise BadPicture(f"The SVG has the attribute {short}: a picture may not react to anything.")
        if (short == "href" and not value.startswith("#")) or ELSEWHERE.search(value):
            raise BadPicture(f"The SVG's {short} leads out of the picture: everything must be in the file.")
    if ELSEWHERE.search(element.text or "") and name == "style":
        raise BadPicture("The SVG's style leads out of the picture: everything must be in the file.")

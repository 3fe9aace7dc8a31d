"""Branding: whose pages these are. What nobody chose is as we made it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from vestibule.server.identity import branding_file, palettes
from vestibule.server.identity.branding_choices import CHECKS, Copy, problem_of
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Conflict, Invalid
from vestibule.server.identity.events import append
from vestibule.server.identity.models import Picture
from vestibule.server.identity.pictures import BadPicture, media_type_of
from vestibule.server.store.transaction import Transaction

Place: TypeAlias = Literal["logo", "logo_dark", "favicon"]
Appearance: TypeAlias = Literal["light", "dark", "system"]

PLACES: Final[tuple[Place, ...]] = get_args(Place)
REMEMBERED: Final = "branding"
FROM_FILE: Final = "branding_file"
SET_BY_FILE: Final = "A file sets this: change it there, the one VESTIBULE_SERVER_BRANDING names."


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """How the pages look, and what they say of the operator. None of a field is what we made it."""

    name: str | None = None
    """On the pages; without it, the environment's."""
    accent: str | None = None
    accent_dark: str | None = None
    background: str | None = None
    background_dark: str | None = None
    appearance: Appearance = "system"
    radius: str = "medium"
    terms_url: str | None = None
    privacy_url: str | None = None
    support_url: str | None = None
    credit: bool = True
    """The line that says by what the pages are protected."""
    copy: Copy = field(default_factory=dict)
    """Sentences of one's own, by language and place."""
    logo: Picture | None = None
    logo_dark: Picture | None = None
    favicon: Picture | None = None
    product: str = ""
    """What to call it all: the name, or the environment's."""
    from_file: frozenset[str] = frozenset()
    """The fields that the file of the settings decides, which nothing else can change."""

    def words(self, tag: str) -> Mapping[str, str]:
        """The sentences of one's own for a language: of `pt-BR` those of `pt` too."""
        found: dict[str, str] = {}
        while tag:
            found = {**self.copy.get(tag.lower(), {}), **found}
            tag = tag.rpartition("-")[0]
        return found

    @property
    def advice(self) -> tuple[str, ...]:
        """What was done to the colors so that everybody can read them: sentences for whoever chose them."""
        return palettes.advice(self.accent, self.accent_dark)


PLAIN: Final = Branding()
CHOICES: Final = tuple(CHECKS)
ORDINARY: Final[Mapping[str, Any]] = {name: getattr(PLAIN, name) for name in CHOICES}


def find_branding(identity: Identity) -> Branding:
    """What is in effect. Remembered for a few seconds, so pages ask the database for it once in a while."""

    def load() -> Branding:
        with identity.store.read() as tx:
            return _effective(identity, tx)

    return cast("Branding", identity.keyring.remember(REMEMBERED, identity.now.timestamp(), load))


def last_branding(identity: Identity) -> Branding:
    """What was in effect when somebody last asked: for where the database cannot be asked."""
    return cast("Branding", identity.keyring.peek(REMEMBERED) or PLAIN)


def draft_branding(identity: Identity, **changes: Any) -> Branding:
    """As it would be after `update_branding`; nothing is kept. Raises Invalid."""
    wanted = _checked(identity, changes)
    with identity.store.read() as tx:
        present = _effective(identity, tx)
    return _with(present, dict(wanted), product=present.product)


def update_branding(identity: Identity, **changes: Any) -> Branding:
    """Changes what is named; None, or an empty text, puts back what we made. Raises Invalid with everything
    that is wrong, and Conflict `set_by_file`."""
    wanted = _checked(identity, changes)
    with identity.store.transaction() as tx:
        tx.environment.lock()
        before = tx.branding.choices()
        after = {name: value for name, value in {**before, **wanted}.items() if value != ORDINARY[name]}
        if after != before:
            tx.branding.put(after, now=identity.now)
            _tell(
                tx, identity, after, changed=sorted(name for name in wanted if _differs(before, after, name))
            )
        branding = _effective(identity, tx)
    identity.keyring.forget()
    return branding


def store_logo(identity: Identity, content: bytes, *, place: Place = "logo") -> Branding:
    """Takes PNG, JPEG, WebP or SVG of up to 256 KB, as favicon ICO too. Raises Invalid, Conflict."""
    picture = _picture(content, place)
    return _change_picture(identity, place, (picture, content))


def remove_logo(identity: Identity, *, place: Place = "logo") -> Branding:
    """Without one, the pages show the name. Raises Conflict."""
    return _change_picture(identity, place, None)


def find_picture(identity: Identity, place: str) -> tuple[Picture, bytes] | None:
    """The picture in effect and its content."""
    file = _file(identity)
    if place in file.pictures:
        return file.pictures[place]
    with identity.store.read() as tx:
        return tx.branding.find_content(place)


def check_file(identity: Identity) -> None:
    """Reads the file of the settings, if one is named. Raises ConfigError with everything that is wrong."""
    _file(identity)


def _change_picture(identity: Identity, place: Place, given: tuple[Picture, bytes] | None) -> Branding:
    _check_places(place)
    _refuse_what_a_file_sets(identity, {place})
    with identity.store.transaction() as tx:
        tx.environment.lock()
        if given is not None:
            tx.branding.put_picture(*given, now=identity.now)
        if given is not None or tx.branding.delete_picture(place):
            _tell(tx, identity, tx.branding.choices(), changed=[place])
        branding = _effective(identity, tx)
    identity.keyring.forget()
    return branding


def _picture(content: bytes, place: str) -> Picture:
    try:
        media_type = media_type_of(content, icon=place == "favicon")
    except BadPicture as error:
        raise Invalid.field(place, error.code, str(error)) from None
    return Picture(place, media_type, hashlib.sha256(content).hexdigest())


def _check_places(place: str) -> None:
    if place not in PLACES:
        raise Invalid.field("place", "unknown_field", f"A picture is one of {', '.join(PLACES)}.")


def _checked(identity: Identity, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """As they are kept. Raises Invalid with all that is wrong, Conflict."""
    _refuse_what_a_file_sets(identity, changes.keys())
    problems, cleaned = [], {}
    for name, value in changes.items():
        try:
            cleaned[name] = clean(name, value)
        except ValueError as error:
            problems.append(problem_of(name, error))
    if problems:
        raise Invalid(problems[0]["message"], errors=problems)
    return cleaned


def clean(name: str, value: Any) -> Any:
    """One choice as it is kept. Raises ValueError (BadChoice)."""
    if name not in CHECKS:
        raise ValueError(f"Branding has no {name}: it has {', '.join(CHECKS)}.")
    return ORDINARY[name] if value in (None, "") else CHECKS[name](value)


def _refuse_what_a_file_sets(identity: Identity, names: Any) -> None:
    fixed = sorted(set(names) & _file(identity).names)
    if fixed:
        raise Conflict(f"{fixed[0]}: {SET_BY_FILE}", code="set_by_file", fields=fixed)


def _effective(identity: Identity, tx: Transaction) -> Branding:
    file, place = _file(identity), tx.environment.find()
    pictures = {picture.place: picture for picture in tx.branding.pictures()}
    pictures |= {name: picture for name, (picture, _) in file.pictures.items()}
    known = {name: value for name, value in tx.branding.choices().items() if name in CHECKS}
    branding = _with(PLAIN, {**known, **file.choices, **pictures}, product=place.name if place else "")
    return replace(branding, from_file=file.names)


def _with(branding: Branding, choices: dict[str, Any], *, product: str) -> Branding:
    made = replace(branding, **choices)
    return replace(made, product=made.name or product)


def _file(identity: Identity) -> branding_file.BrandingFile:
    path = identity.settings.branding
    if path is None:
        return branding_file.NONE

    def load() -> branding_file.BrandingFile:
        return branding_file.read(path, clean, _picture, PLACES)

    return cast("branding_file.BrandingFile", identity.keyring.keep(FROM_FILE, load))


def _differs(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    ordinary = ORDINARY[name]
    return bool(before.get(name, ordinary) != after.get(name, ordinary))


def _tell(tx: Transaction, identity: Identity, choices: Mapping[str, Any], *, changed: list[str]) -> None:
    pictures: dict[str, str | None] = dict.fromkeys(PLACES)
    pictures.update((each.place, each.digest) for each in tx.branding.pictures())
    data = {"object": "branding", "changed": changed, **ORDINARY, **choices, **pictures}
    append(tx, identity, "branding.updated", {**data, "updated_at": identity.now})

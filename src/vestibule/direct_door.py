"""`Auth.direct(app, github(...))` makes an `Auth`, and `auth.direct` is what its app can do with it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast, overload

from vestibule.errors import ConfigError, NotInstalled

if TYPE_CHECKING:
    from vestibule.direct.api import BlockingDirect
    from vestibule.direct.aura.settings import Aura
    from vestibule.direct.way import DirectWay
    from vestibule.oauth import Client

A = TypeVar("A")
Made = TypeVar("Made", covariant=True)
D = TypeVar("D", covariant=True)


class Installed(Protocol):
    way: "DirectWay | None"


class Making(Protocol[Made]):
    """What `Auth.direct` is called with: the app, if the adapter takes one, and the providers by name or as
    `github(...)`; then the settings of direct mode (docs/reference/settings.md), its hooks and stores, and
    those of `Auth`. `aura`: True or an Aura, to speak as Aura's server does. Raises ConfigError."""

    def __call__(
        self,
        /,
        *app_and_providers: Any,
        authorize: Callable[[Any], Any] | None = None,
        on_link: Callable[[Any], Any] | None = None,
        on_unlink: Callable[[Any], Any] | None = None,
        revocations: Any = None,
        token_store: Any = None,
        aura: Any = None,
        **settings: Any,
    ) -> Made: ...


class DirectDoor(Generic[D]):
    """The attribute `direct` of an adapter's `Auth`. `make`: what the app can do, for this kind of app."""

    def __init__(self, make: "Callable[[Any, DirectWay], D]") -> None:
        self._make = make

    @overload
    def __get__(self, auth: None, kind: type[A]) -> Making[A]: ...
    @overload
    def __get__(self, auth: Installed, kind: type[Any]) -> D: ...

    def __get__(self, auth: Installed | None, kind: type[A]) -> Making[A] | D:
        if auth is None:
            return _making(kind)
        if auth.way is None:
            raise NotInstalled(
                'This app signs in through a server. Direct mode is `Auth.direct(app, "github")`.'
            )
        return self._make(auth, auth.way)


def blocking_direct(way: "DirectWay", entry_of: Callable[[Any], Any]) -> "BlockingDirect":
    from vestibule.direct.api import BlockingDirect

    return BlockingDirect(way, entry_of)


def _making(kind: type[A]) -> Making[A]:
    def make(
        *app_and_providers: Any,
        authorize: Callable[[Any], Any] | None = None,
        on_link: Callable[[Any], Any] | None = None,
        on_unlink: Callable[[Any], Any] | None = None,
        revocations: Any = None,
        token_store: Any = None,
        aura: "Aura | bool | None" = None,
        **settings: Any,
    ) -> A:
        from vestibule.direct.way import DirectWay, Hooks

        app, providers = _apart(app_and_providers)
        make_way = _aura_way(aura) if aura else DirectWay
        way = make_way(
            providers,
            hooks=Hooks(authorize=authorize, on_link=on_link, on_unlink=on_unlink),
            revocations=revocations,
            token_store=token_store,
        )
        return cast(Callable[..., A], kind)(*app, way=way, **settings)

    return make


def _aura_way(aura: "Aura | bool") -> "Callable[..., DirectWay]":
    from vestibule.direct.aura.settings import Aura
    from vestibule.direct.aura.way import AuraWay

    return partial(AuraWay, aura=aura if isinstance(aura, Aura) else Aura())


def _apart(given: tuple[Any, ...]) -> "tuple[tuple[Any, ...], list[str | Client]]":
    from vestibule.oauth import Client

    first = () if not given or isinstance(given[0], str | Client) else given[:1]
    providers = list(given[len(first) :])
    for each in providers:
        if not isinstance(each, str | Client):
            raise ConfigError(f"A provider is a name or a call such as github(), not {type(each).__name__}.")
    return tuple(each for each in first if each is not None), providers

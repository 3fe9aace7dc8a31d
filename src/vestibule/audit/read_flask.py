"""What a Flask app answers: rules, views by class, what runs before requests, and apps mounted beside it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.routing import RequestRedirect, Rule

from vestibule.audit import sources
from vestibule.audit.model import ANY, Endpoint, Guard, Kind, Surface, Validated
from vestibule.audit.unapplied import not_applied
from vestibule.installation import Installation

KEY = "vestibule"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
INNER_APP = ("app", "_inner", "wsgi_app")
PARAMETER = re.compile(r"<(?:(?P<converter>\w+)(?:\([^>]*\))?:)?(?P<name>\w+)>")
SAMPLES = {"int": "1", "float": "1.5", "uuid": "00000000-0000-4000-8000-000000000000"}


class FlaskReader:
    def __init__(self) -> None:
        self.surface = Surface("flask")
        self._seen: set[int] = set()

    def read(self, app: Any) -> Surface:
        self._layer(app, "")
        return self.surface

    def _layer(self, app: Any, prefix: str) -> None:
        """An app as the server calls it, down through the layers around it."""
        if id(app) in self._seen:
            return
        self._seen.add(id(app))
        if isinstance(app, Flask):
            self._layer(app.wsgi_app, prefix)
            self._flask(app, prefix)
        elif (flask := _bound_to(app)) is not None:
            self._layer(flask, prefix)
        elif isinstance(app, DispatcherMiddleware):
            for path, mounted in sorted(app.mounts.items()):
                self._layer(mounted, prefix + path)
            self._layer(app.app, prefix)
        elif (inner := _inner(app)) is not None:
            if isinstance(app, SharedDataMiddleware):
                self._files(app, prefix)
            self._layer(inner, prefix)
        else:
            self._opaque(app, prefix)

    def _flask(self, app: Flask, prefix: str) -> None:
        found = app.extensions.get(KEY)
        auth = found if isinstance(found, Installation) else None
        self.surface.installation = auth or self.surface.installation
        read = [
            (
                rule,
                replace(
                    endpoint,
                    path=prefix + endpoint.path,
                    probe=_below(prefix, endpoint),
                    auth=auth,
                    below=prefix,
                ),
            )
            for rule in app.url_map.iter_rules()
            for endpoint in _of_rule(app, rule)
        ]
        for rule, endpoint in read:
            picked = _picked_instead(app, rule, endpoint.methods)
            taken_by = next((each for other, each in read if other is picked), None)
            self.surface.endpoints.append(replace(endpoint, taken_by=taken_by))

    def _files(self, app: SharedDataMiddleware, prefix: str) -> None:
        for path, _loader in app.exports:
            self.surface.endpoints.append(
                Endpoint(
                    methods=("GET", "HEAD"),
                    path=f"{prefix}{path.rstrip('/')}/{{path}}",
                    handler=sources.name_of(app),
                    kind=Kind.STATIC,
                )
            )

    def _opaque(self, app: Any, prefix: str) -> None:
        self.surface.endpoints.append(
            Endpoint(
                methods=(ANY,),
                path=f"{prefix}/{{path}}",
                handler=sources.name_of(app),
                source=sources.location(app),
                kind=Kind.OPAQUE,
            )
        )


def _of_rule(app: Flask, rule: Rule) -> Iterator[Endpoint]:
    view = app.view_functions.get(rule.endpoint)
    if view is None or rule.redirect_to is not None:
        return
    before = tuple(_before(app, rule.endpoint))
    for endpoint in _endpoints(app, rule, view):
        yield replace(endpoint, guards=(*before, *endpoint.guards))


def _endpoints(app: Flask, rule: Rule, view: Any) -> Iterator[Endpoint]:
    """The rule's methods, those together that are answered by the same code behind the same guards."""
    outer = (*sources.guards_on(view, "view"), *not_applied(view))
    groups: dict[tuple[Guard, ...], list[tuple[str, Any]]] = {}
    automatic = "OPTIONS" if getattr(rule, "provide_automatic_options", False) else ""
    for method in sorted(rule.methods or METHODS, key=_order):
        if method != automatic:
            handler = _method_of(view, method)
            inner = () if handler is view else (*sources.guards_on(handler, "method"), *not_applied(handler))
            groups.setdefault(inner, []).append((method, handler))
    path = PARAMETER.sub(r"{\g<name>}", rule.rule)
    for inner, members in groups.items():
        handler = members[0][1]
        yield Endpoint(
            methods=tuple(method for method, _ in members),
            path=path,
            probe=_sample(rule, "1"),
            handler=sources.name_of(handler),
            source=sources.location(handler),
            kind=Kind.STATIC if _is_static(app, rule) else Kind.APP,
            guards=(*outer, *inner),
            validated=Validated.YES if sources.validates(handler) else Validated.UNKNOWN,
        )
    if automatic:
        yield Endpoint(methods=("OPTIONS",), path=path, handler="flask", kind=Kind.AUTOMATIC)


def _method_of(view: Any, method: str) -> Any:
    """A view by class answers each method with the function of that name."""
    view_class = getattr(sources.function_of(view), "view_class", None) or getattr(view, "view_class", None)
    if view_class is None:
        return view
    found = getattr(view_class, method.lower(), None)
    if found is None and method == "HEAD":
        found = getattr(view_class, "get", None)
    return found or getattr(view_class, "dispatch_request", view)


def _before(app: Flask, endpoint: str) -> Iterator[Guard]:
    """The guards among what runs before the view: the app's, then each blueprint's."""
    parts = endpoint.split(".")[:-1]
    names = [None, *(".".join(parts[: length + 1]) for length in range(len(parts)))]
    for name in names:
        place = "app" if name is None else f"blueprint {name}"
        for function in app.before_request_funcs.get(name, ()):
            yield from sources.guards_on(function, place)


def _below(prefix: str, endpoint: Endpoint) -> str:
    return prefix + endpoint.probe if endpoint.probe else ""


def _picked_instead(app: Flask, rule: Rule, methods: Iterable[str]) -> Rule | None:
    """Another rule that the app picks for this one's addresses, whatever the method."""
    if rule.subdomain or rule.host:
        return None
    picked = [_pick(app, _sample(rule), method) for method in methods]
    return picked[0] if picked and all(each is not rule for each in picked) else None


def _sample(rule: Rule, text: str = "a1b2") -> str:
    return PARAMETER.sub(lambda found: SAMPLES.get(found["converter"] or "", text), rule.rule)


def _pick(app: Flask, address: str, method: str) -> Rule | None:
    try:
        rule, _ = app.url_map.bind("localhost").match(address, method, return_rule=True)
    except (HTTPException, RequestRedirect):
        return None
    return rule


def _is_static(app: Flask, rule: Rule) -> bool:
    name = rule.endpoint.rpartition(".")[2]
    return name == "static" and "<path:filename>" in rule.rule


def _bound_to(app: Any) -> Flask | None:
    """The app whose own `wsgi_app` this is."""
    owner = getattr(app, "__self__", None)
    return owner if isinstance(owner, Flask) else None


def _inner(app: Any) -> Any:
    return next((inner for name in INNER_APP if callable(inner := getattr(app, name, None))), None)


def _order(method: str) -> int:
    return METHODS.index(method) if method in METHODS else len(METHODS)

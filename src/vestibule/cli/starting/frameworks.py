"""The five frameworks, as data: how to recognize one, and how an app of it is started."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """`classes`: module and name of what makes an app. `needs`: what a new app installs besides."""

    name: str
    title: str
    classes: tuple[tuple[str, str], ...]
    needs: tuple[str, ...] = ("uvicorn",)
    start: str = "uvicorn {module}:{app} --port {port}"
    factory_start: str = "uvicorn --factory {module}:{app} --port {port}"

    @property
    def requirement(self) -> str:
        return f"vestibule[{self.name}]"


FASTAPI: Final = Framework(
    name="fastapi",
    title="FastAPI",
    classes=(("fastapi", "FastAPI"), ("fastapi.applications", "FastAPI")),
)
STARLETTE: Final = Framework(
    name="starlette", title="Starlette", classes=(("starlette.applications", "Starlette"),)
)
LITESTAR: Final = Framework(
    name="litestar", title="Litestar", classes=(("litestar", "Litestar"), ("litestar.app", "Litestar"))
)
FLASK: Final = Framework(
    name="flask",
    title="Flask",
    classes=(("flask", "Flask"), ("flask.app", "Flask")),
    needs=(),
    start="flask --app {module}:{app} run --port {port}",
    factory_start="flask --app {module}:{app} run --port {port}",
)
DJANGO: Final = Framework(
    name="django", title="Django", classes=(), needs=(), start="python manage.py runserver {port}"
)

# In the order in which dependencies decide: FastAPI brings Starlette along, and Litestar nothing.
FRAMEWORKS: Final[Mapping[str, Framework]] = {
    each.name: each for each in (FASTAPI, LITESTAR, DJANGO, FLASK, STARLETTE)
}

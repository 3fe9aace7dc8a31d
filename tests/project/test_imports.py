"""What an import brings along: it is paid at every start of every app."""

import subprocess
import sys

import pytest

from tests.project.tree import SOURCE, modules

HEAVY = (
    "httpx2",
    "sqlalchemy",
    "starlette",
    "fastapi",
    "flask",
    "msgspec",
    "jinja2",
    "asyncio",
    "vestibule.server",
)


# Some of Django's modules can be had in a project only.
DJANGO_PROJECT = """
import django
from django.conf import settings
django_apps = [f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "messages")]
settings.configure(INSTALLED_APPS=[*django_apps, "vestibule.django.users"])
django.setup()
"""


def loaded_by(statement: str) -> set[str]:
    """The modules that are loaded after the statement has run in a fresh interpreter."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_itself_loads_neither_a_framework_nor_the_http_client() -> None:
    assert loaded_by("import vestibule") & set(HEAVY) == set()


def test_the_middleware_for_any_asgi_app_waits_for_its_server_to_load_asyncio() -> None:
    assert loaded_by("import vestibule.asgi") & set(HEAVY) == set()


@pytest.mark.parametrize("adapter", ["fastapi", "starlette", "flask", "django", "litestar"])
def test_an_adapter_loads_neither_the_server_nor_the_http_client(adapter: str) -> None:
    loaded = loaded_by(f"import vestibule.{adapter}")
    assert f"vestibule.{adapter}" in loaded
    theirs = {"msgspec"} if adapter == "litestar" else set()
    assert loaded & {"httpx2", "sqlalchemy", "msgspec", "vestibule.server"} == theirs


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_every_module_imports(backwards: bool) -> None:
    """In both directions, because a circle of imports shows only when the wrong module comes first."""
    names = sorted(
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in modules("src")
        if "migrations" not in path.parts
    )
    imports = "\n".join(f"import {name}" for name in sorted(names, reverse=backwards))
    assert set(names) <= loaded_by(DJANGO_PROJECT + imports)

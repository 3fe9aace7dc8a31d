"""Adding sign-in to a Django project: two lines of settings, the URLs, and a view in a file of its own."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vestibule.cli.starting.changes import Change
from vestibule.cli.starting.project import Project
from vestibule.cli.starting.templating import render
from vestibule.cli.starting.texts import Text
from vestibule.cli.starting.wiring import NotCertain

FILES: Final = (
    "manage.py",
    "website/__init__.py",
    "website/settings.py",
    "website/urls.py",
    "website/views.py",
    "website/wsgi.py",
    "website/asgi.py",
)
SETTINGS_MODULE: Final = re.compile(r"""DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']""")
MIDDLEWARE: Final = 'MIDDLEWARE += ["vestibule.django.AuthMiddleware"]\n'
INSTALLED: Final = 'INSTALLED_APPS += ["vestibule.django"]\n'
PATH: Final = "account/"


@dataclass(frozen=True, slots=True)
class Site:
    """The two files of a project that are changed, and the package they are in."""

    package: str
    settings_module: str
    settings: Path
    urls: Path


def wire(project: Project) -> list[Change]:
    """Raises NotCertain."""
    site = _site(project)
    settings, urls = _read(project, site.settings), _read(project, site.urls)
    _check_list(settings, "MIDDLEWARE", site.settings)
    _check_list(urls, "urlpatterns", site.urls)
    view = Path(site.package.replace(".", "/"), "account.py")
    if project.has(view.as_posix()):
        raise NotCertain(f"{view} is there already")
    changed = settings.appended(f"\n{_installed(settings)}{MIDDLEWARE}")
    routed = _with_urls(urls, site)
    return [
        Change(site.settings, after=changed.content, before=settings.content),
        Change(site.urls, after=routed.content, before=urls.content),
        Change(view, after=render("django/account.py")),
    ]


def brings_a_table(project: Project) -> bool:
    return bool(_installed(_read(project, _site(project).settings)))


def test_of(project: Project) -> str:
    return render("django/test_page.py", settings=_site(project).settings_module, path=f"/{PATH}")


def lines_by_hand() -> str:
    urls = f'urlpatterns += [path("auth/", include("vestibule.django")), path("{PATH}", account)]'
    return (
        f"# settings.py\n{MIDDLEWARE}\n# urls.py\n{urls}\n\n# views.py\n{render('django/account.py')}".rstrip(
            "\n"
        )
    )


def _site(project: Project) -> Site:
    manage = _read(project, Path("manage.py"))
    found = SETTINGS_MODULE.search(manage.content)
    if found is None:
        raise NotCertain("manage.py does not name the settings")
    settings = Path(found[1].replace(".", "/") + ".py")
    roots = _assigned(_read(project, settings), "ROOT_URLCONF")
    if not isinstance(roots, ast.Constant) or not isinstance(roots.value, str):
        raise NotCertain(f"{settings} does not name ROOT_URLCONF")
    urls = Path(roots.value.replace(".", "/") + ".py")
    return Site(roots.value.rpartition(".")[0] or "", found[1], settings, urls)


def _read(project: Project, path: Path) -> Text:
    text = project.text(path)
    if text is None:
        raise NotCertain(f"{path} is not there, or not UTF-8")
    return text


def _parsed(text: Text) -> ast.Module:
    try:
        return ast.parse(text.content.encode())
    except SyntaxError:
        raise NotCertain("a file does not parse") from None


def _assigned(text: Text, name: str) -> ast.expr | None:
    for node in _parsed(text).body:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return value
            case ast.AnnAssign(target=ast.Name(id=found), value=value) if found == name:
                return value
    return None


def _check_list(text: Text, name: str, path: Path) -> None:
    if not isinstance(_assigned(text, name), ast.List):
        raise NotCertain(f"{name} in {path} is no plain list")


def _installed(settings: Text) -> str:
    """Its checks and template tags; with them comes a table of users, which needs Django's own."""
    apps = _assigned(settings, "INSTALLED_APPS")
    named = (
        {each.value for each in apps.elts if isinstance(each, ast.Constant)}
        if isinstance(apps, ast.List)
        else ()
    )
    return INSTALLED if "django.contrib.auth" in named else ""


def _with_urls(urls: Text, site: Site) -> Text:
    tree = _parsed(urls)
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom | ast.Import)]
    if not imports:
        raise NotCertain(f"{site.urls} imports nothing")
    names = {
        each.asname or each.name
        for node in imports
        if isinstance(node, ast.ImportFrom) and node.module == "django.urls"
        for each in node.names
    }
    bound = {each.asname or each.name for node in imports for each in node.names}
    missing = [name for name in ("include", "path") if name not in names]
    if taken := bound & {*missing, "account"}:
        raise NotCertain(f"{site.urls} has {min(taken)!r} from elsewhere")
    lines = f"from django.urls import {', '.join(missing)}\n" if missing else ""
    prefix = f"{site.package}." if site.package else ""
    lines += f"from {prefix}account import account\n"
    patterns = f'[path("auth/", include("vestibule.django")), path("{PATH}", account)]'
    end = max(node.end_lineno or 0 for node in imports)
    return urls.appended(f"\nurlpatterns += {patterns}\n").inserted(end, lines)

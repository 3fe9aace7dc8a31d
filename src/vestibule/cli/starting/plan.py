"""Everything that is missing for sign-in, as changes to show and then to make."""

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

from vestibule.cli.starting import django_project
from vestibule.cli.starting.apps import App
from vestibule.cli.starting.changes import Change
from vestibule.cli.starting.dependencies import ADD, plan_dependency
from vestibule.cli.starting.environment_files import Wanted, plan_environment
from vestibule.cli.starting.frameworks import DJANGO, Framework
from vestibule.cli.starting.project import Project
from vestibule.cli.starting.templating import render
from vestibule.cli.starting.wiring import NotCertain, Page, choose_page, lines_by_hand, wire

TEST = Path("tests/test_sign_in.py")
PACKAGE = Path("tests/__init__.py")
NEW_APP_NAMES = ("main", "app", "web")


@dataclass(slots=True)
class Plan:
    """`left` says what was not touched and why, with the lines to add by hand."""

    changes: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def create(self, project: Project, path: Path, content: str) -> bool:
        """A new file; whether it is there with this content in the end."""
        text = project.text(path)
        if text is None and not (project.directory / path).exists():
            self.changes.append(Change(path, after=content))
        elif text is None or text.content.replace("\r\n", "\n") != content:
            self.left.append(f"{path} is there already and was left alone.")
            return False
        return True


def make_plan(project: Project, framework: Framework, app: App | None, wanted: Wanted, *, port: int) -> Plan:
    plan = Plan()
    if project.pyproject_problem:
        plan.left.append(project.pyproject_problem)
    if not project.is_wired:
        if app is not None:
            _existing(plan, project, app, port=port)
        elif framework is DJANGO and project.has("manage.py"):
            _existing_django(plan, project, port=port)
        else:
            _new(plan, project, framework, port=port)
    plan.changes += plan_environment(project.directory, wanted)
    return plan


def _existing(plan: Plan, project: Project, app: App, *, port: int) -> None:
    contents = [text.content for source in project.sources if (text := project.text(source.path))]
    page = Page("account")
    try:
        page = choose_page(contents)
        text = project.text(app.source.path)
        if text is None:
            raise NotCertain(f"{app.source.path} is not UTF-8")
        wired = wire(app, text, page)
    except NotCertain as reason:
        lines = lines_by_hand(app, app.framework.name, page)
        plan.left.append(f"{app.source.path} was left alone: {reason}. Add these lines yourself:\n\n{lines}")
    else:
        plan.changes.append(Change(app.source.path, after=wired.content, before=text.content))
        _test_of_page(plan, project, app, page)
    _install(plan, project, app.framework)
    module = module_of(app.source.path)
    start = app.framework.factory_start if app.function else app.framework.start
    plan.commands.append(_dev(project, start.format(module=module, app=app.callable_name, port=port), port))


def _test_of_page(plan: Plan, project: Project, app: App, page: Page) -> None:
    module = module_of(app.source.path)
    if module is None or (app.function is not None and not _callable_bare(app.function)):
        plan.left.append(f"No test was written: {app.place} cannot be imported and called as it is.")
        return
    made = f"{app.callable_name}()" if app.function else app.callable_name
    values = {"module": module, "made_by": app.callable_name, "app": made, "path": page.path}
    plan.create(project, TEST, render(f"{app.framework.name}/test_page.py", **values))
    find_modules(plan, project)


def find_modules(plan: Plan, project: Project) -> None:
    """A `conftest.py`, where nothing else lets pytest import from this directory."""
    configured = project.pyproject.get("tool", {}).get("pytest", {})
    paths = configured.get("ini_options", configured).get("pythonpath")
    planned = any(change.path == PACKAGE for change in plan.changes)
    if paths or planned or project.has("conftest.py") or project.has(PACKAGE.as_posix()):
        return
    plan.create(project, Path("conftest.py"), render("conftest.py"))


def module_of(path: Path) -> str | None:
    """How Python imports it; None where it cannot."""
    parts = path.with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" else parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def _callable_bare(function: ast.FunctionDef) -> bool:
    arguments = function.args
    required = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    return not required and None not in arguments.kw_defaults


def _existing_django(plan: Plan, project: Project, *, port: int) -> None:
    migrate = False
    try:
        changes = django_project.wire(project)
    except NotCertain as reason:
        by_hand = django_project.lines_by_hand()
        plan.left.append(
            f"The Django project was left alone: {reason}. Add these lines yourself:\n\n{by_hand}"
        )
    else:
        plan.changes += changes
        migrate = django_project.brings_a_table(project)
        _django_test(plan, project, django_project.test_of(project))
    _install(plan, project, DJANGO)
    plan.commands += [_run(project, "python manage.py migrate")] if migrate else []
    plan.commands.append(_dev(project, DJANGO.start.format(port=port), port))


def _django_test(plan: Plan, project: Project, content: str) -> None:
    """In a package: Django's own runner finds no test elsewhere, and pytest finds the project by it."""
    if not project.has(PACKAGE.as_posix()):
        plan.create(project, PACKAGE, render("django/tests_package.py"))
    plan.create(project, TEST, content)


def _new(plan: Plan, project: Project, framework: Framework, *, port: int) -> None:
    """A whole small app, beside whatever is there."""
    module = next((name for name in NEW_APP_NAMES if not project.has(f"{name}.py")), NEW_APP_NAMES[0])
    if framework is DJANGO:
        for name in django_project.FILES:
            plan.create(project, Path(name), render(f"django/{name}"))
        plan.create(project, TEST, render("django/test_app.py", path="/account/"))
    else:
        plan.create(project, Path(f"{module}.py"), render(f"{framework.name}/main.py"))
        values = {"module": module, "made_by": "app", "app": "app", "path": "/account"}
        plan.create(project, TEST, render(f"{framework.name}/test_app.py", **values))
    if project.has("pyproject.toml") or project.requirement_files:
        _install(plan, project, framework, besides=framework.needs)
        find_modules(plan, project)
    else:
        _new_pyproject(plan, project, framework)
    start = framework.start.format(module=module, app="app", port=port)
    plan.commands += [_run(project, "pytest"), _dev(project, start, port)]


def _new_pyproject(plan: Plan, project: Project, framework: Framework) -> None:
    needed = [*framework.needs, framework.requirement]
    name = re.sub(r"[^a-z0-9]+", "-", project.directory.resolve().name.lower()).strip("-") or "app"
    listed = ", ".join(f'"{each}"' for each in needed)
    plan.create(project, Path("pyproject.toml"), render("pyproject.toml", name=name, dependencies=listed))
    by_tool = {"uv": "uv sync", "poetry": "poetry install", "pdm": "pdm install"}
    quoted = " ".join(f"'{each}'" for each in ("vestibule[server]", framework.requirement))
    others = " ".join((*framework.needs, "pytest"))
    plan.commands.append(by_tool.get(project.tool, f"pip install {quoted} {others}"))


def _install(plan: Plan, project: Project, framework: Framework, *, besides: tuple[str, ...] = ()) -> None:
    change, commands = plan_dependency(project, framework)
    if change is not None:
        plan.changes.append(change)
    plan.commands += commands
    missing = [name for name in besides if name not in project.declared]
    if missing:
        plan.commands.append(f"{ADD.get(project.tool, 'pip install')} {' '.join(missing)}")


def _run(project: Project, command: str) -> str:
    return f"{project.tool} run {command}" if project.tool in ADD else command


def _dev(project: Project, start: str, port: int) -> str:
    return _run(project, f"vestibule dev --app-url http://localhost:{port} -- {start}")

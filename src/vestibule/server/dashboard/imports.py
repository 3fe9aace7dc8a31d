"""Taking in people from a file: checked first, then worked off in the background while one watches."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from starlette.responses import Response, StreamingResponse

from vestibule.server.dashboard.deeds import deed, page
from vestibule.server.dashboard.desk import Desk
from vestibule.server.dashboard.mistakes import NONE, REFUSALS, Mistakes, mistakes
from vestibule.server.dashboard.spreadsheets import csv_line
from vestibule.server.dashboard.uploads import Upload
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Invalid
from vestibule.server.identity.import_jobs import (
    cancel_import,
    create_import,
    get_import,
    import_checked,
    list_imports,
    list_problems,
)
from vestibule.server.identity.paging import Page

PATH: Final = "/dashboard/imports"
NEW: Final = f"{PATH}/new"
OWN: Final = PATH + "/{import_id}"
KINDS: Final = (
    ("csv", "CSV, with the names of the columns in the first line"),
    ("json", "Lines of JSON, with the same names"),
    ("auth0", "The export of Auth0"),
)
SHOWN: Final = 50
AT_ONCE: Final = 500


def show_all(desk: Desk) -> Response:
    asked = Page(limit=25, before=desk.query("before") or None, after=desk.query("after") or None)
    return desk.page("imports/list.html", found=list_imports(desk.identity, asked))


def show_new(desk: Desk, problems: Mistakes = NONE) -> Response:
    return desk.page(
        "imports/new.html",
        status=HTTPStatus.OK if problems == NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        kinds=KINDS,
        values={"kind": desk.form.get("kind", "csv")},
        errors=problems.errors,
        problem=problems.problem,
    )


def upload(desk: Desk) -> Response:
    """Checked, and nothing kept; unless `action` says that it is meant."""
    given: Upload | None = getattr(desk.request.state, "upload", None)
    try:
        if given is None or not given.path.stat().st_size:
            raise Invalid.field("file", "file_missing", "Choose a file that is not empty.")
        job = create_import(
            desk.identity,
            given.path,
            file_name=given.name,
            kind=desk.form.get("kind", ""),
            dry_run="for_real" not in desk.form,
        )
    except REFUSALS as error:
        return show_new(desk, mistakes(error))
    desk.request.state.upload = None  # it belongs to the import now
    return desk.go(f"{PATH}/{job.id}")


def show(desk: Desk, problems: Mistakes = NONE) -> Response:
    job = get_import(desk.identity, desk.path("import_id"))
    return desk.page(
        "imports/one.html",
        status=HTTPStatus.OK if problems == NONE else HTTPStatus.UNPROCESSABLE_ENTITY,
        job=job,
        kind=dict(KINDS).get(job.kind, job.kind),
        under_way=job.state in ("waiting", "running"),
        percent=min(100, job.read * 100 // job.size) if job.size else 100,
        wrong=list_problems(desk.identity, job.id, limit=SHOWN),
        problem=problems.problem,
    )


def run(desk: Desk) -> Response:
    try:
        job = import_checked(desk.identity, desk.path("import_id"))
    except REFUSALS as error:
        get_import(desk.identity, desk.path("import_id"))
        return show(desk, mistakes(error))
    return desk.go(f"{PATH}/{job.id}")


def cancel(desk: Desk) -> Response:
    try:
        job = cancel_import(desk.identity, desk.path("import_id"))
    except REFUSALS as error:
        return show(desk, mistakes(error))
    return desk.go(f"{PATH}/{job.id}")


def problems(desk: Desk) -> Response:
    job = get_import(desk.identity, desk.path("import_id"))
    return StreamingResponse(
        _problem_lines(desk.identity, job.id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="problems.csv"', "Cache-Control": "no-store"},
    )


def _problem_lines(identity: Identity, job_id: str) -> Iterator[str]:
    yield csv_line(("line", "who", "reason"))
    last = 0
    while found := list_problems(identity, job_id, limit=AT_ONCE, after=last):
        yield "".join(csv_line((each.line, each.who, each.reason)) for each in found)
        last = found[-1].line


DEEDS: Final = (
    page(PATH, show_all),
    page(NEW, show_new, right="manage", fresh=True),
    deed(NEW, upload, right="manage", back=NEW, fresh=True, streams=True),
    page(OWN, show),
    page(f"{OWN}/problems.csv", problems),
    deed(f"{OWN}/run", run, right="manage", back=OWN, fresh=True),
    deed(f"{OWN}/cancel", cancel, right="manage", back=OWN),
)

"""The thread that works off imports, one at a time, beside everything that answers people."""

import logging

from vestibule.server.identity.context import Identity
from vestibule.server.identity.import_jobs import claim_import, work_at
from vestibule.server.lanes import Lanes, Work

log = logging.getLogger("vestibule.server.imports")


def import_lanes(identity: Identity) -> Lanes:
    def claim() -> Work | None:
        job = claim_import(identity)
        return None if job is None else lambda stopping: work_at(identity, job, stopping=stopping)

    return Lanes(claim, log=log, fault="import_work_failed", lanes=1)

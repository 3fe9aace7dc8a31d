"""The report for programs."""

import json
from typing import Any

from vestibule.audit.model import Endpoint, Finding, Guard, Report


def as_json(report: Report) -> str:
    data = {
        "app": report.app,
        "framework": report.framework,
        "ok": report.ok,
        "protect": report.protect,
        "public_paths": list(report.public_paths),
        "counts": dict(report.counts()),
        "probed": report.probed,
        "endpoints": [_endpoint(each, report) for each in report.endpoints],
        "findings": [_finding(each) for each in report.findings],
        "allowed": [_finding(each) for each in report.allowed],
        "warnings": list(report.warnings),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _endpoint(endpoint: Endpoint, report: Report) -> dict[str, Any]:
    return {
        "methods": list(endpoint.methods),
        "path": endpoint.path,
        "kind": endpoint.kind.value,
        "page": {"guarded": endpoint.page.guarded, "why": endpoint.page.why},
        "guards": [_guard(each, endpoint) for each in endpoint.guards],
        "input_validated": endpoint.validated.value,
        "handler": endpoint.handler,
        "source": endpoint.source,
        "reached": endpoint.taken_by is None,
        "findings": [each.flaw.value for each in report.of(endpoint)],
    }


def _guard(guard: Guard, endpoint: Endpoint) -> dict[str, Any]:
    return {
        "requires": guard.words,
        "place": guard.place,
        "holds": guard.fault is None and not (guard.requirement and endpoint.lacks_auth),
        "why_not": guard.fault.why if guard.fault else None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.flaw.value,
        "methods": list(finding.methods),
        "path": finding.path,
        "message": finding.message,
        "mend": finding.mend,
        "source": finding.source,
    }

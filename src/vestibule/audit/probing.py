"""Calling each endpoint: does what is declared hold? Signed out by `vestibule audit --probe`; with sessions
only where a test issuer makes them (`vestibule.testing.assert_guarded`)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vestibule.audit.calling import Answer, Ask, Caller
from vestibule.audit.model import ANY, WEBSOCKET, Endpoint, Finding, Flaw, Kind, Report
from vestibule.audit.words import in_words, rights_for
from vestibule.session.guards import All, Requirement

HARMLESS = ("GET", "HEAD", "OPTIONS", WEBSOCKET)
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# What a guard answers, and what is in front of it when it is busy. Anything else may have come from behind.
REFUSALS = frozenset({301, 302, 303, 307, 308, 401, 403, 429, 503})
OURS = frozenset({"signed_out", "forbidden", "reauthentication_required"})

Rights = Mapping[str, Any]
# From rights to the Cookie header of somebody who has them.
SignIn = Callable[[Rights], str]


@dataclass(frozen=True, slots=True)
class Probe:
    endpoint: Endpoint
    ask: Ask


def probe(report: Report, call: Caller, *, unsafe: bool = False, sign_in: SignIn | None = None) -> Report:
    """The report with what the answers add. Each endpoint is asked without a session; with `sign_in` also by
    somebody without rights, and by somebody with exactly those that it requires."""
    probes = list(_probes(report.endpoints, unsafe=unsafe))
    found = list(_signed_out(probes, _answers(call, [each.ask for each in probes]), report))
    if sign_in is not None:
        found += _signed_in(probes, call, sign_in)
    findings = list(report.findings)
    warnings = list(report.warnings)
    for each in found:
        if isinstance(each, str):
            warnings.append(each)
        elif not _said_before(each, findings):
            findings.append(each)
    return replace(report, findings=tuple(findings), warnings=tuple(warnings), probed=len(probes))


def _probes(endpoints: Iterable[Endpoint], *, unsafe: bool) -> Iterator[Probe]:
    wanted = (*HARMLESS, *UNSAFE) if unsafe else HARMLESS
    for endpoint in endpoints:
        if endpoint.kind is Kind.APP and endpoint.taken_by is None:
            methods = ("GET", "OPTIONS") if endpoint.methods == (ANY,) else endpoint.methods
            for method in methods:
                if method in wanted:
                    yield Probe(endpoint, Ask(method, endpoint.address))


def _answers(call: Caller, asks: list[Ask]) -> list[Answer | None]:
    """A caller leaves out what it cannot ask: there are no WebSockets in WSGI."""
    answers = call(asks)
    if len(answers) == len(asks):
        return list(answers)
    left = iter(answers)
    return [None if ask.method == WEBSOCKET else next(left) for ask in asks]


def _signed_out(probes: list[Probe], answers: list[Answer | None], report: Report) -> Iterator[Finding | str]:
    for each, answer in zip(probes, answers, strict=True):
        if answer is None:
            continue
        name = f"{each.ask.method} {each.ask.address}"
        if answer.status == 0 or answer.status >= 500:
            yield f"{name} failed without a session: {answer.error or f'status {answer.status}'}"
        elif answer.is_data and (each.endpoint.guarded or each.endpoint.page.guarded):
            message = (
                f"Declared ({_declared(each.endpoint)}), but does not hold: {name} answered {answer.status}"
            )
            yield _finding(each, f"{message} without a session.")
        elif each.endpoint.guarded and answer.status not in REFUSALS:
            yield f"{name} answered {answer.status} without a session: does its guard hold?"
        elif answer.is_data and answer.body and each.ask.method == "GET" and report.of(each.endpoint):
            yield f"{name} answered {answer.status} with data, without a session."


def _declared(endpoint: Endpoint) -> str:
    return endpoint.words if endpoint.guarded else endpoint.page.why


def _signed_in(probes: list[Probe], call: Caller, sign_in: SignIn) -> Iterator[Finding | str]:
    for each in probes:
        wanted = [guard.requirement for guard in each.endpoint.holding if guard.requirement is not None]
        if not wanted or len(wanted) < len(each.endpoint.holding):
            continue  # nothing of ours, or more than ours: nobody can say what the answer should be
        requirement = All(tuple(wanted))
        needs_more = in_words(requirement) != "signed in"
        if needs_more:
            yield from _without_rights(each, call, sign_in, requirement)
        yield from _with_rights(each, call, sign_in, requirement)


def _without_rights(
    each: Probe, call: Caller, sign_in: SignIn, requirement: Requirement
) -> Iterator[Finding | str]:
    rights = rights_for(requirement)
    if rights is None or not (rights.keys() - {"authenticated_ago"}):
        return
    answer = _ask(each, call, sign_in({}))
    who = "somebody signed in without any rights"
    if answer is not None and not answer.is_data and answer.status not in REFUSALS:
        yield f"{each.ask.method} {each.ask.address} answered {who} {answer.status}, where 403 was expected."
    if answer is not None and answer.is_data:
        message = f"Declared ({in_words(requirement)}), but does not hold: {who} got {answer.status}."
        yield _finding(each, message)


def _with_rights(
    each: Probe, call: Caller, sign_in: SignIn, requirement: Requirement
) -> Iterator[Finding | str]:
    rights = rights_for(requirement)
    if rights is None:
        yield f"{each.ask.method} {each.ask.address}: nobody can make a session for {in_words(requirement)}."
        return
    answer = _ask(each, call, sign_in(rights))
    if answer is not None and answer.status in (401, 403) and _is_ours(answer, each):
        yield _finding(
            each, f"Somebody with exactly what it requires ({in_words(requirement)}) got {answer.status}."
        )


def _ask(each: Probe, call: Caller, cookie: str) -> Answer | None:
    ask = replace(each.ask, headers=(*each.ask.headers, ("Cookie", cookie)))
    return next(iter(call([ask])), None)


def _is_ours(answer: Answer, each: Probe) -> bool:
    """Whether a guard of ours said it: the app may have reasons of its own. HEAD has no body to tell by."""
    if each.ask.method in ("HEAD", WEBSOCKET):
        return True
    try:
        return json.loads(answer.body)["error"]["code"] in OURS
    except (ValueError, KeyError, TypeError):
        return False


def _finding(each: Probe, message: str) -> Finding:
    return Finding(
        flaw=Flaw.NOT_HOLDING,
        methods=(each.ask.method,),
        path=each.endpoint.path,
        message=message,
        mend="See what answers before the guard is asked.",
        source=each.endpoint.source,
    )


def _said_before(finding: Finding, findings: Iterable[Finding]) -> bool:
    return any(set(finding.names) <= set(each.names) for each in findings)

"""Direct mode has no server to ask; it has providers, and what has to be registered there."""

from vestibule.cli.doctor.findings import Finding, error, ok, unknown, warning
from vestibule.cli.doctor.subject import Subject
from vestibule.direct.way import DirectWay
from vestibule.errors import ProviderError, Unreachable
from vestibule.flow import HttpRequest, HttpResponse, run
from vestibule.oauth.upstream import Upstream

NO_SETTINGS = "The settings cannot be used yet."


def providers(subject: Subject) -> Finding:
    """Discovery documents are fetched; a provider of the table has none, and is taken at its word."""
    way = _way(subject)
    if way is None:
        return unknown(NO_SETTINGS, "Mend the settings first.")

    def send(request: HttpRequest) -> HttpResponse:
        return subject.asking.get(request.url, **dict(request.headers)).response

    silent, wrong = [], []
    for client in way.clients.values():
        try:
            run(Upstream(client).endpoints(), send)
        except Unreachable as silence:
            silent.append(silence.message)
        except ProviderError as refusal:
            wrong.append(f"{refusal.message} {refusal.hint}")
    if wrong:
        return error(" ".join(wrong), "Compare the provider's settings with its documentation.")
    if silent:
        return warning(" ".join(silent), "Ask again; is it reachable from here?")
    unverified = [name for name, client in way.clients.items() if not client.template.verified]
    if unverified:
        return warning(f"{', '.join(unverified)}: nobody has tried this one yet.", "Sign in once yourself.")
    return ok(f"{', '.join(way.clients) or 'passwords only'}: credentials are set.")


def callbacks(subject: Subject) -> Finding:
    """Nobody can ask a provider what is registered; so here is what must be."""
    way = _way(subject)
    if way is None:
        return unknown(NO_SETTINGS, "Mend the settings first.")
    lines = [f"{name}: {way.callback_url(name)}" for name in way.clients]
    return ok("To be registered at each: " + ", ".join(lines)) if lines else ok("There are no providers.")


def _way(subject: Subject) -> DirectWay | None:
    installation = subject.installation
    return installation.way if installation is not None and subject.config is not None else None

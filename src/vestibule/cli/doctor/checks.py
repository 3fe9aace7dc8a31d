"""Every check, in the order of the report."""

from typing import Final

from vestibule.cli.doctor import of_app, of_direct, of_server, of_settings
from vestibule.cli.doctor.findings import Check, Finding, unknown
from vestibule.cli.doctor.subject import Subject

SETTINGS: Final = (
    Check("settings", of_settings.settings),
    Check("cookie_password", of_settings.cookie_password),
    Check("public_url", of_settings.public_url),
    Check("cookie_flags", of_settings.cookie_flags),
    Check("cookie_size", of_settings.cookie_size),
    Check("env_file", of_settings.env_file),
    Check("env_file_mode", of_settings.env_file_mode),
)
SERVER: Final = (
    Check("server", of_server.server),
    Check("clock", of_server.clock),
    Check("key_set", of_server.key_set),
    Check("issuer", of_server.issuer),
    Check("client_id", of_server.client_id),
    Check("redirect_uri", of_server.redirect_uri),
    Check("api_key", of_server.api_key),
)
APP: Final = (
    Check("app", of_app.app),
    Check("framework", of_app.framework),
    Check("callback", of_app.callback),
    Check("guards", of_app.guards),
    Check("proxy", of_app.proxy),
)
DIRECT: Final = (
    Check("providers", of_direct.providers),
    Check("callbacks", of_direct.callbacks),
)
CHECKS: Final = (*SETTINGS, *SERVER, *DIRECT, *APP)


def checks_for(subject: Subject) -> tuple[Check, ...]:
    """An app of direct mode has providers in place of a server."""
    return (*SETTINGS, *(DIRECT if subject.direct else SERVER), *APP)


def finding_of(check: Check, subject: Subject) -> Finding:
    """A check that breaks tells so, and the others go on."""
    try:
        return check.run(subject)
    except Exception as failure:
        return unknown(f"The check broke: {type(failure).__name__}: {failure}", "Report it, please.")

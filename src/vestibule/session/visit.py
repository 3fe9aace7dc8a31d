"""One request's session: everything that reads or changes it goes through here, and one cookie leaves."""

from vestibule.flow import Flow
from vestibule.session.incoming import Incoming
from vestibule.session.model import Session, SignedOut, SignIn


class Visit:
    """Make one per request with `Core.visit`; put `headers()` on the response, whatever it is."""

    incoming: Incoming
    reason: SignedOut | None

    def load(self) -> Flow[Session | None]:
        """The session, or None with `reason` set. Asks the network only when the token has to be
        refreshed or a key fetched. Raises Unreachable: the session is still good, try later."""
        raise NotImplementedError

    def refresh(self, *, organization_id: str | None = None) -> Flow[Session]:
        """A new token now; with `organization_id`, in that organization. Raises Refused (the session
        stays as it is) and Unreachable."""
        raise NotImplementedError

    def begin(
        self,
        *,
        screen_hint: str | None = None,
        return_path: str | None = None,
        organization_id: str | None = None,
        login_hint: str | None = None,
        prompt: str | None = None,
        max_age: int | None = None,
        redirect_uri: str | None = None,
        state: str | None = None,
        domain_hint: str | None = None,
        connection_id: str | None = None,
        invitation_token: str | None = None,
    ) -> str:
        """The address where sign-in begins; its verifier cookie is among `headers()`."""
        raise NotImplementedError

    def finish(self) -> Flow[SignIn]:
        """The callback. Nobody is signed in before `commit`. Raises LoginError and Unreachable."""
        raise NotImplementedError

    def commit(self, sign_in: SignIn) -> Session:
        """Makes it the browser's session. Raises SessionTooLarge."""
        raise NotImplementedError

    def end(self, *, return_to: str | None = None) -> str:
        """Signs out and wins over anything else in this request. Where the browser must go next."""
        raise NotImplementedError

    def started(self) -> None:
        """The response has started: what changes from here on cannot reach the browser, so nothing does."""
        raise NotImplementedError

    def headers(self) -> list[tuple[str, str]]:
        """What must leave with this response: Set-Cookie lines, and when the session was read or
        written also Cache-Control and Vary."""
        raise NotImplementedError

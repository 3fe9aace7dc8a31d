"""The addresses of the application itself: where people go when nothing else says."""

from vestibule.server.api.bodies import UNSET, Body, Line, Unset, given
from vestibule.server.api.operation import Call, Operations
from vestibule.server.api.shapes import EnvironmentShape, show
from vestibule.server.identity import environment

operations = Operations("environment")


class UpdateHomepage(Body):
    url: Line


class UpdateEnvironment(Body):
    name: Line | Unset = UNSET
    sign_out_redirect: Line | Unset | None = UNSET
    app_homepage_url: Line | Unset | None = UNSET
    initiate_login_url: Line | Unset | None = UNSET


@operations.get("/environments/current", answers=EnvironmentShape)
def get_environment(call: Call[None]) -> EnvironmentShape:
    """Get this environment."""
    return show(EnvironmentShape, environment.get_environment(call.identity))


@operations.put("/environments/current", body=UpdateEnvironment, answers=EnvironmentShape)
def update_environment(call: Call[UpdateEnvironment]) -> EnvironmentShape:
    """Change its name or one of its addresses; null removes an address."""
    return show(EnvironmentShape, environment.update_environment(call.identity, **given(call.body)))


@operations.put("/user_management/app_homepage_url", body=UpdateHomepage, answers=EnvironmentShape)
def update_app_homepage_url(call: Call[UpdateHomepage]) -> EnvironmentShape:
    """Set the application's homepage."""
    updated = environment.update_environment(call.identity, app_homepage_url=call.body.url)
    return show(EnvironmentShape, updated)

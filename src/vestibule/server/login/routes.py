"""The hosted pages, each a place to look at and a form to send."""

from starlette.routing import Route

from vestibule.server.hops import Hops
from vestibule.server.hosted import Page
from vestibule.server.identity.context import Identity
from vestibule.server.login import (
    consent,
    device,
    dispatch,
    enroll_second_factor,
    forgot_password,
    impersonate,
    invitation,
    magic_code,
    passkeys,
    password,
    reset_password,
    second_factor,
    select_organization,
    sign_in,
    sign_out,
    sign_up,
    social,
    step_up,
    verify_email,
)
from vestibule.server.login.endpoint import endpoint


def routes(identity: Identity, hops: Hops) -> list[Route]:
    def page(path: str, show: Page, submit: Page, *, hashes: bool = False) -> list[Route]:
        return [
            Route(path, endpoint(show, identity, hops), methods=["GET"]),
            Route(path, endpoint(submit, identity, hops, hashes=hashes), methods=["POST"]),
        ]

    return [
        Route("/continue", endpoint(dispatch.proceed, identity, hops), methods=["GET"]),
        *page("/sign-out", sign_out.show, sign_out.submit),
        *page("/device", device.show, device.submit),
        *page("/device/confirm", device.show_decision, device.submit_decision),
        *page("/sign-in", sign_in.show, sign_in.submit, hashes=True),
        *page("/sign-in/password", password.show, password.submit, hashes=True),
        *[
            Route(path, endpoint(answer, identity, hops), methods=["GET"])
            for path, answer in {
                "/sign-in/with/{provider}": social.begin,
                "/sign-in/with/{provider}/finish": social.finish,
                "/callback/{provider}": social.callback,
            }.items()
        ],
        *page("/step-up", step_up.show, step_up.submit, hashes=True),
        *page("/sign-up", sign_up.show, sign_up.submit, hashes=True),
        *page("/magic-code", magic_code.show, magic_code.submit),
        Route("/invite", endpoint(invitation.show, identity, hops), methods=["GET"]),
        Route("/joined", endpoint(invitation.joined, identity, hops), methods=["GET"]),
        *page("/verify-email", verify_email.show, verify_email.submit),
        *page("/impersonate", impersonate.show, impersonate.submit),
        *page("/forgot-password", forgot_password.show, forgot_password.submit),
        *page("/reset-password", reset_password.show, reset_password.submit, hashes=True),
        *page("/second-factor", second_factor.show, second_factor.submit),
        *page("/enroll-second-factor", enroll_second_factor.show, enroll_second_factor.submit),
        *page("/passkeys/enroll", passkeys.show, passkeys.submit),
        *[
            Route(path, endpoint(answer, identity, hops), methods=["POST"])
            for path, answer in {
                "/passkeys/sign-in": passkeys.sign_in,
                "/passkeys/sign-in/options": passkeys.sign_in_options,
                "/passkeys/second-factor": passkeys.second_factor,
                "/passkeys/second-factor/options": passkeys.second_factor_options,
                "/passkeys/enroll/options": passkeys.register_options,
            }.items()
        ],
        *page("/consent", consent.show, consent.submit),
        *page("/select-organization", select_organization.show, select_organization.submit),
    ]

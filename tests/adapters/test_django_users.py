"""`UserBackend`: Django's users in step with the people who sign in, and the admin."""

from tests.adapters import django_app  # sets Django up, which the imports below need

# isort: split
import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import aauthenticate, alogout, authenticate, get_user_model, logout
from django.contrib.auth.models import AbstractUser, Permission, User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test.utils import override_settings
from django.urls import path

from tests.adapters.acts import ANSWERS
from tests.adapters.django_app import MODES, rig_of
from tests.adapters.rigs import Rig
from tests.adapters.test_acts import answered
from vestibule import requirement
from vestibule.django import Request, UserBackend
from vestibule.django.users.models import Identity
from vestibule.session.model import Session
from vestibule.testing import sign_in

BACKEND = "vestibule.django.UserBackend"
LogIn = Callable[[Rig], object]
STAFF = {"staff": requirement(role="admin"), "superuser": requirement(role="owner")}


@pytest.fixture(autouse=True)
def database() -> Iterator[None]:
    """Tables in memory, gone with the connection."""
    with override_settings(AUTHENTICATION_BACKENDS=[BACKEND]):
        call_command("migrate", verbosity=0)
        yield
    call_command("flush", verbosity=0, interactive=False)


def described(user: Any) -> HttpResponse:
    email = getattr(user, "email", "")
    return JsonResponse({"name": user.get_username(), "staff": user.is_staff, "email": email})


def whoami(request: HttpRequest) -> HttpResponse:
    return described(request.user)


async def whoami_async(request: Any) -> HttpResponse:
    return described(await request.auser())


def remember(request: HttpRequest) -> HttpResponse:
    found = request.session.get("cart")
    request.session["cart"] = "full"
    return JsonResponse({"found": found})


def leave(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse(str(request.user))


async def leave_async(request: HttpRequest) -> HttpResponse:
    await alogout(request)
    return HttpResponse("AnonymousUser")


def drop(request: Request) -> HttpResponse:
    before = str(request.user)
    request.auth.sign_out()
    return HttpResponse(f"{bool(before)} {request.user}")


def site(mode: str = "django", **hooks: Any) -> Rig:
    views: tuple[Callable[..., Any], ...] = (whoami, leave)
    if mode == "django-async":
        views = (whoami_async, leave_async)
    return rig_of(
        path("who", views[0]),
        path("logout", views[1]),
        path("drop", drop),
        path("cart", remember),
        path("admin/", admin.site.urls),
        mode=mode,
        **hooks,
    )


@pytest.mark.parametrize("mode", MODES)
def test_a_user_is_made_when_somebody_signs_in_and_brought_up_to_date_later(mode: str) -> None:
    rig = site(mode, **STAFF)
    assert rig.get("/who").json == {"name": "", "staff": False, "email": ""}
    rig.follow_sign_in(email="ada@example.com", role="member", user={"first_name": "Ada"})
    user = User.objects.get()
    assert (user.email, user.first_name, user.is_staff, user.is_superuser) == (
        "ada@example.com", "Ada", False, False,
    )  # fmt: skip
    assert user.username == user.vestibule_identity.subject
    assert not user.has_usable_password()
    assert user.last_login is not None
    assert rig.get("/who").json["email"] == "ada@example.com"
    rig.follow_sign_in(email="ada@example.com", role="admin", user={"first_name": "Augusta"})
    user = User.objects.get()
    assert (user.first_name, user.is_staff) == ("Augusta", True)


@pytest.mark.parametrize("mode", MODES)
def test_a_session_that_was_there_before_gets_its_user_too(mode: str) -> None:
    rig = site(mode)
    sign_in(rig.client, auth=rig.auth, email="ada@example.com")
    assert rig.get("/who").json["email"] == "ada@example.com"
    assert rig.get("/who").json["email"] == "ada@example.com"
    assert Identity.objects.count() == 1


def test_who_loses_a_role_loses_what_it_gave_with_the_next_request() -> None:
    rig = site(**STAFF)
    sign_in(rig.client, auth=rig.auth, role="admin")
    assert rig.get("/who").json["staff"] is True
    sign_in(rig.client, auth=rig.auth, role="member")
    assert rig.get("/who").json["staff"] is False


def test_without_a_requirement_staff_is_left_to_the_admin() -> None:
    rig = site()
    sign_in(rig.client, auth=rig.auth, role="admin")
    assert rig.get("/who").json["staff"] is False
    User.objects.update(is_staff=True)
    assert rig.get("/who").json["staff"] is True


def test_nobody_gets_the_account_of_another_by_their_address() -> None:
    User.objects.create_superuser("root", email="ada@example.com", password="only for this test")
    rig = site()
    rig.follow_sign_in(email="ada@example.com", user={"email_verified": True})
    assert User.objects.count() == 2
    assert rig.get("/who").json["name"] != "root"


class Adopting(UserBackend):
    def adopt(self, session: Session) -> Any:
        if not session.user.email_verified:
            return None
        return get_user_model().objects.filter(email=session.user.email).first()


@pytest.mark.parametrize("verified", [True, False])
def test_a_project_may_join_accounts_by_verified_addresses(verified: bool) -> None:
    User.objects.create_user("ada", email="ada@example.com")
    with override_settings(AUTHENTICATION_BACKENDS=[f"{__name__}.Adopting"]):
        rig = site()
        rig.follow_sign_in(email="ada@example.com", user={"email_verified": verified})
        assert (rig.get("/who").json["name"] == "ada") is verified


def test_a_user_who_is_not_active_is_nobody_to_django() -> None:
    rig = site()
    rig.follow_sign_in()
    User.objects.update(is_active=False)
    assert rig.get("/who").json["name"] == ""
    assert rig.follow_sign_in().status == 303
    assert rig.get("/who").json["name"] == ""


def test_the_backend_takes_no_password() -> None:
    User.objects.create_user("ada", password="only for this test")
    assert authenticate(username="ada", password="only for this test") is None


def test_the_backend_takes_no_password_when_it_is_awaited() -> None:
    User.objects.create_user("ada", password="only for this test")
    assert asyncio.run(aauthenticate(username="ada", password="only for this test")) is None


def test_permissions_are_djangos() -> None:
    rig = rig_of(path("may", lambda request: HttpResponse(str(request.user.has_perm("auth.view_user")))))
    rig.follow_sign_in()
    assert rig.get("/may").text == "False"
    User.objects.get().user_permissions.add(Permission.objects.get(codename="view_user"))
    assert rig.get("/may").text == "True"


def test_a_user_name_that_is_taken_is_given_to_nobody_else() -> None:
    User.objects.create_user("user_1")
    rig = site()
    answer = rig.follow_sign_in(user={"id": "user_1"})
    assert answer.status == 400
    assert "account_exists" in answer.text
    assert answer.session_cookies() == []
    assert Identity.objects.count() == 0


class Overtaken(UserBackend):
    """Looks, before another request has made the user."""

    looks = 0

    def find(self, session: Session) -> Any:
        Overtaken.looks += 1
        return None if Overtaken.looks == 1 else super().find(session)


def test_two_first_requests_make_one_user() -> None:
    site().follow_sign_in(user={"id": "user_1"})
    with override_settings(AUTHENTICATION_BACKENDS=[f"{__name__}.Overtaken"]):
        assert site().follow_sign_in(user={"id": "user_1"}).status == 303
    assert User.objects.count() == 1


@pytest.mark.parametrize("mode", MODES)
def test_it_needs_no_session_of_djangos(mode: str) -> None:
    rig = site(mode)
    with override_settings(MIDDLEWARE=["vestibule.django.AuthMiddleware"]):
        assert rig.get("/who").json["name"] == ""
        rig.follow_sign_in(email="ada@example.com")
        assert rig.get("/who").json["email"] == "ada@example.com"


def test_who_signs_in_within_a_request_is_its_user_from_there_on() -> None:
    def enter(request: Request) -> HttpResponse:
        before = request.user.is_authenticated
        request.auth.save(ANSWERS["django"])
        inside = request.user.email  # type: ignore[union-attr]
        request.auth.clear()
        return HttpResponse(f"{before} {inside} {request.user.is_authenticated}")

    rig = rig_of(path("enter", enter))
    ANSWERS["django"] = answered(rig)
    assert rig.post("/enter").text == "False grace@example.com False"


@pytest.mark.parametrize("mode", MODES)
def test_an_outage_is_a_503_where_the_user_is_looked_at(mode: str) -> None:
    rig = site(mode)
    sign_in(rig.client, auth=rig.auth, expires_in=-1)
    rig.issuer.drop()
    assert rig.get("/who").status == 503
    middleware = [*django_app.settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    with override_settings(MIDDLEWARE=middleware):
        again = site()
        sign_in(again.client, auth=again.auth, expires_in=-1)
        again.issuer.drop()
        answer = again.get("/who")
        assert (answer.status, answer.set_cookies) == (503, [])


# --- signing out, here and there ---


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", ["/auth/sign-out", "/logout", "/drop"])
def test_signing_out_ends_djangos_session_and_ours(mode: str, way: str) -> None:
    seen: list[object] = []

    def note(**_: object) -> None:
        seen.append(1)

    rig = site(mode)
    rig.follow_sign_in(email="ada@example.com")
    rig.get("/cart")
    assert rig.get("/cart").json == {"found": "full"}
    user_logged_out.connect(note)
    try:
        answer = rig.post(way)
    finally:
        user_logged_out.disconnect(note)
    assert len(seen) == 1
    assert "Max-Age=0" in answer.session_cookies()[0]
    if way == "/drop":
        assert answer.text == "True AnonymousUser"
    assert rig.get("/who").json["name"] == ""
    assert "sessionid" not in rig.client.cookies


def test_another_person_does_not_find_what_the_former_left_in_djangos_session() -> None:
    rig = site()
    rig.get("/cart")
    rig.follow_sign_in(email="ada@example.com")
    assert rig.get("/cart").json == {"found": "full"}  # a stranger's is theirs once they have signed in
    rig.follow_sign_in(email="ada@example.com")
    assert rig.get("/cart").json == {"found": "full"}
    rig.follow_sign_in(email="grace@example.com")
    assert rig.get("/cart").json == {"found": None}


@pytest.mark.parametrize("mode", MODES)
def test_a_session_of_djangos_that_was_planted_is_none_after_save(mode: str) -> None:
    async def enter_async(request: Request) -> HttpResponse:
        return HttpResponse(await request.auth.asave(ANSWERS["django"]))

    views = {"django": lambda request: HttpResponse(request.auth.save(ANSWERS["django"]))}
    enter = path("enter", views.get(mode, enter_async))
    rig = rig_of(enter, path("cart", remember), mode=mode)
    ANSWERS["django"] = answered(rig)
    rig.get("/cart")
    planted = rig.client.cookies["sessionid"].value
    rig.post("/enter")
    assert rig.client.cookies["sessionid"].value != planted
    assert rig.get("/cart").json == {"found": "full"}


def test_django_hears_that_somebody_signed_in() -> None:
    seen: list[object] = []

    def note(user: AbstractUser, request: HttpRequest, **_: object) -> None:
        seen.append((user.email, request.path))

    user_logged_in.connect(note)
    try:
        site().follow_sign_in(email="ada@example.com")
    finally:
        user_logged_in.disconnect(note)
    assert seen == [("ada@example.com", "/auth/callback")]


@pytest.fixture
def log_in() -> Iterator[LogIn]:
    """By Django's own login, as it is used beside ours."""
    User.objects.create_user("root", password="only for this test")
    with override_settings(AUTHENTICATION_BACKENDS=[BACKEND, "django.contrib.auth.backends.ModelBackend"]):
        yield lambda rig: rig.client.login(username="root", password="only for this test")


def test_a_login_of_djangos_own_goes_on_until_somebody_signs_in_or_out(
    log_in: LogIn,
) -> None:
    rig = site()
    for end in (lambda: rig.post("/auth/sign-out"), lambda: rig.follow_sign_in(email="ada@example.com")):
        log_in(rig)
        rig.get("/cart")
        assert rig.get("/who").json["name"] == "root"
        end()
        assert rig.get("/cart").json == {"found": None}
        rig.client.cookies.pop("wos-session", None)
        assert rig.get("/who").json["name"] == ""


@pytest.mark.parametrize("mode", MODES)
def test_a_bad_token_is_nobody_also_beside_such_a_login(mode: str, log_in: LogIn) -> None:
    rig = site(mode, settings={"bearer": True})
    log_in(rig)
    assert rig.get("/who", {"Authorization": "Bearer nonsense"}).json["name"] == ""


# --- the admin ---


@pytest.mark.parametrize("mode", MODES)
def test_staff_come_into_the_admin_through_our_sign_in(mode: str) -> None:
    rig = site(mode, **STAFF)
    away = rig.open("/admin/auth/user/?q=x")
    assert away.location == "/admin/login/?next=/admin/auth/user/%3Fq%3Dx"
    away = rig.open(away.location)
    assert away.location.startswith("/auth/sign-in?return_to=%2Fadmin%2Flogin%2F")
    back = rig.follow_sign_in(away.location, email="ada@example.com", roles=["admin", "owner"])
    back = rig.open(back.location)
    assert back.location == "/admin/auth/user/?q=x"
    page = rig.open("/admin/auth/user/")
    assert page.status == 200
    assert "ada@example.com" in page.text
    assert rig.open("/admin/vestibule_users/identity/").status == 200
    gone = rig.post("/admin/logout/")
    assert gone.status == 303
    assert gone.location.startswith("https://id.example.com/user_management/sessions/logout")
    assert rig.open("/admin/").location.startswith("/admin/login/")


def test_who_is_signed_in_but_no_staff_is_told_so_and_not_sent_round_in_circles() -> None:
    rig = site(**STAFF)
    sign_in(rig.client, auth=rig.auth, role="member")
    answer = rig.open(rig.open("/admin/").location)
    assert answer.status == 403
    assert "role admin" in answer.text
    plain = site()
    sign_in(plain.client, auth=plain.auth, role="member")
    assert plain.open(plain.open("/admin/").location).status == 403


def test_the_admin_of_a_project_may_keep_its_own_form() -> None:
    assert "csrfmiddlewaretoken" in site(admin=False).open("/admin/login/").text
    with override_settings(AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend"]):
        assert "csrfmiddlewaretoken" in site().open("/admin/login/").text


def test_the_way_out_of_the_admin_is_a_post() -> None:
    rig = site(**STAFF)
    sign_in(rig.client, auth=rig.auth, role="admin")
    assert rig.open("/admin/logout/").status == 405
    assert rig.open("/admin/").status == 200


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "vestibule_users", check=True, dry_run=True, verbosity=0)
    assert connection.introspection.table_names().count("vestibule_users_identity") == 1

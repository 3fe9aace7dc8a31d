"""Passkeys made and used by a key in software, and what somebody with a key of their own might try."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.clocks import Clock
from tests.server.apps import App
from tests.server.people import events_of
from tests.server.soft_keys import UP, UV, SoftKey, text
from vestibule.server.identity import passkeys
from vestibule.server.identity.context import Identity
from vestibule.server.identity.errors import Denied, NotFound, TooMany
from vestibule.server.identity.events import Caller
from vestibule.server.identity.logins import Login, begin_login
from vestibule.server.identity.paging import Page
from vestibule.server.identity.people import User
from vestibule.server.identity.policies import set_policy

ORIGIN = "http://localhost:8100"


@pytest.fixture
def ada(app: App) -> User:
    return app.create_user()


@pytest.fixture
def key(identity: Identity, ada: User) -> SoftKey:
    return register(identity, ada)


def login(identity: Identity) -> Login:
    return begin_login(identity, None, "the-binding-of-a-browser")


def register(identity: Identity, user: User, **wrong: Any) -> SoftKey:
    made, under_way = SoftKey(ORIGIN), login(identity)
    options = passkeys.begin_registration(identity, user, under_way)
    passkeys.finish_registration(identity, user.id, under_way, made.create(options, **wrong))
    return made


def sign_in(identity: Identity, key: SoftKey, **wrong: Any) -> passkeys.PasskeyProof:
    under_way = login(identity)
    options = passkeys.begin_sign_in(identity, under_way)
    return passkeys.finish_sign_in(identity, under_way, key.get(options, **wrong))


def refused(identity: Identity, key: SoftKey, **wrong: Any) -> str:
    """Why, as the event has it: whoever asked is told nothing."""
    with pytest.raises(Denied) as denied:
        sign_in(identity, key, **wrong)
    assert denied.value.code == "passkey_refused"
    return reason(identity)


def reason(identity: Identity) -> str:
    return str(events_of(identity, "authentication.passkey_failed")[-1].data["error"]["code"])


def test_a_key_signs_its_owner_in(identity: Identity, ada: User, key: SoftKey) -> None:
    proof = sign_in(identity, key)
    assert (proof.user.id, proof.user_verified) == (ada.id, True)
    found = passkeys.list_passkeys(identity, ada.id, Page()).data[0]
    assert found.last_used_at == identity.now
    assert found.transports == ["internal", "hybrid"]
    assert [event.data["user_id"] for event in events_of(identity, "passkey.created")] == [ada.id]
    assert events_of(identity, "authentication.passkey_succeeded")[0].data["email"] == ada.email


def test_the_options_of_a_sign_in_say_nothing_about_anybody(identity: Identity, key: SoftKey) -> None:
    options = passkeys.begin_sign_in(identity, login(identity))
    assert options["allowCredentials"] == []
    assert (options["rpId"], options["userVerification"]) == ("localhost", "preferred")


def test_who_has_a_key_is_not_made_another_on_the_same_device(
    identity: Identity, ada: User, key: SoftKey
) -> None:
    options = passkeys.begin_registration(identity, ada, login(identity))
    assert [each["id"] for each in options["excludeCredentials"]] == [text(key.credential_id)]
    assert options["authenticatorSelection"]["residentKey"] == "required"


def test_a_credential_belongs_to_one_account(identity: Identity, app: App, key: SoftKey) -> None:
    grace, under_way = app.create_user("grace@example.com"), login(identity)
    options = passkeys.begin_registration(identity, grace, under_way)
    with pytest.raises(Denied) as denied:
        passkeys.finish_registration(identity, grace.id, under_way, key.create(options))
    assert denied.value.code == "passkey_exists"
    assert passkeys.list_passkeys(identity, grace.id, Page()).data == ()


def test_PK_1_a_challenge_is_good_once(identity: Identity, key: SoftKey) -> None:
    under_way = login(identity)
    answer = key.get(passkeys.begin_sign_in(identity, under_way))
    passkeys.finish_sign_in(identity, under_way, answer)
    with pytest.raises(Denied):
        passkeys.finish_sign_in(identity, under_way, answer)
    assert reason(identity) == "challenge_unknown"


def test_PK_1_a_challenge_is_good_for_five_minutes(
    identity: Identity, ada: User, key: SoftKey, clock: Clock
) -> None:
    under_way = login(identity)
    early, late = (key.get(passkeys.begin_sign_in(identity, under_way)) for _ in range(2))
    made, options = SoftKey(ORIGIN), passkeys.begin_registration(identity, ada, under_way)
    clock.advance(seconds=299)
    passkeys.finish_sign_in(identity, under_way, early)
    clock.advance(seconds=1)
    with pytest.raises(Denied):
        passkeys.finish_sign_in(identity, under_way, late)
    with pytest.raises(Denied):
        passkeys.finish_registration(identity, ada.id, under_way, made.create(options))


def test_PK_1_a_challenge_belongs_to_its_sign_in_and_its_purpose(
    identity: Identity, ada: User, key: SoftKey
) -> None:
    first, second = login(identity), login(identity)
    with pytest.raises(Denied):
        passkeys.finish_sign_in(identity, second, key.get(passkeys.begin_sign_in(identity, first)))
    assert reason(identity) == "challenge_of_another_ceremony"
    creation = passkeys.begin_registration(identity, ada, first)
    with pytest.raises(Denied):
        passkeys.finish_sign_in(identity, first, key.get(creation | {"rpId": "localhost"}))
    request = passkeys.begin_sign_in(identity, first)
    answer = SoftKey(ORIGIN).create(creation | {"challenge": request["challenge"]})
    with pytest.raises(Denied):
        passkeys.finish_registration(identity, ada.id, first, answer)
    assert refused(identity, key, challenge=text(b"made up by whoever sends it")) == "challenge_unknown"


def test_reg_Vaultwarden_passkeys_a_challenge_is_taken_before_anything_is_computed(
    identity: Identity, key: SoftKey
) -> None:
    under_way = login(identity)
    options = passkeys.begin_sign_in(identity, under_way)
    with pytest.raises(Denied):
        passkeys.finish_sign_in(identity, under_way, key.get(options, signature=b"not one"))
    with pytest.raises(Denied):
        passkeys.finish_sign_in(identity, under_way, key.get(options))
    options = passkeys.begin_sign_in(identity, under_way)
    answer = key.get(options)

    def send(_: int) -> bool:
        try:
            return bool(passkeys.finish_sign_in(identity, under_way, answer))
        except Denied:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, False, False, True]


ELSEWHERE = [
    {"origin": "http://localhost:8101"},
    {"origin": "https://localhost:8100"},
    {"origin": "http://id.localhost:8100"},
    {"origin": "http://localhost:8100.evil.example"},
    {"origin": ORIGIN + "/"},
    {"origin": "null"},
    {"cross_origin": True},
    {"cross_origin": "true"},
    {"client": {"topOrigin": "https://evil.example"}},
    {"rp_id": "evil.example"},
    {"rp_id": "id.localhost"},
    {"type": "webauthn.create"},
    {"type": "payment.get"},
]


@pytest.mark.parametrize("wrong", ELSEWHERE, ids=str)
def test_PK_2_what_was_signed_somewhere_else_is_refused(
    identity: Identity, key: SoftKey, wrong: dict[str, Any]
) -> None:
    assert refused(identity, key, **wrong) in ("not_verified", "cross_origin")
    assert sign_in(identity, key).user_verified


@pytest.mark.parametrize("wrong", [*ELSEWHERE[:10], {"type": "webauthn.get"}], ids=str)
def test_PK_2_nor_is_a_key_made_there(identity: Identity, ada: User, wrong: dict[str, Any]) -> None:
    with pytest.raises(Denied) as denied:
        register(identity, ada, **wrong)
    assert denied.value.code == "passkey_refused"
    assert passkeys.list_passkeys(identity, ada.id, Page()).data == ()


def test_PK_2_a_key_of_the_domain_above_works_where_that_is_set(identity: Identity, ada: User) -> None:
    settings = replace(
        identity.settings,
        public_url="https://id.example.com",
        development=False,
        passkey_domain="example.com",
    )
    moved = replace(identity, settings=settings)
    made, under_way = SoftKey("https://id.example.com"), login(moved)
    options = passkeys.begin_registration(moved, ada, under_way)
    assert options["rp"]["id"] == "example.com"
    passkeys.finish_registration(moved, ada.id, under_way, made.create(options))
    assert sign_in(moved, made).user.id == ada.id
    assert refused(moved, made, origin="https://example.com") == "not_verified"
    assert refused(moved, made, rp_id="id.example.com") == "not_verified"


def test_PK_3_presence_always_and_verification_where_it_is_required(
    identity: Identity, ada: User, key: SoftKey
) -> None:
    assert refused(identity, key, flags=UV) == "not_verified"
    assert sign_in(identity, key, flags=UP).user_verified is False
    set_policy(identity, passkey_user_verification="required")
    assert passkeys.begin_sign_in(identity, login(identity))["userVerification"] == "required"
    assert refused(identity, key, flags=UP) == "not_verified"
    with pytest.raises(Denied):
        register(identity, ada, flags=UP)
    assert sign_in(identity, key).user_verified is True


def test_PK_4_a_counter_that_goes_back_is_refused_and_told(identity: Identity, key: SoftKey) -> None:
    assert sign_in(identity, key, count=0)
    assert sign_in(identity, key, count=7)
    for count in (7, 6, 0):
        assert refused(identity, key, count=count) == "counter_went_back"
    assert sign_in(identity, key, count=4_294_967_295)


def test_PK_5_a_key_is_its_owner_s_whoever_is_named(
    identity: Identity, app: App, ada: User, key: SoftKey
) -> None:
    grace = app.create_user("grace@example.com")
    hers = text(grace.id.encode())
    assert refused(identity, key, user_handle=hers) == "passkey_of_another_user"
    assert refused(identity, key, user_handle=None) == "passkey_of_another_user"
    under_way = login(identity)
    options = passkeys.begin_sign_in(identity, under_way, user_id=grace.id)
    for handle in (key.user_handle, hers, None):
        options = passkeys.begin_sign_in(identity, under_way, user_id=grace.id)
        answer = key.get(options, user_handle=handle)
        with pytest.raises(Denied):
            passkeys.finish_sign_in(identity, under_way, answer, user_id=grace.id)
        assert reason(identity) == "passkey_of_another_user"


@pytest.mark.parametrize("keys", [0, 1, 3])
def test_reg_CVE_2026_46419_an_assertion_of_another_is_refused_however_many_keys_one_has(
    identity: Identity, app: App, ada: User, key: SoftKey, keys: int
) -> None:
    grace = app.create_user("grace@example.com")
    for _ in range(keys):
        register(identity, grace)
    under_way = login(identity)
    options = passkeys.begin_sign_in(identity, under_way, user_id=grace.id)
    assert len(options["allowCredentials"]) == keys
    with pytest.raises(Denied):
        passkeys.finish_sign_in(identity, under_way, key.get(options), user_id=grace.id)


def test_somebody_who_is_named_may_use_a_key_that_does_not_say_whose_it_is(
    identity: Identity, ada: User, key: SoftKey
) -> None:
    under_way = login(identity)
    options = passkeys.begin_sign_in(identity, under_way, user_id=ada.id)
    answer = key.get(options, user_handle=None)
    assert passkeys.finish_sign_in(identity, under_way, answer, user_id=ada.id).user.id == ada.id


def test_an_unknown_key_and_a_wrong_signature_get_the_same_answer(identity: Identity, key: SoftKey) -> None:
    stranger = SoftKey(ORIGIN, user_handle=key.user_handle)
    assert refused(identity, stranger) == "passkey_unknown"
    impostor = SoftKey(ORIGIN, credential_id=key.credential_id, user_handle=key.user_handle)
    assert refused(identity, impostor) == "not_verified"
    texts = set()
    for each in (stranger, impostor):
        with pytest.raises(Denied) as denied:
            sign_in(identity, each)
        texts.add((denied.value.code, denied.value.message))
    assert len(texts) == 1


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "null",
        "[]",
        "{",
        '{"response": 1}',
        '{"response": {}}',
        '{"rawId": "AA", "response": {"clientDataJSON": "bm8"}}',
        '{"rawId": "é", "response": {"clientDataJSON": "e30"}}',
        '{"rawId": "AA", "response": {"clientDataJSON": "e30"}}',
        '{"rawId": "AA", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAxfQ"}}',
        '{"rawId": "AA", "response": {"clientDataJSON": "W10"}}',
        "[" * 5_000,
        "x" * 20_000,
        json.dumps({"rawId": "A" * 9_000, "response": {"clientDataJSON": "e30"}}),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_answer_is_refused(identity: Identity, app: App, ada: User, credential: str) -> None:
    under_way = login(identity)
    with pytest.raises(Denied):
        passkeys.finish_sign_in(identity, under_way, credential)
    with pytest.raises(Denied):
        passkeys.finish_registration(identity, ada.id, under_way, credential)


def test_parts_of_an_answer_that_are_nonsense_are_refused(
    identity: Identity, ada: User, key: SoftKey
) -> None:
    for part in ("authenticatorData", "signature"):
        for nonsense in ("", "AA", 7, None, text(b"\xff" * 400)):
            under_way = login(identity)
            answer = json.loads(key.get(passkeys.begin_sign_in(identity, under_way)))
            answer["response"][part] = nonsense
            with pytest.raises(Denied):
                passkeys.finish_sign_in(identity, under_way, json.dumps(answer))
    for nonsense in ("", "AA", 7, None, text(b"\xff" * 400)):
        under_way = login(identity)
        options = passkeys.begin_registration(identity, ada, under_way)
        answer = json.loads(SoftKey(ORIGIN).create(options))
        answer["response"]["attestationObject"] = nonsense
        with pytest.raises(Denied):
            passkeys.finish_registration(identity, ada.id, under_way, json.dumps(answer))


def test_keys_are_deleted_by_their_owner_s_id_only(
    identity: Identity, app: App, ada: User, key: SoftKey
) -> None:
    grace = app.create_user("grace@example.com")
    passkey_id = passkeys.list_passkeys(identity, ada.id, Page()).data[0].id
    for user_id, known in ((grace.id, passkey_id), (ada.id, "passkey_none")):
        with pytest.raises(NotFound):
            passkeys.delete_passkey(identity, user_id, known)
    passkeys.delete_passkey(identity, ada.id, passkey_id)
    assert refused(identity, key) == "passkey_unknown"
    with pytest.raises(NotFound):
        passkeys.list_passkeys(identity, "user_none", Page())


def test_an_account_has_a_limited_number_of_keys(identity: Identity, ada: User) -> None:
    for _ in range(passkeys.MAX_PASSKEYS):
        register(identity, ada)
    with pytest.raises(Denied) as denied:
        register(identity, ada)
    assert denied.value.code == "too_many_passkeys"


def test_tries_are_limited_per_address(identity: Identity, app: App) -> None:
    caller, under_way = Caller("192.0.2.7"), login(identity)
    for _ in range(100):
        with pytest.raises(Denied):
            passkeys.finish_sign_in(identity, under_way, "{}", caller=caller)
    with pytest.raises(TooMany):
        passkeys.finish_sign_in(identity, under_way, "{}", caller=caller)

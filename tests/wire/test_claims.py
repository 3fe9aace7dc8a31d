from vestibule.wire.claims import Claims

SUBJECT = {"sub": "user_1", "sid": "session_1", "exp": 20, "iat": 10}


def test_what_a_token_does_not_say_is_empty() -> None:
    claims = Claims.read(SUBJECT)
    assert claims.permissions == claims.roles == claims.entitlements == claims.feature_flags == frozenset()
    assert claims.organization_id is claims.role is claims.auth_time is claims.actor is None


def test_the_primary_role_is_one_of_the_roles() -> None:
    assert Claims.read({**SUBJECT, "role": "admin"}).roles == {"admin"}
    assert Claims.read({**SUBJECT, "role": "admin", "roles": ["member"]}).roles == {"admin", "member"}


def test_a_template_may_put_anything_into_a_claim() -> None:
    claims = Claims.read(
        {**SUBJECT, "permissions": "all", "roles": [1, "member"], "org_id": {}, "auth_time": True}
    )
    assert claims.permissions == frozenset()
    assert claims.roles == {"member"}
    assert claims.organization_id is None
    assert claims.auth_time is None


def test_custom_claims_stay_reachable() -> None:
    claims = Claims.read({**SUBJECT, "https://example.com/plan": "pro", "act": {"sub": "admin@example.com"}})
    assert claims.raw["https://example.com/plan"] == "pro"
    assert claims.actor == "admin@example.com"


def test_a_token_says_who_issued_it() -> None:
    assert Claims.read({**SUBJECT, "iss": "https://id.example.com"}).issuer == "https://id.example.com"
    assert Claims.read(SUBJECT).issuer is None

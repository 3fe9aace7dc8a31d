from vestibule.wire.paths import jwks_path


def test_each_client_has_its_own_key_set() -> None:
    assert jwks_path("client_1") == "/sso/jwks/client_1"

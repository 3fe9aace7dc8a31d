"""What a process remembers for a few seconds, and when it must not."""

from vestibule.server.identity.keyring import Keyring


def test_what_was_read_before_a_change_is_not_remembered_after_it() -> None:
    keyring = Keyring()

    def read_while_another_thread_changes_it() -> str:
        keyring.forget()
        return "old"

    assert keyring.remember("keys", 0.0, read_while_another_thread_changes_it) == "old"
    assert keyring.remember("keys", 0.1, lambda: "new") == "new"
    assert keyring.remember("keys", 0.2, lambda: "newer") == "new"

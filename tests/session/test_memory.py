from vestibule.crypto.keys import KeySet
from vestibule.session.memory import Memory


def key_set() -> KeySet:
    return KeySet({})


def test_only_the_exact_text_brings_a_value_back() -> None:
    keys = key_set()
    memory: Memory[str] = Memory(4)
    memory.keep("token", keys, "value")
    assert memory.find("token", keys) == "value"
    for other in ("token ", "Token", "token"[:-1], "token\0", ""):
        assert memory.find(other, keys) is None


def test_the_longest_unused_is_forgotten_first() -> None:
    keys = key_set()
    memory: Memory[int] = Memory(2)
    memory.keep("a", keys, 1)
    memory.keep("b", keys, 2)
    memory.find("a", keys)
    memory.keep("c", keys, 3)
    assert [memory.find(text, keys) for text in "abc"] == [1, None, 3]
    assert len(memory) == 2


def test_another_key_set_forgets_everything_even_if_it_comes_back() -> None:
    first, second = key_set(), key_set()
    memory: Memory[int] = Memory(2)
    memory.keep("a", first, 1)
    assert memory.find("a", second) is None
    assert memory.find("a", first) is None
    memory.keep("a", first, 1)
    memory.keep("b", second, 2)
    assert memory.find("a", second) is None
    assert memory.find("b", second) == 2


def test_a_memory_of_size_zero_keeps_nothing() -> None:
    keys = key_set()
    memory: Memory[int] = Memory(0)
    memory.keep("a", keys, 1)
    assert memory.find("a", keys) is None
    assert len(memory) == 0


def test_what_is_kept_is_not_kept_under_the_text_itself() -> None:
    keys = key_set()
    one: Memory[int] = Memory(2, bound_to=("password",))
    other: Memory[int] = Memory(2, bound_to=("password",))
    one.keep("a secret token", keys, 1)
    other.keep("a secret token", keys, 1)
    assert "a secret token" not in repr(vars(one))
    assert one._values.keys() != other._values.keys()

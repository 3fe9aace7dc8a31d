import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from vestibule.server.identity import hashing
from vestibule.server.identity.imported_hashes import import_hash

PASSWORD = "seven green bottles"


def test_a_password_matches_its_hash_only() -> None:
    stored = hashing.hash_password(PASSWORD)
    assert hashing.matches(stored, PASSWORD)
    assert not hashing.matches(stored, PASSWORD + " ")
    assert not hashing.matches(None, PASSWORD)
    assert not hashing.is_outdated(stored)


def test_hashes_of_elsewhere_and_of_yesterday_are_outdated() -> None:
    weak = "$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHRzYWx0$7Q3Zx2Zkc3Nkc3Nkc3Nkc3Nkc3Nkc3Nkc3Nkc3Nkc3M"
    assert hashing.is_outdated(import_hash(weak, "argon2"))
    assert hashing.is_outdated(weak)


def test_PW_5_callers_beyond_the_slots_wait_for_one() -> None:
    stored, done = hashing.hash_password(PASSWORD), threading.Event()

    def check() -> None:
        if hashing.matches(stored, PASSWORD):
            done.set()

    late = threading.Thread(target=check)
    with ExitStack() as slots:
        for _ in range(hashing.SLOTS):
            slots.enter_context(hashing.slot)
        late.start()
        assert not done.wait(0.3), "it was let in although every slot was taken"
    late.join()
    assert done.is_set()


def test_PW_5_forty_parallel_callers_are_all_served() -> None:
    stored = hashing.hash_password(PASSWORD)
    with ThreadPoolExecutor(40) as pool:
        assert all(pool.map(lambda _: hashing.matches(stored, PASSWORD), range(40)))

"""Counting how often a guard let somebody in."""

import subprocess
import sys

import pytest

from tests.redis_servers import free_port
from vestibule.errors import ConfigError
from vestibule.rates import Exceeded, Rates
from vestibule.session.events import Event, Journal
from vestibule.session.guards import Rate, requirement
from vestibule.testing.issuer import create_config

ADA, GRACE = "user_ada", "user_grace"


def hit(rates: Rates, *wanted: Rate, who: str = ADA) -> Exceeded | None:
    return rates.hit(wanted, who, Journal())


def test_a_limit_holds_for_each_user_and_each_guard() -> None:
    rates, one, other = Rates(None), Rate("2/hour", name="one"), Rate("2/hour", name="other")
    assert [hit(rates, one) is None for _ in range(3)] == [True, True, False]
    assert hit(rates, one, who=GRACE) is None
    assert hit(rates, other) is None


def test_the_time_to_wait_is_whole_seconds() -> None:
    rates, rate = Rates(None), Rate("1/10 seconds")
    hit(rates, rate)
    exceeded = hit(rates, rate)
    assert exceeded is not None
    assert exceeded.rate is rate
    assert exceeded.seconds in (9, 10)


def test_several_limits_all_hold() -> None:
    rates = Rates(None)
    (rate,) = requirement(rate=["5/minute", "2/hour"]).rates
    assert rate.each == ("5/minute", "2/hour")
    assert [hit(rates, rate) is None for _ in range(3)] == [True, True, False]
    exceeded = hit(rates, rate)
    assert exceeded is not None
    assert exceeded.seconds > 3000


@pytest.mark.parametrize("text", ["10/minute", "100/hours", "5/2 days", "1/30seconds"])
def test_what_a_rate_looks_like(text: str) -> None:
    assert hit(Rates(None), Rate(text)) is None


@pytest.mark.parametrize("text", ["", "10", "0/minute", "ten/minute", "1/week", "1 per minute", "1/minute,"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ConfigError, match="such as 10/minute"):
        Rate(text)


def test_a_guard_is_known_by_its_place_in_the_code() -> None:
    (one,), (other,) = requirement(rate="1/minute").rates, requirement(rate="1/minute").rates
    assert one.name == other.name  # made on one line
    (third,) = requirement(rate="1/minute").rates
    assert third.name != one.name
    assert third.name.startswith(f"{__name__}:")
    assert Rate("1/minute", name="exports").name == "exports"


def test_a_rate_combines_with_other_requirements_and_is_no_alternative() -> None:
    rate = Rate("1/minute")
    assert (requirement(permission="x") & rate).rates == (rate,)
    assert requirement(rate, role="admin").rates == (rate,)
    assert requirement(role="admin").rates == ()
    with pytest.raises(ConfigError, match="no alternative"):
        requirement(role="admin") | rate
    with pytest.raises(ConfigError, match="no alternative"):
        requirement(role="admin") | (requirement(role="owner") & rate)


def test_a_store_that_is_away_is_said_once_and_asked_again_later() -> None:
    now, events = [0.0], list[Event]()
    rates = Rates(f"redis://127.0.0.1:{free_port()}", clock=lambda: now[0])
    assert rates.blocks
    rate, journal = Rate("2/hour"), Journal(events.append)
    assert [rates.hit([rate], ADA, journal) is None for _ in range(3)] == [True, True, False]
    now[0] = 11.0
    rates.hit([rate], ADA, journal)
    journal.deliver()
    assert [event.code for event in events] == ["rate.store_unavailable"]
    assert events[0].data["reason"] == "ConnectionError"


def test_the_address_of_a_store_is_checked_and_never_shown() -> None:
    with pytest.raises(ConfigError, match="VESTIBULE_RATE_STORE") as caught:
        create_config(rate_store="postgres://me:hunter2@db")
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(create_config(rate_store="redis://:hunter2@db"))


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout


def test_without_the_library_the_guard_says_what_to_install() -> None:
    script = """
import sys
sys.modules["limits"] = None
from vestibule import ConfigError
from vestibule.session.guards import requirement
requirement(role="admin")
try:
    requirement(rate="1/minute")
except ConfigError as error:
    print(error)
"""
    assert "pip install 'vestibule[rate]'" in run(script)


def test_without_redis_the_store_says_what_to_install() -> None:
    script = """
import sys
sys.modules["redis"] = None
from vestibule import ConfigError
from vestibule.rates import Rates
try:
    Rates("redis://localhost")
except ConfigError as error:
    print(error)
"""
    assert "vestibule[rate,redis]" in run(script)


def test_nothing_is_loaded_before_the_first_count() -> None:
    script = """
import sys
import vestibule.fastapi
from vestibule.fastapi import requires
requires(rate="1/minute")
print("limits" in sys.modules)
"""
    assert run(script).strip() == "False"

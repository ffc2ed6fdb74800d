"""When the clock is believed, on clocks that the test moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lighting.operation.clock_watch import ClockLook, ClockWatch
from lighting.operation.system_clock import boot_age_s, system_synchronised

NIGHT_MS = 1_795_000_000_000
YEAR_MS = 365 * 86_400_000
HOUR_MS = 3_600_000


class MovableClock:
    """A wall clock and a monotonic one; only the wall can be stepped."""

    def __init__(self, now_ms: int = NIGHT_MS, speed: float = 1.0) -> None:
        self.now_ms = now_ms
        self.monotonic_s = 1000.0
        self.speed = speed
        self.synchronised: bool | None = None
        self.boot_age_s: float | None = None

    def run(self, seconds: float) -> ClockLook:
        self.monotonic_s += seconds
        self.now_ms += round(seconds * 1000 * self.speed)
        return self.look()

    def step(self, by_ms: int) -> ClockLook:
        self.now_ms += by_ms
        return self.look()

    def look(self) -> ClockLook:
        return ClockLook(self.now_ms, self.monotonic_s, self.synchronised, self.boot_age_s)


def code(watch: ClockWatch) -> str:
    return "" if watch.doubt is None else watch.doubt.code


def test_an_even_clock_is_trusted_and_its_newest_time_is_kept() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    for _ in range(100):
        watch.look(clock.run(10))
    assert watch.doubt is None
    assert watch.trusted_ms == clock.now_ms


def test_a_clock_two_years_back_at_start_is_doubted_until_it_is_right_again() -> None:
    clock, watch = MovableClock(NIGHT_MS - 2 * YEAR_MS), ClockWatch(newest_trusted_ms=NIGHT_MS)
    watch.look(clock.look())
    watch.look(clock.run(10))
    assert code(watch) == "clock_earlier_than_stored"
    assert watch.trusted_ms == NIGHT_MS
    watch.look(clock.step(2 * YEAR_MS))
    assert watch.doubt is None


def test_a_step_of_an_hour_back_is_doubted_and_the_step_forth_ends_the_doubt() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    trusted = watch.look(clock.run(10)) is None
    assert trusted
    newest = clock.now_ms
    watch.look(clock.step(-HOUR_MS))
    assert code(watch) == "clock_stepped"
    watch.look(clock.run(600))
    assert code(watch) == "clock_stepped"
    assert watch.trusted_ms == newest
    watch.look(clock.step(HOUR_MS))
    assert watch.doubt is None


def test_a_step_of_an_hour_forth_is_doubted() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    watch.look(clock.run(10))
    watch.look(clock.step(HOUR_MS))
    assert code(watch) == "clock_stepped"


def test_two_minutes_are_not_a_step() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    watch.look(clock.run(10))
    assert watch.look(clock.step(119_000)) is None
    assert watch.look(clock.step(-119_000)) is None
    assert watch.look(clock.step(-121_000)) is not None


def test_after_a_step_ten_even_minutes_of_a_synchronised_clock_are_believed() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    clock.synchronised = True
    watch.look(clock.run(10))
    watch.look(clock.step(-HOUR_MS))
    watch.look(clock.run(590))
    assert code(watch) == "clock_stepped"
    watch.look(clock.run(20))
    assert code(watch) == ""
    assert watch.trusted_ms == clock.now_ms


def test_after_a_step_an_unsynchronised_clock_is_never_believed_by_itself() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    watch.look(clock.run(10))
    watch.look(clock.step(-HOUR_MS))
    for _ in range(200):
        watch.look(clock.run(60))
    assert code(watch) == "clock_stepped"


def test_a_clock_that_is_stepped_again_and_again_is_not_steady() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    clock.synchronised = True
    watch.look(clock.run(10))
    for _ in range(40):
        watch.look(clock.step(-HOUR_MS))
        watch.look(clock.run(300))
    assert watch.doubt is not None


def test_never_synchronised_counts_only_soon_after_boot() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    clock.synchronised, clock.boot_age_s = False, 60.0
    watch.look(clock.look())
    assert code(watch) == "clock_never_synchronised"
    clock.boot_age_s = 900.0
    watch.look(clock.run(10))
    assert code(watch) == ""


def test_a_clock_once_seen_synchronised_may_lose_its_server() -> None:
    clock, watch = MovableClock(), ClockWatch(newest_trusted_ms=None)
    clock.synchronised, clock.boot_age_s = True, 60.0
    watch.look(clock.look())
    clock.synchronised = False
    assert watch.look(clock.run(10)) is None


@given(speed=st.sampled_from([1.0, 60.0, 600.0]), pauses_s=st.lists(st.floats(0.25, 30.0), min_size=1, max_size=30))
def test_no_even_clock_is_ever_doubted_at_any_speed(speed: float, pauses_s: list[float]) -> None:
    clock, watch = MovableClock(speed=speed), ClockWatch(newest_trusted_ms=None, speed=speed)
    for pause_s in pauses_s:
        assert watch.look(clock.run(pause_s)) is None


def test_an_accelerated_clock_is_stepped_by_real_minutes() -> None:
    clock, watch = MovableClock(speed=600.0), ClockWatch(newest_trusted_ms=None, speed=600.0)
    watch.look(clock.run(1))
    assert watch.look(clock.step(60_000)) is None
    assert watch.look(clock.step(-600 * HOUR_MS)) is not None


def test_the_machine_answers_or_says_that_it_cannot() -> None:
    assert system_synchronised() in (True, False, None)
    age_s = boot_age_s()
    assert age_s is None or age_s > 0

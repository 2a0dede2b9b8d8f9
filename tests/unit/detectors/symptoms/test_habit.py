import msgspec

from detectors.symptoms.habit import Habit

DAY, HOUR = 86_400, 3_600
TWO = 20_000 * DAY + 2 * HOUR
"""Two o'clock on some day."""


def test_what_came_once_is_no_habit_and_what_came_on_two_days_at_that_hour_is() -> None:
    habit = Habit()
    habit.note(TWO, TWO, 500)
    assert habit.usual(TWO + DAY, TWO + DAY) == 0
    habit.note(TWO + DAY, TWO + DAY, 480)
    assert habit.usual(TWO + 2 * DAY, TWO + 2 * DAY) == 480
    assert habit.usual(TWO + 2 * DAY + 5 * HOUR, TWO + 2 * DAY + 5 * HOUR) == 0


def test_a_job_that_starts_some_minutes_early_is_still_the_same_habit() -> None:
    habit = Habit()
    for day in (0, 1):
        habit.note(TWO + day * DAY, TWO + day * DAY, 500)
    early = TWO + 2 * DAY - 600
    assert habit.usual(early, early) == 500


def test_one_incident_of_three_does_not_become_what_is_expected() -> None:
    habit = Habit()
    for day, size in enumerate((500, 90_000, 480)):
        habit.note(TWO + day * DAY, TWO + day * DAY, size)
    assert habit.usual(TWO + 3 * DAY, TWO + 3 * DAY) == 500


def test_what_comes_each_week_is_a_habit_and_is_forgotten_when_it_comes_no_more() -> None:
    habit = Habit()
    for week in (0, 1):
        habit.note(TWO + 7 * week * DAY, TWO + 7 * week * DAY, 500)
    assert habit.usual(TWO + 14 * DAY, TWO + 14 * DAY) == 500
    assert habit.usual(TWO + 21 * DAY, TWO + 21 * DAY) == 0


def test_what_came_twice_within_hours_is_a_habit_but_never_excuses_itself() -> None:
    habit = Habit()
    for number in range(2):
        for bucket in range(3):
            began = TWO + 900 * number
            habit.note(began, began + 10 * bucket, 40 + bucket)
            assert habit.usual(began, began + 10 * bucket) == 0
    assert habit.usual(TWO + 1_800, TWO + 1_800) == 42
    assert habit.usual(TWO + 6 * HOUR, TWO + 6 * HOUR) == 0


def test_what_deviates_all_the_time_takes_bounded_room() -> None:
    habit = Habit()
    for number in range(3_000):
        habit.note(TWO + 997 * number, TWO + 997 * number, 10**6 + number)
    assert len(msgspec.json.encode(habit)) < 700

from streams.kafka.lag import STALLED_AFTER_S, Lag, stall


def test_who_is_behind_for_a_moment_is_not_too_long_behind_and_who_stays_behind_is() -> None:
    lag = Lag(behind_from_s=15.0)
    lag.note(3600.0, 100.0)
    assert not lag.is_too_long(159.0, 60.0)
    lag.note(1800.0, 150.0)
    assert lag.is_too_long(161.0, 60.0)


def test_one_fresh_record_ends_being_behind() -> None:
    lag = Lag(behind_from_s=15.0)
    lag.note(3600.0, 100.0)
    lag.note(1.0, 150.0)
    lag.note(3600.0, 155.0)
    assert lag.age_s == 3600.0
    assert not lag.is_too_long(200.0, 60.0)
    assert lag.is_too_long(216.0, 60.0)


def test_a_stall_is_told_only_where_records_wait_and_for_long() -> None:
    long = STALLED_AFTER_S + 1
    assert stall("alerts:0", 0, long) == ""
    assert stall("alerts:0", -3, long) == ""
    assert stall("alerts:0", 7, STALLED_AFTER_S - 1) == ""
    assert stall("alerts:0", 7, long) == "7 records of alerts:0 wait, none was taken for 31 s"

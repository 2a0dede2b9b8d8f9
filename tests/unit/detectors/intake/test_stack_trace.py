import pytest

from detectors.intake.stack_trace import identity_of

JAVA = """12:00:01 ERROR failed
com.acme.OrderException: order 17 failed
\tat com.acme.Orders.place(Orders.java:40)
Caused by: java.sql.SQLException: no connection 5
\tat java.sql.DriverManager.get(DriverManager.java:1)
\tat com.acme.Store.save(Store.java:12)
\t... 12 more"""
PYTHON = """Traceback (most recent call last):
  File "/srv/app/pay.py", line 12, in charge
    send(7)
ValueError: amount 7"""
GO = """panic: runtime error: index out of range [5]

goroutine 1 [running]:
main.load(0x5)
\t/srv/load.go:12 +0x1d
"""
NODE = """TypeError: cannot read 5
    at loadUser (/srv/app/user.js:10:5)
    at next (/srv/node_modules/express/router.js:3:1)"""
NET = """System.InvalidOperationException: order 5
 ---> Acme.StoreException: disk 5
   at Acme.Store.Save(Int32 id) in /srv/Store.cs:line 5
   --- End of inner exception stack trace ---
   at Acme.Orders.Place(Int32 id) in /srv/Orders.cs:line 9"""


@pytest.mark.parametrize(
    ("trace", "identity"),
    [
        (JAVA, "java.sql.SQLException←com.acme.Store.save"),
        (PYTHON, "ValueError←pay.py:charge"),
        (GO, "runtime_error:index_out_of_range←main.load"),
        (NODE, "TypeError←loadUser"),
        (NET, "Acme.StoreException←Acme.Store.Save"),
    ],
)
def test_a_trace_is_known_by_its_root_cause_and_own_frames_not_by_its_numbers(
    trace: str, identity: str
) -> None:
    assert identity_of(trace) == identity
    assert identity_of(trace.replace("5", "8").replace("12", "99").replace("7", "6")) == identity


def test_indented_text_is_no_trace() -> None:
    assert identity_of("the plan:\n  at noon (sharp) we go\n  at one we eat") is None

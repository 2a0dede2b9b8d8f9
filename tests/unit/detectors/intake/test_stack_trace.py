import pytest

from detectors.intake.stack_trace import identity_of
from detectors.mining.miner import SignatureMiner

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


FRAMEWORK = {
    JAVA: (
        "\tat com.acme.Store.save(Store.java:12)\n",
        "\tat org.springframework.web.Filter.go(Filter.java:5)\n",
    ),
    PYTHON: (
        '  File "/srv/app',
        '  File "/usr/lib/python3.11/site-packages/flask/app.py", line 5, in run\n    x\n',
    ),
    GO: (
        "\t/srv/load.go:12 +0x1d\n",
        "net/http.(*conn).serve(0xc000)\n\t/usr/local/go/src/net/http/server.go:5\n",
    ),
    NODE: (":10:5)\n", "    at run (/srv/node_modules/koa/index.js:5:1)\n"),
    NET: ("Store.cs:line 5\n", "   at Microsoft.AspNetCore.Mvc.Invoke(Object x) in /_/Mvc.cs:line 5\n"),
}


@pytest.mark.parametrize(("trace", "after", "frames"), [(t, a, f) for t, (a, f) in FRAMEWORK.items()])
def test_frames_of_frameworks_around_the_own_code_change_nothing(trace: str, after: str, frames: str) -> None:
    place = trace.index(after) + (0 if trace is PYTHON else len(after))
    assert identity_of(trace[:place] + frames * 3 + trace[place:]) == identity_of(trace)


@pytest.mark.parametrize(
    ("trace", "old", "new"),
    [
        (JAVA, "java.sql.SQLException", "java.io.IOException"),
        (JAVA, "Store.save", "Store.load"),
        (PYTHON, "ValueError", "KeyError"),
        (PYTHON, "in charge", "in refund"),
        (GO, "index out of range [5]", "invalid memory address or nil pointer dereference"),
        (GO, "main.load", "main.save"),
        (NODE, "TypeError", "RangeError"),
        (NODE, "loadUser", "saveUser"),
        (NET, "Acme.StoreException", "System.TimeoutException"),
        (NET, "Store.Save", "Store.Load"),
    ],
)
def test_another_type_or_another_place_of_the_own_code_is_another_fault(
    trace: str, old: str, new: str
) -> None:
    assert identity_of(trace.replace(old, new)) != identity_of(trace)


def test_what_java_suppressed_while_closing_is_not_the_fault() -> None:
    suppressed = (
        "\tSuppressed: java.io.IOException: 5\n\t\tat com.acme.Log.close(Log.java:1)\nCaused by: java.sql"
    )
    assert identity_of(JAVA.replace("Caused by: java.sql", suppressed)) == identity_of(JAVA)


def test_a_trace_of_node_with_a_cause_is_known_by_the_cause() -> None:
    caused = f"{NODE} {{\n  [cause]: RangeError: 7\n      at readUser (/srv/app/store.js:1:2)\n}}"
    assert identity_of(caused) == "RangeError←readUser"


@pytest.mark.parametrize("trace", [JAVA, PYTHON, GO, NODE, NET])
def test_clustering_takes_no_part_of_an_identity_for_a_value(trace: str) -> None:
    miner = SignatureMiner()
    base = identity_of(trace)
    assert base is not None
    fault, _, place = base.partition("←")
    identities = [f"{fault}←{place}{name}" for name in ("", "One", "Two", "Three", "Four", "Five", "Six")]
    ids = [miner.add(each).signature_id for each in identities]
    assert len(set(ids)) == len(identities)
    assert [each.template for each in miner.add_many(identities)] == identities


def test_indented_text_is_no_trace() -> None:
    assert identity_of("the plan:\n  at noon (sharp) we go\n  at one we eat") is None

"""What do broken producers send? Bad records for each input topic, and good ones to put between them.

Every bad record comes with a word that the detail of its dead letter has to contain: the field, or
what is wrong with the record as a whole.
"""

import json
import random
from typing import Any

Bad = tuple[bytes, str]
Fields = dict[str, Any]

MOMENT = 1_782_205_200
LEVELS = 100_000
HUGE_BYTES = 10_000_000

REQUIRED: dict[str, Fields] = {
    "alerts": {"kind": "alert", "service": "checkout-api", "name": "ErrorRateHigh", "status": "firing"},
    "logs": {"kind": "log", "service": "checkout-api", "body": "order 4711 placed"},
    "deploys": {"kind": "change", "change_kind": "deploy"},
    "metrics": {"kind": "metric", "service": "checkout-api", "name": "cpu_pct", "value": 41.5},
    "spans": {"kind": "span", "service": "checkout-api", "name": "POST /checkout", "duration_ms": 184.2},
    "feedback": {"kind": "feedback", "action": "note"},
}
"""A smallest good record of each topic, without its timestamp."""

OPTIONAL: dict[str, Fields] = {
    "alerts": {
        "event_id": "a-1",
        "severity": "critical",
        "summary": "above 5 %",
        "fingerprint": "f-1",
        "starts_at": MOMENT,
        "ends_at": MOMENT + 60,
        "labels": {"env": "production"},
        "value": 18.0,
        "threshold": 5.0,
        "unit": "%",
        "url": "https://alerts.example.test/1",
        "source": "monitoring",
    },
    "logs": {
        "event_id": "l-1",
        "severity": "INFO",
        "trace_id": "0af7651916cd43dd",
        "span_id": "b7ad6b71",
        "attributes": {"pod": "checkout-api-0"},
    },
    "deploys": {
        "event_id": "d-1",
        "service": "checkout-api",
        "version": "v42",
        "previous_version": "v41",
        "commit": "9c41e07b",
        "name": "checkout-api",
        "author": "checkout-bot",
        "summary": "Deploy v42",
        "started_at": MOMENT - 60,
        "state": "succeeded",
        "url": "https://deploys.example.test/1",
        "attributes": {"files_changed": ["src/client.py"]},
    },
    "metrics": {"event_id": "m-1", "unit": "%", "attributes": {"pod": "checkout-api-0"}},
    "spans": {
        "event_id": "s-1",
        "status": "ok",
        "trace_id": "0af7651916cd43dd",
        "span_id": "b7ad6b71",
        "parent_span_id": "00f067aa",
        "peer_service": "payments",
        "attributes": {"span.kind": "client"},
    },
    "feedback": {
        "event_id": "f-1",
        "incident_id": "incident-1",
        "actor": "on-call",
        "candidate_id": "candidate-1",
        "text": "looks like v42",
        "service": "checkout-api",
        "into_incident_id": "incident-2",
        "alerts": ["f-1"],
    },
}

NAMES = {"service", "name"}
"""Texts that may be neither empty nor longer than 512 characters."""
ENUMS = {"status", "change_kind", "action"}
MAY_BE_ARRAY = {"logs", "metrics", "spans"}

IMPOSSIBLE_TIMES: tuple[Any, ...] = (
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z",
    "2026-06-23T09:00:00",
    "23/06/2026 09:00",
    "yesterday",
    "NaN",
    "",
    str(MOMENT),
    MOMENT * 1_000,
    MOMENT * 1_000_000_000,
    0,
    -1,
    1e300,
    True,
    False,
    [MOMENT],
    {"seconds": MOMENT},
)


def good(topic: str, count: int, seed: int) -> list[bytes]:
    """Give valid records of an input topic, each different."""
    chance = random.Random(f"good {topic} {seed}")
    return [_written(_good(topic, number, chance)) for number in range(count)]


def malformed(topic: str, count: int, seed: int) -> list[Bad]:
    """Give bad records of an input topic, each with the word its dead letter's detail must contain.

    Every way to be wrong comes once before any comes again; the seed sets the order. Records of
    10 MB and of 100,000 levels come at most twice in a call.
    """
    chance = random.Random(f"malformed {topic} {seed}")
    chosen = _wrong_fields(topic, 0, chance) + _not_records(topic, 0, chance) + _costly(topic)
    chance.shuffle(chosen)
    for number in range(1, count):
        if len(chosen) >= count:
            break
        more = _wrong_fields(topic, number, chance) + _not_records(topic, number, chance)
        chance.shuffle(more)
        chosen += more
    return chosen[:count]


def _good(topic: str, number: int, chance: random.Random) -> Fields:
    moment = MOMENT + number
    # The number keeps the records apart, and so their ids.
    record = {"timestamp": moment + chance.randrange(1_000) / 1_000, **REQUIRED[topic], "sender_note": number}
    if chance.random() < 0.5:
        record["timestamp"] = f"2026-06-23T09:{number // 60 % 60:02d}:{number % 60:02d}+00:00"
    if chance.random() < 0.5:
        record |= OPTIONAL[topic] | {"event_id": f"good-{topic}-{number}"}
    if topic == "logs":
        record["body"] = f"order {chance.randrange(10**7)} placed for Zürich & 東京"
    return record


def _wrong_fields(topic: str, number: int, chance: random.Random) -> list[Bad]:
    base = _good(topic, number, chance)
    bad: list[Bad] = []
    for field in ("timestamp", *REQUIRED[topic]):
        if field != "kind":
            bad.append((_written({name: value for name, value in base.items() if name != field}), field))
            bad.append((_written({**base, field: None}), field))
    values = {"timestamp": MOMENT, **REQUIRED[topic], **OPTIONAL[topic]}
    for field, value in values.items():
        bad += [(_written({**base, field: wrong}), field) for wrong in _wrong_values(field, value)]
        if isinstance(value, int | float):
            # JSON allows numbers of any size; no float holds these.
            bad += [(_with_literal(base, field, literal), field) for literal in ("1e400", "9" * 500)]
            bad.append((_with_literal(base, field, "NaN"), "malformed"))
    return bad


def _wrong_values(field: str, value: Any) -> list[Any]:
    if field == "kind":
        return [None, 5, "", value.upper(), "mystery"]
    if field == "timestamp" or field.endswith("_at"):
        return list(IMPOSSIBLE_TIMES)
    if isinstance(value, dict):
        return [5, "text", True, ["a"]]
    if isinstance(value, list):
        return [5, "text", True, {"a": "b"}, [5], [None]]
    if isinstance(value, float):
        negative = [-0.5] if field == "duration_ms" else []
        return ["NaN", "12", "", True, [value], {"value": value}, *negative]
    wrong: list[Any] = [5, 1.5, True, ["a"], {"name": "a"}]
    if field in ENUMS and value in ("firing", "deploy", "note"):
        wrong += ["", value.upper(), "mystery"]
    if field in NAMES and not (field == "name" and value == OPTIONAL["deploys"]["name"]):
        wrong += ["", "x" * 513]
    return wrong


def _not_records(topic: str, number: int, chance: random.Random) -> list[Bad]:
    line = _written(_good(topic, number, chance))
    plain = json.dumps(REQUIRED[topic]).encode()
    text = REQUIRED[topic].get("service") or REQUIRED[topic].get("change_kind") or "note"
    bad: list[Bad] = [
        (b"", "truncated"),
        (b" \n", "truncated"),
        (line[:-1], "truncated"),
        (plain[: chance.randrange(2, len(plain))], "truncated"),
        (line + b"}", "malformed"),
        (line + line, "malformed"),
        (b"{'kind': 'log'}", "malformed"),
        (b"not JSON at all", "malformed"),
        (b"\x00\x01\x02\xff\xfe", "malformed"),
        (b"\x1f\x8b\x08\x00" + chance.randbytes(200), "malformed"),
        (b"\xef\xbb\xbf" + line, "malformed"),
        (line.replace(text.encode(), text[:3].encode() + b"\xc3\x28", 1), "UTF-8"),
        (b"{}", "missing required field"),
        *((scalar, "object") for scalar in (b"null", b"true", b"17", b"-0.5", b'"a text"')),
    ]
    if topic in MAY_BE_ARRAY:
        bad += [(b"[" + element + b"]", "object") for element in (b"null", b"17", b'"a text"', b"[]")]
        bad.append((b"[" + _written(_good(topic, number, chance) | {"timestamp": "NaN"}) + b"]", "timestamp"))
    else:
        bad += [(b"[]", "object"), (b"[" + line + b"]", "object")]
    return bad


def _costly(topic: str) -> list[Bad]:
    base = {"timestamp": MOMENT, **REQUIRED[topic]}
    field = next(name for name in REQUIRED[topic] if name != "kind")
    maps = '{"a":' * LEVELS + "1" + "}" * LEVELS
    lists = "[" * LEVELS + "]" * LEVELS
    return [
        (_with_literal(base, "sender_note", maps), "nested"),
        (_with_literal(base, "sender_note", lists), "nested"),
        (_written({**base, field: ["x" * HUGE_BYTES]}), field),
    ]


def _written(record: Fields) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()


def _with_literal(record: Fields, field: str, literal: str) -> bytes:
    """Write a record with a value that json itself would not write."""
    placeholder = "literal to be put here"
    return _written({**record, field: placeholder}).replace(f'"{placeholder}"'.encode(), literal.encode(), 1)

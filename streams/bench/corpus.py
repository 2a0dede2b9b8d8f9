"""Log lines made up in the styles of many kinds of program, with their true templates."""

from hashlib import blake2b

STATEMENTS = {
    "till daemon": (
        "Drawer unlocked by {user} at {ip} slot {n}",
        "shift begun for user {user} on till (no={n})",
        "shift ended for user {user}",
        "greeting from {host}[{ip}]",
        "farewell from {host}[{ip}]",
        "{id}: shredded",
        "lease wanted for {ip} by {mac} over wire{n}",
        "clock follows {ip}, distance {n}",
        "printer helper died with [{n}]",
    ),
    "rack controller": (
        "tray{n}: lamp up, {n} lux, both sides",
        "tray{n}: lamp down",
        "Shelf is full: Threw out parcel {n} ({user})",
        "fan{n}: humming above its limit, speed lowered",
        "dock {n}-{n}: another quick scanner found, handle {n}",
        "Room: {n}k/{n}k free ({n}k for staff, {n}k kept)",
    ),
    "order service": (
        "Basket {id} shelved as rows in cache (guessed size {size}, left {size})",
        "Packed parcel {n}.0 of wave {n}.0 (PID {n}) in {n} ms at {host}",
        "Packing parcel {n}.0 of wave {n}.0 (PID {n}, {host}, lane {n})",
        "Hired packer for order {id} at {ip}:{n}",
        "Order {id} went from PLACED to PAID",
        "Order {id} went from PAID to RETURNED",
        "Call to {host}:{n} refused, again in {n} seconds",
    ),
    "shop API": (
        '"GET /shop/{hex}/baskets/{uuid} HTTP/2" answer: {n} length: {n} spent: {n}.{n}',
        '"POST /shop/{hex}/baskets HTTP/2" answer: {n} length: {n} spent: {n}.{n}',
        "[basket: {uuid}] Payment Started (Checkout Step)",
        "[basket: {uuid}] Payment Paused (Checkout Step)",
        "[basket: {uuid}] Needed {n}.{n} seconds to price basket.",
        "Whole stock: {n} kg, sold: {n}.00 kg",
    ),
    "courier app": (
        "onParcelScanned {n}",
        "take badge={n}, label={user}, marks=0x{n}, courier={n}",
        "route view changed shown:{bool}",
        "planStop arriveAtMinute = {n}",
        "dropReminder,slot:{n}",
    ),
    "stock log": (
        "Count: {n}_{n} begun by auditor {user}.",
        "Read plan from D:\\Shop Plans\\{user}\\aisle.dll",
        "Could not unpack crate {id}. [REASON = 0x{hex}]",
        "Throwing away price lists older than {n} weeks.",
    ),
    "belt message": (
        "weight={n}",
        "Belt speeds ( {n} {n} {n} {n} )",
        "writing snapshot.{n}",
        "{n} skewed label reading faults",
        "belt {id} is up",
        "belt {id} is down",
    ),
}

_NAMES = ("root", "alice", "nagios", "backup", "www-data", "carol", "deploy", "mallory")


def generated(lines_each: int = 2_000) -> dict[str, list[tuple[str, str]]]:
    """Give lines with their true templates by style; the same lines every time."""
    return {
        style: [
            (
                _filled(statements[_draw(style, n) % len(statements)], n),
                statements[_draw(style, n) % len(statements)],
            )
            for n in range(lines_each)
        ]
        for style, statements in STATEMENTS.items()
    }


def _draw(name: str, number: int) -> int:
    return int.from_bytes(blake2b(f"{name} {number}".encode(), digest_size=6).digest(), "big")


def _filled(statement: str, number: int) -> str:
    out = []
    for place, part in enumerate(statement.split("{")):
        kind, closing, rest = part.partition("}")
        if not closing:
            out.append(part)
            continue
        drawn = _draw(kind, number * 16 + place)
        text = f"{drawn:032x}"
        out.append(_value(kind, drawn, text) + rest)
    return "".join(out)


def _value(kind: str, drawn: int, text: str) -> str:
    values = {
        "n": str(drawn % 10 ** (1 + drawn % 6)),
        "ip": ".".join(str(drawn >> shift & 255) for shift in (0, 8, 16, 24)),
        "mac": ":".join(text[-each - 2 : -each] for each in (1, 3, 5, 7, 9, 6)),
        "host": f"{_NAMES[drawn % 8]}-{drawn % 90}.example.net",
        "user": _NAMES[drawn % 8],
        "id": f"job_{drawn % 100_000}_{drawn % 97}",
        "hex": text,
        "uuid": f"{text[-8:]}-{text[-7:-3]}-{text[-5:-1]}-{text[-6:-2]}-{text[-12:]}",
        "size": f"{drawn % 900}.{drawn % 10} {('B', 'KB', 'MB', 'GB')[drawn % 4]}",
        "bool": ("true", "false")[drawn % 2],
    }
    return values[kind]

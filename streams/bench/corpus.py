"""Log lines made up in the styles of many kinds of program, with their true templates."""

from hashlib import blake2b

STATEMENTS = {
    "syslog daemon": (
        "Accepted publickey for {user} from {ip} port {n} ssh2",
        "session opened for user {user} by (uid={n})",
        "session closed for user {user}",
        "connect from {host}[{ip}]",
        "disconnect from {host}[{ip}]",
        "{id}: removed",
        "DHCPREQUEST for {ip} from {mac} via eth0",
        "synchronized to {ip}, stratum {n}",
        "ALERT exited abnormally with [{n}]",
    ),
    "kernel": (
        "eth{n}: link up, {n} Mbps, full duplex",
        "eth{n}: link down",
        "Out of memory: Killed process {n} ({user})",
        "CPU{n}: Temperature above threshold, cpu clock throttled",
        "usb {n}-{n}: new high speed USB device number {n}",
        "Memory: {n}k/{n}k available ({n}k kernel code, {n}k reserved)",
    ),
    "java service": (
        "Block {id} stored as bytes in memory (estimated size {size}, free {size})",
        "Finished task {n}.0 in stage {n}.0 (TID {n}) in {n} ms on {host}",
        "Starting task {n}.0 in stage {n}.0 (TID {n}, {host}, partition {n})",
        "Registered executor for application {id} at {ip}:{n}",
        "Task {id} Transitioned from NEW to RUNNING",
        "Task {id} Transitioned from RUNNING to FAILED",
        "Connection to {host}:{n} refused, retry in {n} seconds",
    ),
    "cloud API": (
        '"GET /v2/{hex}/servers/{uuid} HTTP/1.1" status: {n} len: {n} time: {n}.{n}',
        '"POST /v2/{hex}/servers HTTP/1.1" status: {n} len: {n} time: {n}.{n}',
        "[instance: {uuid}] VM Started (Lifecycle Event)",
        "[instance: {uuid}] VM Paused (Lifecycle Event)",
        "[instance: {uuid}] Took {n}.{n} seconds to build instance.",
        "Total disk: {n} GB, used: {n}.00 GB",
    ),
    "mobile app": (
        "onStepChanged {n}",
        "acquire lock={n}, tag={user}, flags=0x{n}, uid={n}",
        "screen state changed visible:{bool}",
        "scheduleAlarm triggerAtTime = {n}",
        "cancelNotification,index:{n}",
    ),
    "component log": (
        "Session: {n}_{n} initialized by client {user}.",
        "Loaded module from C:\\Program Files\\{user}\\core.dll",
        "Failed to open package {id}. [RESULT = 0x{hex}]",
        "Cleaning up report files older than {n} days.",
    ),
    "node message": (
        "ambient={n}",
        "Fan speeds ( {n} {n} {n} {n} )",
        "generating core.{n}",
        "{n} floating point alignment exceptions",
        "node {id} is up",
        "node {id} is down",
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

"""Would what a change did produce just this way of failing?

Method: a table of mechanisms known to every postmortem collection. On the left words in the lines
that a change put into effect (or in the name of a flag or a configuration), on the right words of
errors, alerts and deviating metrics. Weakness: both sides are words; an unusual name is missed.
"""

import re
from typing import NamedTuple


class Hint(NamedTuple):
    """One mechanism by which a change breaks something."""

    name: str
    touched: frozenset[str]
    fails: re.Pattern[str]
    by_less: bool = False
    """It fails only where there is less than before: more of it is what a shortage asks for."""


def _hint(name: str, touched: str, fails: str, *, by_less: bool = False) -> Hint:
    return Hint(name, frozenset(touched.split()), re.compile(rf"(?i)(?:{fails})"), by_less)


HINTS = (
    _hint(
        "caching",
        "cache caches cached ttl evict eviction expiry memoize stale",
        r"cache|miss(?:es)?\b|stampede|slow query|cpu|stale|hit ratio|oom|out of memory|memory|heap|evict",
    ),
    _hint(
        "retries",
        "retry retries backoff attempt attempts budget jitter",
        r"retr(?:y|ies)|exhaust|overload|throttl|storm|timeout|timed out",
    ),
    _hint(
        "a time limit",
        "timeout timeouts deadline ttl keepalive",
        r"time ?d? ?out|timeout|deadline|context canceled|504|broken pipe|reset by peer",
    ),
    _hint(
        "a pool of connections",
        "pool pools conn conns connections idle acquire close closed hikari maxopen",
        r"\bpool|too many (?:clients|connections)|connection.{0,20}(?:leak|exhaust|limit)|acquire|"
        r"file descriptors",
    ),
    _hint(
        "concurrency",
        "lock mutex locks semaphore workers concurrency parallel parallelism threads goroutine async",
        r"deadlock|lock wait|contention|lock timeout|race|thread|saturat|queue",
    ),
    _hint(
        "batching",
        "batch batched chunk chunks bulk coalesce batchwriteitem paginate page",
        r"throughput|capacity|throttl|rate.?limit|too many requests|oom|memory|iops",
    ),
    _hint(
        "a limit of resources",
        "limit limits memory heap cpu replicas maxreplicas minreplicas quota requests rate burst xmx buffer "
        "hpa autoscaler autoscaling scale",
        r"oom|out of memory|memory|heap|evict|throttl|429|rate.?limit|quota|saturat|cpu|restart",
        by_less=True,
    ),
    _hint(
        "a schema or a query",
        "select insert update alter table column index migration join where drop schema query sql",
        r"relation|column|does not exist|no such table|unknown column|sql|constraint|slow query|"
        r"seq(?:uential)? scan|lock",
    ),
    _hint(
        "authorization",
        "auth token tokens jwt scope scopes role roles permission secret issuer audience iam "
        "policy credentials key password",
        r"\b40[13]\b|unauthori[sz]ed|forbidden|denied|permission|invalid token|signature|credential|"
        r"audience|issuer|authenticat\w+ failed|login failed|wrong password|bad password",
    ),
    _hint(
        "an address",
        "url host hostname endpoint port address dns bucket region topic",
        r"no such host|connection refused|unreachable|\b404\b|unknown topic|name resol|resolve|dial tcp",
    ),
    _hint(
        "a certificate or TLS",
        "tls tls1 tlsv1 cert certificate x509 cipher mtls ca ssl",
        r"x509|certificate|tls|handshake|ssl",
    ),
    _hint(
        "a format",
        "json proto protobuf avro encode decode marshal unmarshal serialize deserialize parse "
        "field fields codec",
        r"unmarshal|deseriali|decod|parse|unexpected (?:token|field)|missing field|schema|malformed|"
        r"unknown field",
    ),
    _hint(
        "a check against nothing",
        "nil null none undefined optional guard unwrap",
        r"nil pointer|null ?pointer|nonetype|undefined|cannot read propert|segfault|panic",
    ),
    _hint(
        "a regular expression",
        "pattern patterns regex regexp re2 compile",
        r"cpu|slow|timeout|timed out|latency|backtrack|duration",
    ),
    _hint(
        "a schedule",
        "cron cronjob schedule interval period every hourly minutely job jobs",
        r"cpu|slow|load|saturat|queue|lock|iops|throttl|connections|backlog",
    ),
    _hint(
        "what is logged",
        "level debug trace verbose verbosity",
        r"disk|no space left|iops|ingest|log volume|quota",
    ),
    _hint(
        "a consumer of a queue",
        "consumer consumers group prefetch poll rebalance partition partitions offset ack visibility",
        r"lag\b|backlog|oldest.?message|rebalanc|redeliver|queue|unacked",
    ),
    _hint(
        "how requests are routed",
        "ingress route routes path rewrite upstream weight gateway canary balancer selector",
        r"\b40[4]\b|\b50[234]\b|no (?:healthy )?upstream|no route|not found|no endpoints",
    ),
    _hint(
        "a check of health",
        "probe readiness liveness healthcheck healthz readyz startup",
        r"restart|unhealthy|crashloop|probe failed|evict|not ready|no endpoints",
    ),
    _hint(
        "time and its zones",
        "timezone tz utc dst date datetime clock unix epoch leeway expiry expires",
        r"expired|in the future|invalid date|time ?zone|out of range|not yet valid|stale|overlap",
    ),
    _hint(
        "numbers and their range",
        "int32 int64 uint float decimal overflow divide round rounding percent scale",
        r"overflow|out of range|nan\b|negative|division by zero|divide by zero|underflow",
    ),
    _hint(
        "environment or secret names",
        "env environ getenv configmap secret vault",
        r"not set|missing (?:env|config|key)|keyerror|undefined variable|no such key|required",
    ),
)


def fitting(touched: frozenset[str], failing_text: str, direction: int = 0) -> Hint | None:
    """Give the first mechanism that joins what was touched with what fails; None: none does.

    Args:
        touched: Words that a change put into effect.
        failing_text: All that is said of what fails.
        direction: 1 where all changed values rose, -1 where they fell, 0 where that is not known.
    """
    return next(
        (
            each
            for each in HINTS
            if each.touched & touched
            and not (each.by_less and direction > 0)
            and each.fails.search(failing_text)
        ),
        None,
    )

"""Which causes need no change, how do they name themselves, and which changes may bring them about?"""

import re
from typing import NamedTuple

from models.cause import CauseClass


class Kind(NamedTuple):
    """One cause that needs no change."""

    name: str
    cause_class: CauseClass
    said: re.Pattern[str]
    touched: frozenset[str]
    """A change whose effective lines hold one of these words may have brought it about."""
    measured: re.Pattern[str] | None = None
    """Names of metrics that rise with it and with nothing else."""


def _kind(name: str, cause_class: CauseClass, said: str, touched: str, measured: str = "") -> Kind:
    metric = re.compile(rf"(?i)(?:{measured})") if measured else None
    return Kind(name, cause_class, re.compile(rf"(?i)(?:{said})"), frozenset(touched.split()), metric)


_UNWELL = r"(?:\b50[0234]\b|unavailable|timeout|timed out|degraded|429)"
TROUBLE = re.compile(rf"(?i){_UNWELL}")
"""How a line says that somebody outside is unwell."""
_OUTSIDE = (
    r"(?:\b(?:stripe|paypal|adyen|braintree|twilio|sendgrid|mailgun|auth0|okta|cloudflare|fastly|openai)\b|"
    r"\b(?:api|gateway|smtp|hooks)\.[\w-]+\.(?:com|io|net|org)\b)"
)
"""Parties that nearly every company buys from, and hosts that are named as interfaces are."""

KINDS = (
    _kind(
        "a certificate that expired",
        CauseClass.SECURITY,
        r"certificate (?:has |is |was )?(?:expired|not yet valid)|x509.{0,40}expired|cert.{0,20}expired|"
        r"certificateexpired|expired ?(?:token|credentials?|certificate|licen[cs]e)|"
        r"(?:token|credentials?|licen[cs]e|secret|lease)\b.{0,50}\bexpired",
        "cert certificate tls x509 ca truststore rotate rotation expiry notafter credentials license ttl "
        "token jwt leeway secret",
    ),
    _kind(
        "a failure of name resolution",
        CauseClass.INFRASTRUCTURE,
        r"no such host|servfail|enotfound|eai_again|getaddrinfo|name resol\w+ (?:fail|error)|nxdomain|"
        r"temporary failure in name resolution|could not resolve host",
        "dns resolver resolv coredns nameserver nameservers ndots url host hostname endpoint egress "
        "dnspolicy",
        r"servfail|nxdomain|dns.{0,20}(?:fail|error)",
    ),
    _kind(
        "a fault of the network",
        CauseClass.NETWORK,
        r"no route to host|network is unreachable|packet loss|host is unreachable",
        "mtu subnet route firewall networkpolicy port ports egress proxy mesh sidecar",
        r"retransmi\w+|packet\w*.{0,3}(?:loss|lost|drop\w*)|drop\w*.{0,3}packet\w*",
    ),
    _kind(
        "a fault of the machines",
        CauseClass.INFRASTRUCTURE,
        r"node\b.{0,40}\bnot ?ready|nodenotready|hardware error|ecc error|i/o error|read-only file ?system|"
        r"spot (?:instance )?(?:interrupt|reclaim|terminat)\w*|availability zone|host maintenance|failover|"
        r"kernel panic|"
        r"clock (?:skew|drift)|ntpd?\b",
        "node nodes nodepool az zone affinity toleration ntp",
        r"clock.{0,3}(?:skew|drift|offset)|(?<![a-z])steal(?![a-z])",
    ),
    _kind(
        "storage that is full",
        CauseClass.CAPACITY,
        r"no space left|disk (?:is )?full|disk usage (?:above|over|at)|enospc|"
        r"inodes? exhaust\w*|quota exceeded for (?:disk|volume)",
        "disk volume retention rotate rotation logrotate storage wal vacuum level debug trace verbose",
    ),
    _kind(
        "data that cannot be read",
        CauseClass.DATA,
        r"poison|redeliver\w*|out of range \[|malformed (?:record|message|payload|event|row)|"
        r"corrupt(?:ed|ion)?\b|invalid (?:record|row|payload)|bad (?:record|data|message)|"
        r"checksum mismatch|"
        r"dead.?letter",
        "avro proto protobuf codec schema decoder migration backfill encode decode marshal unmarshal "
        "serialize parse parser json validate producer",
    ),
    _kind(
        "trouble of an outside provider",
        CauseClass.EXTERNAL_PROVIDER,
        r"provider (?:outage|incident|degrad\w+|unavailable|error|returned)|third.?party|status page|"
        r"upstream (?:provider|vendor)|vendor (?:outage|api)|"
        rf"{_UNWELL}.{{0,60}}{_OUTSIDE}|{_OUTSIDE}.{{0,80}}{_UNWELL}",
        "timeout provider client endpoint url retry key pool conns transport proxy egress token secret",
    ),
    _kind(
        "capacity that is used up",
        CauseClass.CAPACITY,
        r"provisioned ?throughput|throttlingexception|capacity (?:is |was )?(?:exceeded|exhausted|reached)|"
        r"insufficient ?\w*capacity|insufficient instance|exceeded provisioned|quota (?:was |is )?exceeded|"
        r"(?:limit|quota)exceeded",
        "batch batched chunk bulk write writer put retry retries cache ttl limit capacity pool rate quota "
        "concurrency replicas workers poll interval query index scan",
    ),
    _kind(
        "upkeep of a store",
        CauseClass.CAPACITY,
        r"autovacuum|vacuum.{0,40}wraparound|compaction.{0,20}(?:storm|backlog|behind|stall\w*)|"
        r"stop(?:ping)? writes.{0,40}compaction|"
        r"(?:backup|snapshot|rebuild|resync)\w*.{0,20}(?:running|in progress)",
        "vacuum autovacuum compaction backup snapshot retention maintenance checkpoint wal",
    ),
    _kind(
        "an attack or abuse",
        CauseClass.SECURITY,
        r"ddos|credential stuffing|brute.?force|bot (?:traffic|attack)|scrap(?:er|ing)|"
        r"blocked by waf|syn flood",
        "waf ratelimit captcha firewall",
    ),
)
TRAFFIC = _kind(
    "more traffic than usual",
    CauseClass.TRAFFIC,
    "",
    "retry retries backoff poll polling interval cache ttl replicas hpa autoscaler limit fanout prefetch",
)

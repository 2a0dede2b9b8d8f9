"""What an installation can choose, read once from the environment and checked."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from ssl import SSLContext, SSLError
from typing import Any, Self

from detectors.intake.national_id import NATIONAL_IDS
from detectors.intake.pseudonym import LEAST_KEY
from detectors.intake.redaction import Redactor
from streams.setting import (
    InvalidSettingsError,
    as_text,
    choice,
    example,
    seconds,
    setting_of,
    switch,
    text,
    whole,
    words,
)

__all__ = ["InvalidSettingsError", "Settings", "env_example"]

SECURITY_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
# What aiokafka and Faust can do with a user name and a password.
SASL_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
MEBIBYTE = 1024 * 1024
# Kafka allows these in topic and group names; the prefix leaves room for the longest name.
TOPIC_PREFIX = re.compile(r"[A-Za-z0-9._-]{0,100}")

ENV_EXAMPLE_ORIGIN = "# Written by `make env-example`; a test compares the two.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an installation can choose. Without any setting it is a one-machine installation."""

    bootstrap_servers: str = text(
        "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092", "Brokers to ask first: host:port, separated by commas."
    )
    security_protocol: str = choice(
        "KAFKA_SECURITY_PROTOCOL", "PLAINTEXT", SECURITY_PROTOCOLS, "How to talk to the brokers."
    )
    ssl_cafile: str = text("KAFKA_SSL_CAFILE", "", "Authorities that sign brokers; empty: the system's.")
    ssl_certfile: str = text("KAFKA_SSL_CERTFILE", "", "File of our certificate, where brokers ask for one.")
    ssl_keyfile: str = text("KAFKA_SSL_KEYFILE", "", "File of our certificate's private key.")
    ssl_password: str = text("KAFKA_SSL_PASSWORD", "", "Password of the private key.", secret=True)
    ssl_check_hostname: bool = switch(
        "KAFKA_SSL_CHECK_HOSTNAME", True, "Whether a broker's certificate must carry the name we asked for."
    )
    sasl_mechanism: str = choice(
        "KAFKA_SASL_MECHANISM", "PLAIN", SASL_MECHANISMS, "How to log in with SASL_PLAINTEXT or SASL_SSL."
    )
    sasl_username: str = text("KAFKA_SASL_USERNAME", "", "User name to log in with.")
    sasl_password: str = text("KAFKA_SASL_PASSWORD", "", "Password to log in with.", secret=True)
    topic_prefix: str = text(
        "HEADWATER_TOPIC_PREFIX",
        "",
        "Put before every topic and consumer group, so that several installations can share a cluster.",
    )
    partitions: int = whole(
        "HEADWATER_PARTITIONS",
        4,
        (1, 1000),
        "partitions",
        "Partitions of every keyed topic, one count for all.",
    )
    replication_factor: int = whole(
        "HEADWATER_REPLICATION_FACTOR", 1, (1, 9), "replicas", "Copies of each topic; 3 on a real cluster."
    )
    lateness_s: float = seconds(
        "HEADWATER_LATENESS_S", 5.0, (0.1, 3600.0), "How late a record may be, event time, and still count."
    )
    idle_after_s: float = seconds(
        "HEADWATER_IDLE_AFTER_S",
        2.0,
        (0.05, 3600.0),
        "Machine time after which a silent input partition is idle; below HEADWATER_LATENESS_S.",
    )
    lag_limit_s: float = seconds(
        "HEADWATER_LAG_LIMIT_S",
        60.0,
        (1.0, 86400.0),
        "Machine time for which a path may stay behind before it no longer holds the others up.",
    )
    tick_interval_s: float = seconds(
        "HEADWATER_TICK_INTERVAL_S", 0.25, (0.01, 60.0), "Machine time between two ticks of a path."
    )
    checkpoint_interval_s: float = seconds(
        "HEADWATER_CHECKPOINT_INTERVAL_S",
        1.0,
        (0.05, 60.0),
        "Machine time between two writes of an agent's state.",
    )
    session_timeout_s: float = seconds(
        "HEADWATER_SESSION_TIMEOUT_S",
        10.0,
        (1.0, 300.0),
        "Silence after which a worker is dead; not below the broker's group.min.session.timeout.ms (6 s).",
    )
    chunk_records: int = whole(
        "HEADWATER_CHUNK_RECORDS",
        20_000,
        (1, 1_000_000),
        "records",
        "Records that the intake folds at once, at most.",
    )
    chunk_bytes: int = whole(
        "HEADWATER_CHUNK_BYTES",
        16 * MEBIBYTE,
        (1024, 1024 * MEBIBYTE),
        "bytes",
        "Bytes that the intake folds at once, at most; one larger record is folded alone.",
    )
    max_record_bytes: int = whole(
        "HEADWATER_MAX_RECORD_BYTES",
        MEBIBYTE,
        (65536, 64 * MEBIBYTE),
        "bytes",
        "Largest record that we write.",
    )
    max_input_bytes: int = whole(
        "HEADWATER_MAX_INPUT_BYTES",
        16 * MEBIBYTE,
        (65536, 256 * MEBIBYTE),
        "bytes",
        "Largest record accepted on an input topic; the brokers' replica.fetch.max.bytes must allow it.",
    )
    pseudonym_key: str = text(
        "HEADWATER_PSEUDONYM_KEY",
        "",
        f"Secret of {LEAST_KEY} characters or more, one for all workers: addresses and numbers of persons "
        "become pseudonyms, to be counted without being known; empty: off.",
        secret=True,
        least=LEAST_KEY,
    )
    national_ids: tuple[str, ...] = words(
        "HEADWATER_NATIONAL_IDS",
        tuple(NATIONAL_IDS),
        "National ids that are redacted where form and check digits fit, separated by commas.",
    )
    host: str = text(
        "HEADWATER_HOST", "127.0.0.1", "Address on which a worker serves /live, /ready and /metrics."
    )
    port: int = whole("HEADWATER_PORT", 6066, (0, 65535), "port", "Port for the same; 0: any free one.")
    slot: str = text(
        "HEADWATER_SLOT",
        "0",
        "Static membership name of this worker: unique per worker, the same after a restart.",
    )
    oncall: str = text(
        "HEADWATER_ONCALL",
        "",
        "Folder of on-call schedules (.yaml, .ics), read at the start; empty: nobody's duty is known.",
    )
    postmortem_dir: str = text("HEADWATER_POSTMORTEM_DIR", "postmortems", "Folder for the postmortem drafts.")
    policy: str = text(
        "HEADWATER_POLICY",
        "",
        "File with the rules of severity; empty: the shipped deploy/policy.yaml.",
    )
    log_level: str = choice(
        "HEADWATER_LOG_LEVEL",
        "info",
        ("debug", "info", "warning", "error"),
        "Least important lines that are logged.",
    )

    def __post_init__(self) -> None:
        _check_together(self)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings from environment variables; an absent or empty one has its default.

        Raises:
            InvalidSettingsError: A HEADWATER_ name is unknown, or a value malformed, out of range or
                at odds with another.
        """
        known = {setting_of(each).name: each for each in fields(cls)}
        for name in sorted(environment):
            if name.startswith("HEADWATER_") and name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                advice = f"did you mean {near[0]}?" if near else "see .env.example for those there are"
                raise InvalidSettingsError(f"{name} is not a setting; {advice}")
        given = {name: environment[name] for name in known if environment.get(name, "").strip()}
        return cls(
            **{known[name].name: setting_of(known[name]).value(value) for name, value in given.items()}
        )

    def group(self, role: str) -> str:
        """Name the consumer group of a role, such as `intake`; for `reason` also the id of the Faust app."""
        return f"{self.topic_prefix}headwater-{role}"

    def oncall_path(self) -> Path | None:
        """Name the folder of on-call schedules; None: there is none."""
        return Path(self.oncall) if self.oncall else None

    def policy_path(self) -> Path | None:
        """Name the policy file; None: the shipped one."""
        return Path(self.policy) if self.policy else None

    def broker_urls(self) -> list[str]:
        """List the brokers as Faust wants them."""
        return [f"kafka://{server}" for server in self._servers()]

    def environment(self) -> dict[str, str]:
        """Write the settings as the environment variables that `from_environment` reads back."""
        return {setting_of(each).name: as_text(getattr(self, each.name)) for each in fields(self)}

    def connection(self) -> dict[str, Any]:
        """Get the keyword arguments that connect any aiokafka client.

        Raises:
            InvalidSettingsError: A certificate or key file cannot be read.
        """
        arguments: dict[str, Any] = {
            "bootstrap_servers": self._servers(),
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.endswith("SSL"):
            arguments["ssl_context"] = self._ssl_context()
        if self.security_protocol.startswith("SASL"):
            arguments["sasl_mechanism"] = self.sasl_mechanism
            arguments["sasl_plain_username"] = self.sasl_username
            arguments["sasl_plain_password"] = self.sasl_password
        return arguments

    def redactor(self) -> Redactor:
        """Get what takes secrets and personal values out, as configured."""
        return Redactor(pseudonym_key=self.pseudonym_key, national_ids=self.national_ids)

    def faust_credentials(self) -> Any:
        """Get the same as Faust's `broker_credentials`; None where brokers ask for nothing."""
        import faust

        context = self._ssl_context() if self.security_protocol.endswith("SSL") else None
        if self.security_protocol.startswith("SASL"):
            return faust.SASLCredentials(
                username=self.sasl_username,
                password=self.sasl_password,
                mechanism=self.sasl_mechanism,
                ssl_context=context,
            )
        return faust.SSLCredentials(context=context) if context else None

    def _servers(self) -> list[str]:
        return [each.strip() for each in self.bootstrap_servers.split(",")]

    def _ssl_context(self) -> SSLContext:
        from aiokafka.helpers import create_ssl_context

        try:
            context = create_ssl_context(
                cafile=self.ssl_cafile or None,
                certfile=self.ssl_certfile or None,
                keyfile=self.ssl_keyfile or None,
                password=self.ssl_password or None,
            )
        except (OSError, SSLError) as error:
            raise InvalidSettingsError(
                f"KAFKA_SSL_CAFILE, KAFKA_SSL_CERTFILE or KAFKA_SSL_KEYFILE cannot be used: {error}; "
                "expected readable PEM files, and KAFKA_SSL_PASSWORD where the key has a password"
            ) from error
        assert isinstance(context, SSLContext)
        context.check_hostname = self.ssl_check_hostname
        return context


def env_example() -> str:
    """Write the contents of `.env.example`: every setting with its meaning, unit and default."""
    head = "# Every setting of Headwater with its default. An empty value is the default.\n"
    return head + ENV_EXAMPLE_ORIGIN + "".join(example(each) for each in fields(Settings))


def _check_together(settings: Settings) -> None:
    if settings.idle_after_s >= settings.lateness_s:
        raise InvalidSettingsError(
            f"HEADWATER_IDLE_AFTER_S is {settings.idle_after_s:g} seconds; expected less than "
            f"HEADWATER_LATENESS_S, which is {settings.lateness_s:g} seconds"
        )
    if settings.security_protocol.startswith("SASL") and not (
        settings.sasl_username and settings.sasl_password
    ):
        raise InvalidSettingsError(
            f"KAFKA_SECURITY_PROTOCOL is {settings.security_protocol}; expected KAFKA_SASL_USERNAME and "
            "KAFKA_SASL_PASSWORD to be set with it"
        )
    if not TOPIC_PREFIX.fullmatch(settings.topic_prefix):
        raise InvalidSettingsError(
            f"HEADWATER_TOPIC_PREFIX is {settings.topic_prefix!r}; expected at most 100 letters, digits, "
            "dots, underscores and hyphens"
        )
    for server in settings.bootstrap_servers.split(","):
        host, colon, port = server.strip().rpartition(":")
        if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
            raise InvalidSettingsError(
                f"KAFKA_BOOTSTRAP_SERVERS has {server.strip()!r}; expected host:port, separated by commas"
            )

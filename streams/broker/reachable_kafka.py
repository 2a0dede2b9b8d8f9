"""Which Kafka does a command work on: the one that the environment names, or one of its own?"""

from collections.abc import Iterator
from contextlib import contextmanager

from streams import machine
from streams.broker.embedded_kafka import EmbeddedKafka
from streams.settings import Settings


@contextmanager
def reachable_kafka(settings: Settings) -> Iterator[str]:
    """Give the addresses of the cluster that the environment names, else of one that ends with it."""
    if machine.environment().get("KAFKA_BOOTSTRAP_SERVERS"):
        yield settings.bootstrap_servers
    else:
        with EmbeddedKafka() as broker:
            yield broker.bootstrap_servers

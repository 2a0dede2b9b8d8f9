"""A switch of the core network fails: 10,000 alerts of twenty customers' machines within four minutes."""

from datetime import UTC, datetime

from tests.golden.scenario import Scenario
from tests.golden.story import Story

START = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
CUSTOMERS = [f"customer-{number:02}" for number in range(1, 21)]
MACHINES = 500
"""Machines of each customer."""


def story() -> Story:
    """Tell the whole story."""
    night = Story(START, seed=22)
    night.change(0.5, "config", "customer-07", name="disk-quota", summary="Raise the disk quota")
    night.alert(
        2.5, "core-network", "LinkDown", severity="critical", labels={"switch": "core-1"},
        summary="Link to the core switch is down",
    )  # fmt: skip
    chance = night.chance("machines")
    for customer in CUSTOMERS:
        for machine in range(MACHINES):
            labels = {"machine": f"{customer}-m{machine:03}"}
            fires, resolves = 2.6 + chance.random() * 4, 9.0 + chance.random() * 2
            night.alert(fires, customer, "HostUnreachable", severity="warning", labels=labels)
            night.alert(
                resolves, customer, "HostUnreachable", "resolved", severity="warning", labels=labels
            )  # fmt: skip
    night.alert(8.8, "core-network", "LinkDown", "resolved", labels={"switch": "core-1"})
    night.feedback(4.0, "acknowledge", "core-network")
    return night


SCENARIO = Scenario(name="alert_storm", story=story)

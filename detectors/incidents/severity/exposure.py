"""Do users meet a failure of this service directly?"""

from enum import StrEnum

from detectors.incidents.state import Situation


class Exposure(StrEnum):
    """What the catalog says of a service and its users."""

    CUSTOMER_FACING = "customer_facing"
    TIER_ONE = "tier_one"
    INTERNAL = "internal"
    UNSAID = "unsaid"

    @property
    def may_face_users(self) -> bool:
        """True unless the catalog says that it does not: where unsure, the higher severity."""
        return self is not Exposure.INTERNAL


def exposure(situation: Situation, service: str) -> Exposure:
    """Give what the catalog says of a service at the moment of the decision."""
    known = situation.catalog.entry(service, situation.as_of)
    if known is None:
        return Exposure.UNSAID
    if known.customer_facing:
        return Exposure.CUSTOMER_FACING
    if known.tier == 1:
        return Exposure.TIER_ONE
    return Exposure.UNSAID if known.customer_facing is None else Exposure.INTERNAL

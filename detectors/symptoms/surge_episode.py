"""Which surge is a signature in, and what was usual before it?"""

import msgspec

from detectors.symptoms.bucket_stage import TELL_EVERY_S
from detectors.symptoms.series import CALM_S, NEW_NORMAL_S
from detectors.symptoms.usual_count import Stretch, UsualCount

_WIDTH = 10


class SurgeEpisode(msgspec.Struct):
    """The surge of one signature; what was usual stays what it was when it began."""

    began: int | None = None
    """Start of the bucket in which it left what was usual, be it a habit or not; None: it is in none."""
    before: UsualCount | None = None
    """What was usual when it began."""
    seen: int = 0
    """Start of the latest bucket that was above that."""
    onset: int | None = None
    """Start of the bucket in which it left what is a habit, too; None: it is one so far."""
    told: int | None = None
    """Start of the bucket for which it was last told of."""
    last: Stretch | None = None
    """The one before it: its buckets say nothing of usual ones."""

    def goes_on(self, start: int, usual: UsualCount) -> int:
        """Note that the bucket is above what is usual; give when that began."""
        if self.began is None:
            self.began, self.before = start, usual
        self.seen = start
        return self.began

    def tells(self, start: int) -> bool:
        """Note that the bucket is above what is a habit; True: tell now (at the onset, then each minute)."""
        if self.onset is None:
            self.onset = start
        if self.told is not None and start - self.told < TELL_EVERY_S:
            return False
        self.told = start
        return True

    def excuse(self) -> None:
        """Note that the bucket is a habit: what is told of this surge begins later, if at all."""
        self.onset = self.told = None

    def calms(self, start: int, *, least_s: int = CALM_S) -> None:
        """Let it be over if no bucket has been above what is usual for so long."""
        if self.began is not None and start - self.seen >= least_s:
            self.last = Stretch(self.began, self.seen + _WIDTH)
            self.began = self.before = self.onset = self.told = None

    def is_new_normal(self, start: int) -> bool:
        """Tell whether it has lasted so long that it is what is usual now; if so, it is over."""
        if self.began is None or start - self.began < NEW_NORMAL_S:
            return False
        self.began = self.before = self.onset = self.told = self.last = None
        return True

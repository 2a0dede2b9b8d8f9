"""When does the garbage collector look, in a process that reads records by the ten thousand?"""

import gc

ALLOCATIONS = 100_000
"""Objects made and not freed before it looks: several chunks of records, each freed as a whole."""


def collect_seldom() -> None:
    """Let the collector look seldom, and never again at what is loaded by now; call it once, before the work.

    By default it looks after each 700 objects, at the same records again and again while their chunk lasts,
    and finds nothing: they hold no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS)

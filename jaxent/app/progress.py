"""How far a long computation is, and how much longer it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Told what is being done, and the fraction that is done."""


def silent(stage: str, fraction: float) -> None:
    """Report nothing."""


_SHARES = {"climbing": 0.45, "polishing": 0.4, "verifying": 0.15, "refuting": 0.6}
_STAGES = {
    "curve": ("climbing", "polishing", "verifying"),
    "threshold": ("climbing", "polishing", "refuting"),
}

_SOON = 1.0


def whole(kind: str, stage: str, fraction: float) -> float:
    """The fraction of a whole search that is done, where its stage has come so far.

    Args:
        kind: ``"curve"``, or ``"threshold"``.
        stage: what a search says that it does; an unknown one has the fraction it says.
        fraction: how far the stage is.

    >>> whole("curve", "climbing", 1.0) == whole("curve", "polishing", 0.0)
    True
    """
    stages = _STAGES[kind]
    if stage not in stages:
        return fraction
    shares = [_SHARES[name] for name in stages]
    before = stages.index(stage)
    return (sum(shares[:before]) + shares[before] * fraction) / sum(shares)


class Remaining:
    """An estimate of the time that is left, from the pace so far.

    Where the fraction falls, something new has begun, and the estimate is of that alone.

    Args:
        clock: tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._since, self._from = clock(), 0.0
        self._end: float | None = None
        self._done = 0.0

    def update(self, fraction: float) -> None:
        """Take note of the fraction that is done."""
        now = self._clock()
        if fraction < self._done:
            self._since, self._from, self._end = now, fraction, None
        elif fraction > self._done:
            pace = (fraction - self._from) / max(now - self._since, 1e-9)
            self._end = now + (1 - fraction) / pace
        self._done = fraction

    def __str__(self) -> str:
        """In words; empty where nothing is known yet."""
        if self._end is None or self._done >= 1:
            return ""
        left = self._end - self._clock()
        return f"about {duration(left)} left" if left > _SOON else "soon done"


def duration(seconds: float) -> str:
    """A length of time as one says it.

    >>> duration(40), duration(600), duration(3 * 3600)
    ('40 s', '10 min', '3.0 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


class Onward:
    """Progress that never falls, of something that begins anew nobody knows how often.

    Where the fraction falls, something new has begun, which is half of what is left.

    Args:
        progress: told the rising fraction.

    >>> onward = Onward(lambda stage, fraction: print(stage, fraction))
    >>> for fraction in (0.5, 1.0, 0.0, 1.0, 0.5):
    ...     onward("at", fraction)
    at 0.25
    at 0.5
    at 0.5
    at 0.75
    at 0.8125
    """

    def __init__(self, progress: Progress):
        self._progress = progress
        self._begun = self._told = self._fraction = 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        if fraction < self._fraction:
            self._begun = self._told
        self._fraction = fraction
        self._told = self._begun + (1 - self._begun) * fraction / 2
        self._progress(stage, self._told)

"""What is remembered of each viewer."""

from array import array
from bisect import bisect_left
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.recommendations.arrays import Index, Indices, Packed, grown, restored, stored
from projections.recommendations.changes import Manner

REMEMBERED = 20
"""Touches and positives kept in order; the item-item peers were best with as many."""

NONE = -1


class Audience:
    """Viewers: their last touches, their last positives and how they came about, all they have seen, whom they follow.

    A viewer takes about 500 bytes, and 4 more for each video ever seen: that set
    is never cut, since what was seen must never be shown again.
    """

    def __init__(self) -> None:
        self.users = Index()
        self._touched: Indices = np.zeros((0, REMEMBERED), np.int32)
        self._positives: Indices = np.zeros((0, REMEMBERED), np.int32)
        self._manners: NDArray[np.uint8] = np.zeros((0, REMEMBERED), np.uint8)
        self._seen: list[array[int]] = []
        self._followed: dict[int, set[bytes]] = {}

    def meet(self, user: bytes) -> int:
        """The viewer's number, given out at the first meeting."""
        number = self.users.number(user)
        if number == len(self._seen):
            self._seen.append(array("i"))
            self._touched = grown(self._touched, number + 1, fill=NONE)
            self._positives = grown(self._positives, number + 1, fill=NONE)
            self._manners = grown(self._manners, number + 1)
        return number

    def see(self, user: int, item: int) -> bool:
        """Never show ``item`` to ``user`` again; False if that was so already."""
        seen = self._seen[user]
        at = bisect_left(seen, item)
        if at < len(seen) and seen[at] == item:
            return False
        seen.insert(at, item)
        return True

    def seen(self, user: int) -> Indices:
        """All videos seen, ascending; a copy."""
        return np.array(self._seen[user], np.int32)

    def seen_count(self, user: int) -> int:
        """How many videos were seen."""
        return len(self._seen[user])

    def remember_touch(self, user: int, item: int) -> None:
        """Put ``item`` before the last touches."""
        row = self._touched[user]
        row[1:] = row[:-1]
        row[0] = item

    def remember_positive(self, user: int, item: int, manner: Manner) -> None:
        """Put ``item`` before the last positives, or let it keep its place in a new manner."""
        row, manners = self._positives[user], self._manners[user]
        if item in (positives := row.tolist()):
            manners[positives.index(item)] = manner
            return
        row[1:], manners[1:] = row[:-1], manners[:-1]
        row[0], manners[0] = item, manner

    def forget_positive(self, user: int, item: int) -> None:
        """The viewer thinks otherwise of ``item`` now."""
        row, manners = self._positives[user], self._manners[user]
        kept = row != item
        rest = int(kept.sum())
        row[:rest], manners[:rest] = row[kept], manners[kept]
        row[rest:], manners[rest:] = NONE, 0

    def touched(self, user: int) -> Indices:
        """The last touches of any manner, newest first."""
        row = self._touched[user]
        return row[row >= 0]

    def positives(self, user: int) -> Indices:
        """The last positives, newest first."""
        row = self._positives[user]
        return row[row >= 0]

    def manner(self, user: int, item: int) -> Manner:
        """How ``item`` came to be among the last positives; `Manner.PASSED` if it is not there."""
        positives = self._positives[user].tolist()
        return Manner(int(self._manners[user, positives.index(item)])) if item in positives else Manner.PASSED

    def follow(self, user: int, creator: bytes, *, following: bool) -> None:
        """Begin or cease to follow."""
        followed = self._followed.setdefault(user, set())
        (followed.add if following else followed.discard)(creator)

    def followed(self, user: int) -> frozenset[bytes]:
        """The creators followed now."""
        return frozenset(self._followed.get(user, ()))

    def packed(self) -> dict[str, Any]:
        """For the checkpoint."""
        people = len(self.users)
        return {
            "users": self.users.packed(),
            "touched": stored(self._touched[:people]),
            "positives": stored(self._positives[:people]),
            "manners": stored(self._manners[:people]),
            "seen_counts": [len(seen) for seen in self._seen],
            "seen": stored(
                np.concatenate([np.array(seen, np.int32) for seen in self._seen] or [np.zeros(0, np.int32)])
            ),
            "followed": [[user, b"".join(sorted(creators))] for user, creators in self._followed.items()],
        }

    def restore(self, written: Packed) -> None:
        """As it was when packed."""
        self.users = Index(written["users"])
        self._touched = restored(written["touched"])
        self._positives = restored(written["positives"])
        self._manners = restored(written["manners"])
        everything = restored(written["seen"])
        ends = accumulate(written["seen_counts"], initial=0)
        self._seen = [array("i", everything[start:end].tolist()) for start, end in pairwise(ends)]
        self._followed = {user: set(Index(creators).ids) for user, creators in written["followed"]}

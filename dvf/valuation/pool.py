"""Candidate comparables held in memory: the same building, then the nearest (files, backtests, fitting)."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from .sales import Floats, Ints, Sales, metres

NEAREST, SAME_BUILDING = 120, 40


class Pool:
    """Sales that may serve as comparables, indexed by building and by place."""

    def __init__(self, sales: Sales, residuals: Floats, lat0: float) -> None:
        self.sales, self.residuals, self.lat0 = sales, residuals, lat0
        self._tree = cKDTree(metres(sales, lat0))
        self._building: dict[str, list[int]] = {}
        for i, building in enumerate(sales.building):
            if building:
                self._building.setdefault(str(building), []).append(i)

    def candidates(self, targets: Sales) -> Ints:
        """(m, NEAREST + SAME_BUILDING) rows of the pool for each target, padded with -1.

        In one building the latest sales are taken; a sale whose key is the target's own is never taken.
        """
        nearest = min(NEAREST, len(self.sales))
        found = self._tree.query(metres(targets, self.lat0), nearest)[1].reshape(len(targets), -1)
        rows = np.full((len(targets), NEAREST + SAME_BUILDING), -1, dtype=np.int64)
        for j in range(len(targets)):
            same = self._building.get(str(targets.building[j]), [])
            if len(same) > SAME_BUILDING:
                same = [same[i] for i in np.argsort(-self.sales.day[same], kind="stable")[:SAME_BUILDING]]
            taken = set(same)
            line = [*same, *(int(i) for i in found[j] if i not in taken)]
            if targets.key[j]:
                line = [i for i in line if self.sales.key[i] != targets.key[j]]
            rows[j, : len(line)] = line
        return rows

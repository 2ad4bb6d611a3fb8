# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Which joint of a recording is which of the Go2's: by its name, the end of it, or a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.utils.naming import suggest

_MAX_NAMES = 200
_NAMES_SHOWN, _LETTERS_SHOWN = 12, 300


@dataclass(frozen=True)
class JointMap:
    """
    Names of joints in a recording for those of the Go2; joints that are left out keep theirs.

    :param pairs: name in the recording, name of :data:`.go2.JOINT_NAMES`
    :raises ValueError: a joint that a Go2 does not have, or one that is named twice
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for _, ours in self.pairs:
            if ours not in go2.JOINT_NAMES:
                raise ValueError(f'joint map: unknown joint {ours!r}'
                                 + suggest(ours, go2.JOINT_NAMES))
        for side in zip(*self.pairs):
            twice = sorted({name for name in side if side.count(name) > 1})
            if twice:
                raise ValueError(f'joint map: {", ".join(twice)} is named twice')

    @classmethod
    def parse(cls, text: str) -> JointMap:
        """
        Parse ``THEIRS=OURS,THEIRS=OURS``, such as ``FR_0=FR_hip_joint``.

        :raises ValueError: not of that form, or see the class
        """
        pairs = []
        for part in filter(None, (piece.strip() for piece in text.split(','))):
            theirs, separator, ours = (piece.strip() for piece in part.rpartition('='))
            if not (separator and theirs):
                raise ValueError(f'joint map: {part!r}: expected NAME_IN_RECORDING=NAME_OF_GO2')
            pairs.append((theirs, ours))
        return cls(tuple(pairs))

    def order(self, names: Sequence[str]) -> np.ndarray:
        """
        Where the leg joints are among the names of a message; further joints are ignored.

        A joint has its own name, that of the map, or one that ends in its own, with or without
        ``_joint``, behind a separator: ``robot0/FL_hip_joint``, ``FL_hip``.

        :return: in policy order. Shape: (12,)
        :raises ValueError: a leg joint is not there, or several may be it
        """
        if len(names) > _MAX_NAMES:
            raise ValueError(f'{len(names)} joint names; a Go2 has {go2.NUM_JOINTS}')
        return _order(self, tuple(names))

    def remark(self, topic: str, names: Sequence[str]) -> str:
        """Say how joints were found that have not their own names; '' if all have."""
        theirs = [names[i] for i in self.order(names)]
        if theirs == list(go2.JOINT_NAMES):
            return ''
        how = 'by the map' if self.pairs else 'by the ends of their names'
        return f'{topic}: joints found {how}: {theirs[0]} is {go2.JOINT_NAMES[0]}, and so on'


OWN_NAMES = JointMap()
"""Nothing is renamed."""


@lru_cache(maxsize=8)
def _order(joint_map: JointMap, names: tuple[str, ...]) -> np.ndarray:
    mapped = dict(joint_map.pairs)
    ours = [mapped.get(name, name) for name in names]
    found = {joint: [i for i, name in enumerate(ours) if name == joint]
             or [i for i, name in enumerate(ours) if _ends_in(name, joint)]
             for joint in go2.JOINT_NAMES}
    missing = [joint for joint, places in found.items() if not places]
    if missing:
        raise ValueError(f'no joint {", ".join(missing)}; there are {_shown(names)}')
    for joint, places in found.items():
        if len(places) > 1:
            raise ValueError(f'{_shown([names[i] for i in places])} may all be {joint}')
    return np.array([places[0] for places in found.values()])


def _ends_in(name: str, joint: str) -> bool:
    return any(name.endswith(end) and not name[:-len(end)][-1:].isalnum()
               for end in (joint, joint.removesuffix('_joint')))


def _shown(names: Sequence[str]) -> str:
    """Name some in an error text: one short line, whatever they contain."""
    more = ', ...' if len(names) > _NAMES_SHOWN else ''
    return ' '.join((', '.join(names[:_NAMES_SHOWN]) + more or 'none').split())[:_LETTERS_SHOWN]

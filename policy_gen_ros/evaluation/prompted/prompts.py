# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Trajectories of an archive that no training has read, as prompts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.policies.weights import ActorWeights

KINDS = {
    'seen': 'tasks of the training, qualified actors',
    'sub_optimal': 'tasks of the training, actors that are not qualified',
    'unseen': 'tasks that no training has seen, qualified actors'}


@dataclass(frozen=True, eq=False)
class Prompts:
    """
    Trajectories of held-out actors.

    :param kind: one of KINDS
    :param actor: row of each actor in the archive. Shape: (n,)
    :param group: group of each, such as its task. Shape: (n,), str
    """

    archive: Archive
    kind: str
    actor: np.ndarray
    group: np.ndarray

    def __len__(self) -> int:
        return len(self.actor)

    @property
    def trajectories(self) -> np.ndarray:
        """Shape: (n, rows, columns), float32."""
        return self.archive.trajectory[self.actor][:, 0].astype(np.float32)

    def goals(self) -> list[Goal]:
        """One goal for each trajectory, which says nothing but the trajectory."""
        return [Goal(trajectory=rows, domain=self.archive.domain.name)
                for rows in self.trajectories]

    def placed(self, policies: list[ActorWeights]) -> list[ActorWeights]:
        """
        Return an answer to each prompt, run as the prompt's own actor is: in its task.

        :param policies: one for each prompt, for whatever task
        """
        domain, controls = self.archive.domain, self.archive.controls[self.actor, 0]
        return [domain.make_policy(policy.layers, row, {}) for policy, row in
                zip(policies, controls)]


def draw_prompts(archive: Archive, kind: str, count: int, seed: int) -> Prompts:
    """
    Draw prompts at random, as many of each group as of any other, as far as there are so many.

    :param kind: ``seen`` and ``sub_optimal``: of runs that are held out, in groups that are not;
        ``unseen``: of groups that are held out
    :param count: of prompts
    """
    rng, unseen_group = np.random.default_rng(seed), archive.region[:, 0] >= 0
    good = archive.qualified[:, 0]
    which = {'seen': good & archive.held_out_mask & ~unseen_group, 'unseen': good & unseen_group,
             'sub_optimal': ~good & archive.held_out_mask & ~unseen_group}[kind]
    rows = rng.permutation(np.flatnonzero(which & archive.alike & archive.trajectory.stored))
    group = archive.family[rows, 0]
    turn = np.array([np.count_nonzero(group[:i] == name) for i, name in enumerate(group)], int)
    order = np.argsort(turn, kind='stable')[:count]
    return Prompts(archive, kind, rows[order], group[order])

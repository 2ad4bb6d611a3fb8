"""What a generator must be compared with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from policy_gen_ros.actor.weights import ActorWeights
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.archive.view import TrainingArchive
from policy_gen_ros.condition.measures import encode_measures
from policy_gen_ros.evaluation.held_out import HeldOutGoals


def floor_actors(archive: Archive, goals: HeldOutGoals) -> list[ActorWeights]:
    """Return the held-out actors themselves: no generator can reproduce a behaviour better."""
    actors = []
    for index, row in zip(goals.actor, goals.measures):
        same = np.abs(archive.measures[index] - row).sum(axis=1)
        actors.append(archive.actor(int(index), int(np.nanargmin(same))))
    return actors


def nearest_actors(archive: TrainingArchive, goals: HeldOutGoals) -> list[ActorWeights]:
    """Return the training actors nearest in measures, given the asked velocity as command."""
    known = encode_measures(archive.measures)
    actors = []
    for row in goals.measures:
        nearest = int(np.argmin(((known - encode_measures(row[None]))**2).sum(axis=1)))
        vx, vy, yaw = (float(v) for v in row[10:13])
        actors.append(replace(archive.policy(nearest), nominal_command=(vx, vy, yaw)))
    return actors

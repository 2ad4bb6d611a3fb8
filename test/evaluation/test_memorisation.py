# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Copies are at distance 0, and only those who came nearer than training actors count as such."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from policy_gen_ros.domains.measures import Measure, Measures
from policy_gen_ros.evaluation.studies.memorisation import compare_behavior
import pytest

ONE = Measures(Measure('x', 'm', 0, 100, centre=0.0, spread=1.0, noise=0.0, tolerance=0.1,
                       weight=1.0, grid=True))


def training(values: list[float], actor: list[int]) -> SimpleNamespace:
    return SimpleNamespace(domain=SimpleNamespace(measures=ONE), actor=np.array(actor),
                           measures=np.array(values)[:, None])


def compare(archive: SimpleNamespace, asked: list[float], walked: list[float],
            survived: list[bool]):
    return compare_behavior(archive, np.array(asked)[:, None], np.array(walked)[:, None],
                            np.array(survived), seed=0)


def test_distances_are_in_units_of_those_between_training_actors():
    # Actors at 0, 2, 4, ...: two apart. The second behaviour of the first is no other actor.
    archive = training([0.0, 0.1, 2.0, 4.0, 6.0], [0, 0, 1, 2, 3])
    found = compare(archive, [3.0, 9.0, 1.0], [4.0, 8.0, 50.0], [True, True, False])
    assert np.median(found.behavior.training) == 1.0
    assert found.behavior.generated.tolist() == [0.0, 1.0]  # a copy, and one that is new
    assert found.behavior.asked.tolist() == pytest.approx([0.5, 1.5, 0.45])


def test_nearer_to_the_goal_than_any_training_actor():
    archive = training([0.0, 2.0, 4.0], [0, 1, 2])
    found = compare(archive, [3.0, 3.0, 3.0, 2.0], [3.2, 4.5, 3.0, 2.0],
                    [True, True, False, True])
    # The third fell, and nothing is nearer to the last goal than the actor that has it.
    assert found.nearer.tolist() == [True, False, False, False]
    share = next(figure for figure in found.figures if figure.key == 'memorisation.nearer')
    assert share.value == 0.25 and share.count == 4
    assert found.to_dict()['behavior']['generated'][0] == 0.0


@pytest.mark.parametrize(('values', 'survived'), [
    ([0.0, 1.0], [False]), ([0.0], [True])])
def test_nothing_to_compare(values, survived):
    assert compare(training(values, list(range(len(values)))), [0.0], [0.0], survived) is None

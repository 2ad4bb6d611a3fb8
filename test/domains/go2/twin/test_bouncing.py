# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Feet that bounce give back less energy than they took."""

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.twin.batch import BatchTwin
from policy_gen_ros.domains.go2.twin.conditions import CONDITIONS
from policy_gen_ros.domains.go2.twin.many import PHYSICS_DT_S
from policy_gen_ros.domains.go2.twin.perturbation import BOUNCE_TIME_S, Perturbation, RANDOMISED
import pytest

BALL = """<mujoco><option timestep="{step}" integrator="implicitfast"/><worldbody>
<geom type="plane" size="5 5 .1"/><body pos="0 0 {height}"><freejoint/>
<geom type="sphere" size=".022" mass="3.8" priority="1" solref="{time} {damping}"
solimp="0.9 0.95 0.001"/></body></worldbody></mujoco>"""


def rebound(model, height):
    """Speed of a foot after its first contact over the speed before, dropped from a height."""
    foot = model.geom('FL_foot').id
    time, damping = model.geom_solref[foot]
    ball = mujoco.MjModel.from_xml_string(BALL.format(
        step=PHYSICS_DT_S, height=0.022 + height, time=time, damping=damping))
    data, speed = mujoco.MjData(ball), [0.0]
    for _ in range(80):
        mujoco.mj_step(ball, data)
        speed.append(float(data.qvel[2]))
    return max(speed) / -min(speed)


@pytest.mark.parametrize(('restitution', 'low', 'high'), [(0.1, 0.05, 0.3), (0.4, 0.35, 0.6)])
def test_a_foot_rebounds_about_as_it_should(restitution, low, high):
    ground = Perturbation(restitution=(restitution, restitution), bounce_time_s=BOUNCE_TIME_S)
    model = BatchTwin(1, 0, ground)._models
    reached = [rebound(model, height) for height in (0.03, 0.05, 0.1, 0.2)]
    assert low < np.mean(reached) < high
    assert max(reached) < 0.65


def test_what_archives_were_built_on_gave_energy_to_feet():
    model = BatchTwin(1, 0, Perturbation(restitution=(0.4, 0.4)))._models
    assert rebound(model, 0.1) > 2


def test_soft_ground_stays_as_soft_where_it_bounces():
    soft = Perturbation(restitution=(0.3, 0.3), contact_time_s=(0.04, 0.04),
                        bounce_time_s=BOUNCE_TIME_S)
    assert np.allclose(BatchTwin(3, 0, soft).drawn.contact_time_s, 0.04)


def test_only_feet_that_bounce_change():
    drawn = BatchTwin(200, 0, RANDOMISED).drawn
    bounces = drawn.restitution > 0
    assert 0.2 < bounces.mean() < 0.8
    assert (drawn.contact_time_s[bounces] >= BOUNCE_TIME_S).all()
    assert (np.isnan(drawn.contact_time_s[~bounces])).any()
    assert CONDITIONS['bouncing 0.4'].ground.bounce_time_s == BOUNCE_TIME_S

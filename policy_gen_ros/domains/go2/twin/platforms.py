# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Uneven ground of boxes, as high as :mod:`~policy_gen_ros.domains.go2.twin.heights` says.

Feet get caught between the triangles of a height field, and not on boxes. Who walks over the edge
of a period is put back to where the same ground is.
"""

from __future__ import annotations

import mujoco
import numpy as np
from policy_gen_ros.domains.go2.twin.heights import CELL_M, CELLS

_MARGIN = 3
"""Cells beyond a period: a leg reaches half a metre from the middle of the trunk."""
_GRID = CELLS + 2 * _MARGIN
_BOTTOM_M = -0.3
HIGHEST_M = 0.12
"""Of platforms and cobbles together."""
BIT = 2
"""Contact type of platforms. Only feet touch them: a fallen trunk falls to the plane."""


def add_platforms(spec: mujoco.MjSpec, feet: tuple[str, ...]) -> None:
    """
    Add boxes, to be set by :func:`set_heights`, which the named geoms touch.

    They are compiled as high as can be: MuJoCo then looks for contacts wherever they may be. Until
    their heights are set there are none.
    """
    half = [CELL_M / 2, CELL_M / 2, (HIGHEST_M - _BOTTOM_M) / 2]
    centre = (np.arange(_GRID) - (_GRID - 1) / 2) * CELL_M
    for number in range(_GRID**2):
        spec.worldbody.add_geom(
            name=f'platform_{number}', type=mujoco.mjtGeom.mjGEOM_BOX, size=half, contype=BIT,
            conaffinity=0, rgba=[0.55, 0.5, 0.45, 1.0],
            pos=[centre[number // _GRID], centre[number % _GRID], (HIGHEST_M + _BOTTOM_M) / 2])
    for foot in feet:
        spec.geom(foot).conaffinity |= BIT


def has_platforms(model: mujoco.MjModel) -> bool:
    """Whether :func:`add_platforms` was called for a model."""
    return mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_GEOM, 'platform_0') >= 0


def set_heights(model: mujoco.MjModel, heights: np.ndarray) -> None:
    """
    Set the platforms of a model; those of no height touch nothing.

    :param heights: of a period. Shape: (10, 10), m
    :raises ValueError: higher than :data:`HIGHEST_M`
    """
    if heights.max() > HIGHEST_M:
        raise ValueError(f'platforms are {heights.max():.2f} m high, expected at most '
                         f'{HIGHEST_M} m: give less steps_m or cobbles_m')
    first = model.geom('platform_0').id
    boxes = slice(first, first + _GRID**2)
    top = np.pad(heights, _MARGIN, mode='wrap').ravel()
    model.geom_contype[boxes] = np.where(top > 0, BIT, 0)
    model.geom_pos[boxes, 2] = (top + _BOTTOM_M) / 2
    model.geom_size[boxes, 2] = (top - _BOTTOM_M) / 2

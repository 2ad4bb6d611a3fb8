# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What happens on the wire as a Rerun stream: to its viewer while the robot walks, or to a file.

Imported only where ``--rerun`` asks for it: rerun-sdk is not a dependency of this package.
"""

from __future__ import annotations

import os
from pathlib import Path
import shutil
import socket
import sys

import numpy as np
from policy_gen_ros.deployment.wire.frames import LowState, SportState
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.domains.go2.robot.kinematics import leg_points
from policy_gen_ros.domains.go2.twin.many import CONTACT_FORCE_N
from policy_gen_ros.policies.weights import ActorWeights
import rerun as rr
import rerun.blueprint as rrb

TIMELINE = 'robot'
"""The robot's own clock, seconds."""
PERIOD_MS = 20
_PORT, _FLUSH_S = 9876, 5.0
_CURE = 'start one with "rerun --serve-web", or write a file with --rerun walk.rrd'
_TRUNK_M = (0.376, 0.094, 0.114)
_LEG_RADIUS_M = 0.012
_ON_GROUND, _IN_AIR, _LEGS, _TRUNK = (230, 80, 60), (90, 150, 230), (60, 60, 70), (200, 205, 215)
_VELOCITY = ('vx m/s', 'vy m/s', 'yaw rad/s')
_SERIES = {'contact': go2.LEGS, 'joints': go2.JOINT_NAMES, 'tilt': ('rad',),
           'velocity/reached': _VELOCITY,
           'velocity/asked': tuple(f'{name}, asked' for name in _VELOCITY)}


class LiveError(RuntimeError):
    """No viewer can be opened; the message says why."""


class LiveView:
    """
    Logs the robot 50 times a second of its clock, and what it is asked.

    :param file: an .rrd file to write; empty: the viewer that runs, else a new one
    :raises ValueError: no .rrd, or in no folder
    :raises LiveError: no viewer opens
    """

    def __init__(self, file: str) -> None:
        path = Path(file).absolute()
        if file and (path.suffix != '.rrd' or not path.parent.is_dir()):
            raise ValueError(f'--rerun: {file} has to end in .rrd and to lie in a folder that '
                             'exists')
        self._stream = rr.RecordingStream('policy_gen')
        if file:
            self._stream.save(path, default_blueprint=_layout())
        else:
            self._open_viewer()
        self._due_ms = 0
        self._asked: tuple[float, ...] = ()
        for entity, names in _SERIES.items():
            self._stream.log(entity, rr.SeriesLines(names=names), static=True)
        self._stream.log('world', rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
        self._stream.log('world/body', rr.Boxes3D(sizes=[_TRUNK_M], colors=_TRUNK,
                                                  fill_mode='solid'), static=True)

    def _open_viewer(self) -> None:
        if not (_viewer_runs() or os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')):
            raise LiveError(f'--rerun: no display here for the viewer: {_CURE}')
        # The viewer lies beside the interpreter, which need not be in the PATH.
        beside = f'{Path(sys.executable).parent}{os.pathsep}{os.environ.get("PATH", "")}'
        try:
            rr.spawn(port=_PORT, executable_path=shutil.which('rerun', path=beside),
                     recording=self._stream, default_blueprint=_layout())
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[0]
            raise LiveError(f'--rerun: no viewer opens ({reason}): {_CURE}') from error

    def see(self, state: LowState, truth: SportState) -> None:
        """Log a state of the robot, if it is time for one."""
        if state.tick_ms < self._due_ms:
            return
        self._due_ms = state.tick_ms + PERIOD_MS
        stream, legs = self._stream, leg_points(state.joint_pos)
        contact = state.foot_force > CONTACT_FORCE_N
        velocity = go2.rotate_to_body(state.quaternion, truth.velocity)
        up = -go2.gravity_in_body(state.quaternion)[2]
        stream.set_time(TIMELINE, duration=state.tick_ms * 1e-3)
        stream.log('world/body', rr.Transform3D(
            translation=truth.position, quaternion=np.roll(state.quaternion, -1)))
        stream.log('world/body/legs', rr.LineStrips3D(legs, radii=_LEG_RADIUS_M, colors=_LEGS))
        stream.log('world/body/feet', rr.Points3D(
            legs[:, -1], radii=go2.FOOT_RADIUS_M,
            colors=[_ON_GROUND if down else _IN_AIR for down in contact]))
        stream.log('contact', rr.Scalars(contact))
        stream.log('joints', rr.Scalars(state.joint_pos))
        stream.log('tilt', rr.Scalars(np.arccos(np.clip(up, -1, 1))))
        stream.log('velocity/reached', rr.Scalars([*velocity[:2], state.gyro[2]]))
        if self._asked:
            stream.log('velocity/asked', rr.Scalars(self._asked))

    def walks(self, time_s: float, text: str, actor: ActorWeights) -> None:
        """Log that an actor took over, for a goal."""
        self._asked = actor.nominal_command
        self.say(time_s, f'{text}: actor {actor.sha256[:12]}')

    def say(self, time_s: float, text: str) -> None:
        """Log a line of text."""
        self._stream.set_time(TIMELINE, duration=time_s)
        self._stream.log('goal', rr.TextLog(text))

    def close(self) -> None:
        """Hand over what is still on its way."""
        try:
            self._stream.flush(timeout_sec=_FLUSH_S)
        except RuntimeError:  # the walk is worth more than its picture
            print('policy_gen: warning: the Rerun viewer did not take the whole walk',
                  file=sys.stderr)
        self._stream.disconnect()


def _viewer_runs() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(('127.0.0.1', _PORT)) == 0


def _layout() -> rrb.Blueprint:
    plots = [rrb.TimeSeriesView(origin=name, name=name)
             for name in ('velocity', 'contact', 'joints', 'tilt')]
    return rrb.Blueprint(rrb.Horizontal(
        rrb.Vertical(rrb.Spatial3DView(origin='world', name='robot'),
                     rrb.TextLogView(origin='goal', name='goals'), row_shares=[4, 1]),
        rrb.Vertical(*plots), column_shares=[3, 2]))

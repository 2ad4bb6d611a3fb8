# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Renders a twin's recording to MP4.

A process of its own, because MuJoCo chooses its OpenGL backend when it is imported:
``python -m policy_gen_ros.commands.demo.video RECORDING.npz OUTPUT.mp4 CAPTIONS.json``.
"""

from __future__ import annotations

from collections.abc import Sequence
import json
import os
from pathlib import Path
import subprocess
import sys
import tempfile
from typing import Any

import numpy as np
from policy_gen_ros.utils.progress import progress

WIDTH, HEIGHT, FRAMES_PER_S = 1280, 720, 25
GL_LIBRARIES = {'egl': 'libegl1', 'osmesa': 'libosmesa6'}
"""OpenGL without a display, and the Debian package of each."""
_CAMERA = {'distance': 1.8, 'azimuth': 130.0, 'elevation': -18.0}
_LEAD_S = 1.0
"""Shown before the first caption; the robot may have waited long for the generator."""
_FLOOR_RGB = {'rgb1': (0.80, 0.82, 0.84), 'rgb2': (0.55, 0.60, 0.66), 'markrgb': (0.3, 0.35, 0.4)}
"""More contrast than the model's own floor has: motion is seen by it."""
_PLATFORM_RGBA = (0.62, 0.55, 0.47, 1.0)
_PERIODS = 3
"""Of platforms that are shown, along each axis."""
_LOOK_AT_M = 0.2
"""Above the ground."""
_SHADOW_CLIP = 12.0
"""Wide enough that the edge of the shadow map, which is drawn as noise, is not in the picture."""
_BANNER_HEIGHT, _MARGIN, _TITLE_SIZE, _LINE_SIZE = 100, 24, 30, 20


class VideoError(RuntimeError):
    """There can be no video; the message says why, and what to install."""


def find_backend() -> str:
    """
    Return the first OpenGL backend that works here.

    :raises VideoError: there is none
    :raises ModuleNotFoundError: a Python package is missing
    """
    import imageio_ffmpeg  # noqa: F401 - better now than after a long walk
    import PIL.ImageFont  # noqa: F401

    wanted = os.environ.get('MUJOCO_GL')
    reasons = []
    for backend in [wanted] if wanted else GL_LIBRARIES:
        probe = subprocess.run([sys.executable, '-c', 'import mujoco; mujoco.GLContext(16, 16)'],
                               env={**os.environ, 'MUJOCO_GL': backend}, capture_output=True,
                               text=True, check=False)
        if probe.returncode == 0:
            return backend
        reasons.append(f'{backend}: {_last_line(probe.stderr)}')
    raise VideoError(f'a video needs OpenGL without a display: apt install '
                     f'{" or ".join(GL_LIBRARIES.values())} ({"; ".join(reasons)})')


def make_video(recording: Path, output: Path, captions: Sequence[tuple[float, str]],
               backend: str) -> None:
    """
    Render in a process of its own, and show the progress of that.

    :param captions: (seconds of simulated time, text shown from then on): a title and further
        lines; not empty
    :param backend: from :func:`find_backend`
    :raises VideoError: it fails
    """
    with tempfile.TemporaryFile('w+') as errors, subprocess.Popen(
            [sys.executable, '-m', 'policy_gen_ros.commands.demo.video', str(recording),
             str(output),
             json.dumps(list(captions))], env={**os.environ, 'MUJOCO_GL': backend},
            stdout=subprocess.PIPE, stderr=errors, text=True) as renderer:
        assert renderer.stdout is not None
        frames = int(next(renderer.stdout, '0'))
        with progress(total=frames, about=f'rendering {output}', unit='frame') as bar:
            for _ in renderer.stdout:
                bar.update()
        if renderer.wait() != 0:
            errors.seek(0)
            raise VideoError(f'cannot render {output}: {_last_line(errors.read())}')


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ['?'])[-1]


def render(recording: Path, output: Path, captions: Sequence[tuple[float, str]]) -> None:
    """
    Render in this process, with the OpenGL backend that MuJoCo was imported with.

    Prints the number of frames, then a line for each.
    """
    import imageio_ffmpeg
    import mujoco

    with np.load(recording) as arrays:
        time_s, qpos, slope = arrays['time_s'], arrays['qpos'], arrays['slope']
        model = _scene(slope, arrays['heights'])
    data = mujoco.MjData(model)
    camera = mujoco.MjvCamera()
    camera.distance, camera.azimuth, camera.elevation = _CAMERA.values()
    banners = [(start, _banner(text)) for start, text in captions]
    moments = np.arange(max(time_s[0], captions[0][0] - _LEAD_S), time_s[-1], 1.0 / FRAMES_PER_S)
    with mujoco.Renderer(model, HEIGHT, WIDTH) as renderer:
        writer = imageio_ffmpeg.write_frames(str(output), (WIDTH, HEIGHT), fps=FRAMES_PER_S,
                                             output_params=['-crf', '24'])
        writer.send(None)
        print(len(moments), flush=True)
        for number, moment in enumerate(moments):
            pose = qpos[min(np.searchsorted(time_s, moment), len(qpos) - 1)]
            _place(model, data, pose, slope)
            mujoco.mju_rotVecQuat(camera.lookat, np.array([*pose[:2], _LOOK_AT_M]), slope)
            renderer.update_scene(data, camera)
            frame = renderer.render().copy()
            shown = [banner for start, banner in banners if start <= moment]
            if shown:
                frame[-_BANNER_HEIGHT:] = shown[-1]
            writer.send(np.ascontiguousarray(frame))
            print(number, flush=True)
        writer.close()


def _place(model: Any, data: Any, pose: np.ndarray, slope: np.ndarray) -> None:
    """Put the robot onto the slope, and the platforms, whose pattern repeats, around it."""
    import mujoco
    from policy_gen_ros.domains.go2.twin.heights import PERIOD_M

    data.qpos[7:] = pose[7:]
    mujoco.mju_rotVecQuat(data.qpos[:3], pose[:3], slope)
    mujoco.mju_mulQuat(data.qpos[3:7], slope, pose[3:7])
    period = np.array([*PERIOD_M * np.rint(pose[:2] / PERIOD_M), 0.0])
    mujoco.mju_rotVecQuat(model.body('ground').pos, period, slope)
    mujoco.mj_forward(model, data)


def _scene(slope: np.ndarray, heights: np.ndarray) -> Any:
    """Load the twin's model, with its ground, and a floor that shows motion."""
    import mujoco
    from policy_gen_ros.domains.go2.twin.heights import CELL_M
    from policy_gen_ros.domains.go2.twin.model import MODEL_FILE
    from policy_gen_ros.utils.paths import share_file

    spec = mujoco.MjSpec.from_file(str(share_file(MODEL_FILE)))
    floor = spec.texture('grid')
    for name, rgb in _FLOOR_RGB.items():
        setattr(floor, name, rgb)
    spec.geom('floor').quat = slope
    ground = spec.worldbody.add_body(name='ground', quat=slope)
    seen = np.tile(heights, (_PERIODS, _PERIODS))
    middle = (len(seen) - 1) / 2
    for row, column in np.argwhere(seen > 0):
        half_m = seen[row, column] / 2
        ground.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, rgba=_PLATFORM_RGBA,
                        size=[CELL_M / 2, CELL_M / 2, half_m],
                        pos=[(row - middle) * CELL_M, (column - middle) * CELL_M, half_m])
    model = spec.compile()
    model.vis.global_.offwidth, model.vis.global_.offheight = WIDTH, HEIGHT
    model.vis.map.shadowclip = _SHADOW_CLIP
    model.vis.quality.offsamples, model.vis.quality.shadowsize = 4, 4096
    return model


def _banner(text: str) -> np.ndarray:
    """White title and grey lines on black. Shape: (banner height, width, 3), uint8."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new('RGB', (WIDTH, _BANNER_HEIGHT))
    draw, y = ImageDraw.Draw(image), 8
    for number, line in enumerate(text.splitlines()):
        size, colour = (_LINE_SIZE, 'silver') if number else (_TITLE_SIZE, 'white')
        font = ImageFont.load_default(size)
        if font.getlength(line) > WIDTH - 2 * _MARGIN:
            while font.getlength(line + ' ...') > WIDTH - 2 * _MARGIN:
                line = line[:-1]
            line += ' ...'
        draw.text((_MARGIN, y), line, fill=colour, font=font)
        y += size + 5
    return np.asarray(image)


if __name__ == '__main__':
    render(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))

# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The demo's film: rendered for real where OpenGL is there; else what to install is said."""

from __future__ import annotations

from pathlib import Path

import imageio_ffmpeg
import mujoco
import numpy as np
from policy_gen_ros.commands.demo import video
from policy_gen_ros.commands.demo.video import (
    find_backend,
    FRAMES_PER_S,
    HEIGHT,
    make_video,
    VideoError,
    WIDTH,
)
from policy_gen_ros.domains.go2.twin.heights import FLAT, height_at, PERIOD_M
from policy_gen_ros.domains.go2.twin.model import load_model
import pytest

LEVEL = np.array([1.0, 0.0, 0.0, 0.0])
TITLE = 'trot forward\nasked  trot\ndid    trot, upright'


@pytest.fixture
def backend() -> str:
    try:
        return find_backend()
    except VideoError as error:
        pytest.skip(str(error))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Write a robot that waits for 10 s, and then slides forward for 0.2 s."""
    time_s = np.arange(0.0, 10.2, 0.02)
    qpos = np.tile(load_model().qpos0, (len(time_s), 1))
    qpos[:, 0] = np.maximum(time_s - 10.0, 0.0)
    path = tmp_path / 'twin.npz'
    np.savez(path, time_s=time_s, qpos=qpos, slope=LEVEL, heights=FLAT)
    return path


def test_a_film_begins_shortly_before_its_first_caption(backend: str, recording: Path,
                                                        tmp_path: Path) -> None:
    film = tmp_path / 'dog.mp4'
    make_video(recording, film, [(10.1, TITLE)], backend)
    frames = imageio_ffmpeg.read_frames(str(film))
    about = next(frames)
    assert about['size'] == (WIDTH, HEIGHT) and about['fps'] == FRAMES_PER_S
    pictures = [np.frombuffer(frame, np.uint8).reshape(HEIGHT, WIDTH, 3) for frame in frames]
    assert len(pictures) == pytest.approx((1.0 + 0.1) * FRAMES_PER_S, abs=2)
    assert pictures[0][-50:].mean() > 100  # floor
    assert pictures[-1][-50:].mean() < 60  # text on black


def test_the_feet_stand_on_the_ground_that_is_shown() -> None:
    slope = np.array([np.cos(0.1), np.sin(0.1), 0.0, 0.0])
    heights = np.random.default_rng(0).uniform(0.01, 0.1, FLAT.shape)
    model = video._scene(slope, heights)
    data = mujoco.MjData(model)
    normal = np.zeros(3)
    mujoco.mju_rotVecQuat(normal, np.array([0.0, 0.0, 1.0]), slope)
    for spot in ((0.4, -0.6), (3 * PERIOD_M + 0.1, 0.9)):
        pose = np.array([*spot, 5.0, *LEVEL, *data.qpos[7:]])
        video._place(model, data, pose, slope)
        down_m = mujoco.mj_ray(model, data, data.qpos[:3], -normal, None, 1,
                               model.body('base').id, np.zeros(1, np.int32))
        there_m = height_at(heights[None], np.array([[spot]]))[0, 0]
        assert down_m == pytest.approx(5.0 - there_m, abs=1e-6)


def test_without_opengl_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('MUJOCO_GL', 'abacus')
    with pytest.raises(VideoError, match=r'apt install libegl1 or libosmesa6 \(abacus: .*abacus'):
        find_backend()


def test_a_long_caption_is_cut() -> None:
    banner = video._banner('walk ' * 100 + '\n' + TITLE)
    assert banner.shape[1:] == (WIDTH, 3)
    assert banner.max() == 255 and not banner[:, -video._MARGIN:].any()

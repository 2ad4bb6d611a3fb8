# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The demo's film: rendered for real where OpenGL is there; else what to install is said."""

from __future__ import annotations

from pathlib import Path

import imageio_ffmpeg
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
from policy_gen_ros.domains.go2.twin.model import load_model
import pytest

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
    np.savez(path, time_s=time_s, qpos=qpos)
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


def test_without_opengl_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('MUJOCO_GL', 'abacus')
    with pytest.raises(VideoError, match=r'apt install libegl1 or libosmesa6 \(abacus: .*abacus'):
        find_backend()


def test_a_long_caption_is_cut() -> None:
    banner = video._banner('walk ' * 100 + '\n' + TITLE)
    assert banner.shape[1:] == (WIDTH, 3)
    assert banner.max() == 255 and not banner[:, -video._MARGIN:].any()

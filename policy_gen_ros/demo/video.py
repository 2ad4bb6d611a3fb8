"""
Renders a twin's recording to MP4.

A process of its own, because MuJoCo chooses its OpenGL backend when it is imported:
``python -m policy_gen_ros.demo.video RECORDING.npz OUTPUT.mp4 CAPTIONS.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
import json
import os
from pathlib import Path
import subprocess
import sys
import tempfile

import numpy as np

WIDTH, HEIGHT, FRAMES_PER_S = 640, 360, 25
BACKENDS = {'egl': 'libegl1', 'osmesa': 'libosmesa6'}
"""OpenGL without a display, and the Debian package of each."""
_CAMERA = {'distance': 1.8, 'azimuth': 130.0, 'elevation': -18.0}
_CAPTION_HEIGHT = 32
_PROGRESS_FRAMES = 100


class VideoError(RuntimeError):
    """No backend could render; the message names what to install."""


def make_video(recording: Path, output: Path, captions: Sequence[tuple[float, str]],
               progress: Callable[[str], None]) -> None:
    """
    Render with the first OpenGL backend that works.

    :param captions: (seconds of simulated time, text shown from then on)
    :param progress: gets a line now and then
    :raises VideoError: no backend works
    """
    wanted = os.environ.get('MUJOCO_GL')
    reasons = []
    for backend in [wanted] if wanted else BACKENDS:
        with tempfile.TemporaryFile('w+') as errors, subprocess.Popen(
                [sys.executable, '-m', 'policy_gen_ros.demo.video', str(recording), str(output),
                 json.dumps(list(captions))], env={**os.environ, 'MUJOCO_GL': backend},
                stdout=subprocess.PIPE, stderr=errors, text=True) as renderer:
            for line in renderer.stdout or ():
                progress(line.rstrip())
            if renderer.wait() == 0:
                return
            errors.seek(0)
            reasons.append(f'{backend}: {(errors.read().strip().splitlines() or ["?"])[-1]}')
    packages = ' or '.join(BACKENDS.values())
    raise VideoError(f'cannot render {output}: {"; ".join(reasons)}. Off-screen rendering needs '
                     f'OpenGL: apt install {packages}')


def render(recording: Path, output: Path, captions: Sequence[tuple[float, str]]) -> None:
    """Render in this process, with the OpenGL backend that MuJoCo was imported with."""
    import imageio_ffmpeg
    import mujoco
    from policy_gen_ros.twin.model import load_model

    with np.load(recording) as arrays:
        time_s, qpos = arrays['time_s'], arrays['qpos']
    model = load_model()
    model.vis.global_.offwidth, model.vis.global_.offheight = WIDTH, HEIGHT
    model.vis.quality.offsamples, model.vis.quality.shadowsize = 1, 1024  # often drawn without GPU
    data = mujoco.MjData(model)
    camera = mujoco.MjvCamera()
    camera.distance, camera.azimuth, camera.elevation = _CAMERA.values()
    banners = [(start, _banner(text)) for start, text in captions]
    with mujoco.Renderer(model, HEIGHT, WIDTH) as renderer:
        writer = imageio_ffmpeg.write_frames(str(output), (WIDTH, HEIGHT), fps=FRAMES_PER_S,
                                             macro_block_size=4, output_params=['-crf', '24'])
        writer.send(None)
        moments = np.arange(time_s[0], time_s[-1], 1.0 / FRAMES_PER_S)
        for number, moment in enumerate(moments):
            if number % _PROGRESS_FRAMES == 0:
                print(f'{number} of {len(moments)} frames', flush=True)
            data.qpos[:] = qpos[min(np.searchsorted(time_s, moment), len(qpos) - 1)]
            mujoco.mj_forward(model, data)
            camera.lookat[:] = data.qpos[0], data.qpos[1], 0.2
            renderer.update_scene(data, camera)
            frame = renderer.render().copy()
            shown = [banner for start, banner in banners if start <= moment]
            if shown:
                frame[-_CAPTION_HEIGHT:] = shown[-1]
            writer.send(np.ascontiguousarray(frame))
        writer.close()


def _banner(text: str) -> np.ndarray:
    """White text on black. Shape: (caption height, width, 3), uint8."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new('RGB', (WIDTH, _CAPTION_HEIGHT))
    ImageDraw.Draw(image).text((12, 6), text, fill='white', font=ImageFont.load_default(17))
    return np.asarray(image)


if __name__ == '__main__':
    render(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))

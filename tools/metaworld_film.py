# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Films policies of the shipped MetaWorld bundle: one of each task, unselected, side by side.

``python tools/metaworld_film.py docs/metaworld.webp`` takes the first prompt of each task in the
shipped index, answers it as ``policy_gen generate`` does, and runs the policy in the prompt's task
in a random layout. A tile's frame turns green with success, and red where there is none.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.commands.demo.video import find_backend
from policy_gen_ros.domains.metaworld.constants import CONTROL_DT_S, EPISODE_STEPS, scaled
from policy_gen_ros.domains.metaworld.episodes import act_of
from policy_gen_ros.domains.metaworld.rollout import random_layouts
from policy_gen_ros.domains.metaworld.simulation import load_task
from policy_gen_ros.evaluation.prompted.prompts import Prompts
from policy_gen_ros.generation.cloning import generate_or_clone
from policy_gen_ros.generation.generator import PolicyGenerator
from policy_gen_ros.policies.weights import Layers
from policy_gen_ros.utils.progress import progress

COLUMNS, TILE = 5, (168, 126)
EVERY = 8
"""Control periods from one picture to the next: 0.1 s, and as long it is shown."""
AFTER_S = 0.8
"""That a policy goes on after its success, and the film after the last one."""
CAMERA = {'lookat': (0.0, 0.7, 0.1), 'distance': 1.2, 'azimuth': 150.0, 'elevation': -28.0}
"""Above the table, from beside the arm: it hides neither hand nor object."""
RUNNING, DONE, FAILED = '#888888', '#2e9e4f', '#d03030'
EDGE = 4


def film(task: str, layers: Layers, layout: int) -> tuple[list[Image.Image], int]:
    """
    Run a policy and draw it.

    :return: pictures, and the number of the first one of success; -1 where there is none
    """
    import mujoco

    simulation, act = load_task(task), act_of(layers)
    seen, pictures, success, end = scaled(simulation.begin(layout)), [], -1, EPISODE_STEPS
    model, data = simulation.scene
    camera = mujoco.MjvCamera()
    for name, value in CAMERA.items():
        setattr(camera, name, value)
    with mujoco.Renderer(model, TILE[1], TILE[0]) as renderer:
        for step in range(EPISODE_STEPS):
            if step >= end:
                break
            if step % EVERY == 0:
                renderer.update_scene(data, camera)
                pictures.append(Image.fromarray(renderer.render()))
            observation, done = simulation.step(act(seen))
            seen = scaled(observation)
            if done and success < 0:
                success = step // EVERY + 1
                end = step + 1 + round(AFTER_S / CONTROL_DT_S)
    return pictures, success


def tile(picture: Image.Image, colour: str, words: str, font: Any) -> Image.Image:
    """Frame a picture and write under it."""
    framed = ImageOps.expand(picture, EDGE, colour)
    whole = Image.new('RGB', (framed.width, framed.height + 16), 'white')
    whole.paste(framed)
    ImageDraw.Draw(whole).text((EDGE, framed.height), words, 'black', font=font)
    return whole


def grid(films: Sequence[tuple[list[Image.Image], int]], words: Sequence[str]
         ) -> list[Image.Image]:
    """Put films side by side; those that have ended show their last picture."""
    last = max(success for _, success in films) + round(AFTER_S / CONTROL_DT_S / EVERY)
    font, frames = ImageFont.load_default(12), []
    for number in range(last + 1):
        tiles = []
        for (pictures, success), text in zip(films, words):
            colour = FAILED if success < 0 and number == last else \
                DONE if 0 <= success <= number else RUNNING
            tiles.append(tile(pictures[min(number, len(pictures) - 1)], colour, text, font))
        width, height = tiles[0].size
        sheet = Image.new('RGB', (COLUMNS * width, -(-len(tiles) // COLUMNS) * height), 'white')
        for place, each in enumerate(tiles):
            sheet.paste(each, (place % COLUMNS * width, place // COLUMNS * height))
        frames.append(sheet)
    return frames


def main() -> None:
    """Answer one prompt of each task, film the policies, and say who succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', type=Path, help='a .webp file')
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    os.environ['MUJOCO_GL'] = find_backend()  # before MuJoCo is imported
    generator = PolicyGenerator.load(domain='metaworld', device='cpu')
    archive = Archive(generator.domain.archive_index)
    stored = np.flatnonzero(archive.trajectory.stored)
    groups = archive.family[stored, 0]
    tasks = [task for task in archive.domain.groups if (groups == task).any()]
    first = np.array([stored[groups == task][0] for task in tasks])
    prompts = Prompts(archive, 'shipped', first, np.array(tasks))
    answers = generate_or_clone(generator, prompts.goals(), args.seed)
    layouts = random_layouts(args.seed, len(tasks), 1)[:, 0].tolist()
    films = [film(task, answer.policy.layers, layout) for task, answer, layout in progress(
        list(zip(tasks, answers, layouts)), about='filming', unit='task')]
    words = [f'{task}: {"cloned" if answer.cloned else "generated"}'
             for task, answer in zip(tasks, answers)]
    for text, (_, success) in zip(words, films):
        print(text, f'success at {success * EVERY * CONTROL_DT_S:.2f} s' if success >= 0
              else 'no success')
    frames = grid(films, words)
    frames[0].save(args.out, save_all=True, append_images=frames[1:], loop=0, quality=45,
                   duration=[round(EVERY * CONTROL_DT_S * 1000)] * (len(frames) - 1) + [2000])


if __name__ == '__main__':
    main()

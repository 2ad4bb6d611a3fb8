# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Bundles beside each other: the same goals, the same seeds, one actor a goal, walks of 10 s.

``python tools/compare_bundles.py BUNDLE...`` asks for qualified behaviours of the package's index,
seen and held-out ones, from measures and from a sentence (held-out wordings for held-out ones).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.shipped import ADAPTOR_FILE, SHIPPED_INDEX
from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals
from policy_gen_ros.evaluation.studies.single_shot import score_parts, score_rollouts
from policy_gen_ros.evaluation.studies.subject import Subject
from policy_gen_ros.generation.generator import PolicyGenerator

KINDS = ('measures', 'text')


def main() -> None:
    """Print a line for each bundle, set of goals and kind."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('bundles', type=Path, nargs='+')
    parser.add_argument('--count', type=int, default=400, help='goals of each set and kind')
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    archive = Archive(SHIPPED_INDEX)
    sets = {'seen': draw_goals(archive, False, args.count, args.seed),
            'held-out': draw_goals(archive, True, args.count, args.seed)}
    for name, goals in sets.items():
        for bundle in args.bundles:
            subject = Subject(PolicyGenerator.load(bundle), Adaptor.load(bundle / ADAPTOR_FILE),
                              goals, archive, seed=args.seed)
            walked = subject.walk_groups(
                {kind: subject.generate(goals.goals(kind)) for kind in KINDS}, f'{bundle}, {name}')
            for kind in KINDS:
                score = score_rollouts(walked[kind], goals.asked(kind))
                parts = score_parts(walked[kind], goals.asked(kind), archive.source[goals.actor])
                low, high = score.qualified_interval
                print(f'{bundle}, {name} from {kind} ({score.count}): qualified '
                      f'{score.qualified:.3f} ({low:.3f} to {high:.3f}), family '
                      f'{score.right_family:.3f}, ok {score.ok:.3f}, contact error '
                      f'{score.contact_error:.4f}, vx error {score.vx_error_mps:.4f} m/s, reward '
                      f'{score.reward:.4f}; qualified by source ' + ', '.join(
                          f'{part} {of.qualified:.2f} ({of.count})'
                          for part, of in parts.items()), flush=True)


def draw_goals(archive: Archive, held_out: bool, count: int, seed: int) -> BehaviorGoals:
    """Qualified behaviours and a caption of each; no clips, of which an index has few."""
    rng = np.random.default_rng(seed)
    unseen = set(archive.split.caption_templates)
    actors = archive.held_out if held_out else archive.seen
    row, behavior = np.nonzero(archive.qualified[actors])
    actor = actors[row]
    captions = [[caption for caption in archive.captions[a][b]
                 if (caption.template in unseen) == held_out] for a, b in zip(actor, behavior)]
    usable = np.array([bool(some) for some in captions]) \
        & (held_out | (archive.region[actor, behavior] < 0))
    pick = rng.permutation(np.flatnonzero(usable))[:count]
    texts = [captions[i][int(rng.integers(len(captions[i])))].text for i in pick]
    actor, behavior = actor[pick], behavior[pick]
    return BehaviorGoals(archive.domain, archive.measures[actor, behavior], np.array(texts),
                         np.zeros((len(pick), 0, 42)), actor, np.full(len(pick), ''),
                         np.full(len(pick), held_out))


if __name__ == '__main__':
    main()

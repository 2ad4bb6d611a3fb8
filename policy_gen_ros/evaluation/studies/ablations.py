# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
The papers' ablations on this archive, and ours. Resumable: every variant leaves a file.

Policy Diffusion studies the coefficient of its KL divergence and the size of its decoder;
Make-An-Agent its latent, the two parts of its embedding, the length of the prompt, the size and
the number of the actors, and how much what it generates is like the prompt's actor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
import json
from pathlib import Path
import time
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.twin.closed_loop import rollout_actors
from policy_gen_ros.evaluation.report.table import Table
from policy_gen_ros.evaluation.studies.ablation_variants import (
    Effort,
    Ground,
    inference,
    make_an_agent,
    ours,
    policy_diffusion,
    Variant,
)
from policy_gen_ros.evaluation.studies.baselines import archive_actors
from policy_gen_ros.evaluation.studies.single_shot import Rollouts, score_rollouts
from policy_gen_ros.evaluation.studies.subject import EPISODE_S, Subject
from policy_gen_ros.policies.weights import ActorWeights
from policy_gen_ros.training.stages import claim_stages
from policy_gen_ros.utils.files import write_text
from policy_gen_ros.utils.progress import progress

VARIANTS: dict[str, Variant] = {
    'bundle': inference(),
    **{f'steps {n}': inference(steps=n) for n in (1, 2, 16, 50)},
    **{f'guidance {w}': inference(guidance=w) for w in (1.5, 2.0, 4.0)},
    'ours': ours(), 'latent 16': ours(network={'latent_dim': 16}),
    'latent 64': ours(network={'latent_dim': 64}),
    'rank 48': ours(network={'rank': 48}), 'plain loss': ours(error_of_actions=False),
    'actors 300': ours(actors=300), 'actors 1000': ours(actors=1000),
    'policy_diffusion': policy_diffusion(),
    **{f'kl {kl}': policy_diffusion(kl=kl) for kl in (0.0, 1e-4, 1e-2)},
    'hyper 64': policy_diffusion(hyper_width=64),
    'make_an_agent': make_an_agent(),
    **{f'embedding {part}': make_an_agent(part) for part in ('h', 'v', 'raw')},
    **{f'rows {n}': make_an_agent(rows=n) for n in (40, 60)},
    **{f'channels {n}': make_an_agent(channels=n) for n in (8, 128)},
    **{f'width {n}': make_an_agent(width=n) for n in (32, 64, 128)}}

STUDIES: dict[str, dict[str, str]] = {
    'Sampler steps of the bundle': {
        '1': 'steps 1', '2': 'steps 2', 'its own': 'bundle', '16': 'steps 16', '50': 'steps 50'},
    'Guidance of the bundle': {'its own': 'bundle', **{str(w): f'guidance {w}'
                                                       for w in (1.5, 2.0, 4.0)}},
    'Ours: size of the latent': {'16': 'latent 16', '64': 'latent 64', '128': 'ours'},
    'Ours: directions of the decoder': {'48': 'rank 48', '192': 'ours'},
    'Ours: loss on the latent': {'error of actions': 'ours', 'all alike': 'plain loss'},
    'Ours: training actors': {'300': 'actors 300', '1000': 'actors 1000', 'all': 'ours'},
    'Policy Diffusion: KL coefficient': {
        '0': 'kl 0.0', '1e-6': 'policy_diffusion', '1e-4': 'kl 0.0001', '1e-2': 'kl 0.01'},
    'Policy Diffusion: width of the decoder': {'64': 'hyper 64', '256': 'policy_diffusion'},
    'Make-An-Agent: embedding': {'h and v': 'make_an_agent', 'h': 'embedding h',
                                 'v': 'embedding v', 'the trajectory itself': 'embedding raw'},
    'Make-An-Agent: rows of the trajectory (50 Hz)': {
        '40': 'rows 40', '60': 'rows 60', '100': 'make_an_agent'},
    'Make-An-Agent: channels of the latent': {
        '8': 'channels 8', '32': 'make_an_agent', '128': 'channels 128'},
    'Make-An-Agent: width of the actors': {
        '32': 'width 32', '64': 'width 64', '128': 'width 128', "192, the archive's own, all of "
        'them': 'make_an_agent'}}
"""Study -> name of a row -> variant. One variant may stand in several studies."""
JOINTS = slice(6, 18)
"""Joint angles in a trajectory's rows."""


@dataclass(frozen=True)
class Likeness:
    """
    How much answers to trajectories are like the prompts' own actors (Make-An-Agent, section 5.4).

    :param weights: median cosine between what both differ by from the base weights; None where
        they have other layers
    :param joints_rad: median over goals of the root mean square difference of joint angles, from
        the first step on, both walked by the same clock from standing
    """

    weights: float | None
    joints_rad: float


def run_ablations(subject: Subject, effort: Effort, folder: Path) -> dict[str, dict[str, Any]]:
    """
    Train and score all variants that have no result yet.

    :param subject: with the whole archive
    :param folder: of results; what is there is not done again
    :return: variant -> scores by kind of goal, likeness and seconds
    :raises ValueError: an archive without all weights, or results of something else in the folder
    """
    subject = replace(subject, held_out=subject.held_out.select(slice(effort.goals)))
    archive, training = subject.whole_archive, subject.training
    if archive is None or training is None:
        raise ValueError('ablations train on the whole archive: give --archive')
    claim_stages(folder, {
        'archive': training.fingerprint, 'bundle': subject.generator.bundle_name,
        'seed': subject.seed, 'effort': asdict(effort)})
    ground = Ground(subject, archive, training, effort, folder)
    own = _walk(ground, archive_actors(archive, ground.goals), 0)
    again = _walk(ground, list(own.actors), 1)
    results = {'the prompts themselves': {
        'scores': {'trajectory': score_rollouts(again, ground.goals).to_dict()},
        'likeness': asdict(_likeness(ground, again, own))}}
    bar = progress(VARIANTS.items(), about='variants', unit='variant', at_once=True)
    for name, variant in bar:
        bar.set_postfix_str(name)
        file = folder / f'{name.replace(" ", "_")}.json'
        if not file.exists():
            text = json.dumps(_score(ground, variant, own))
            write_text(file, text)
        results[name] = json.loads(file.read_text())
    return results


def ablation_tables(results: Mapping[str, Mapping[str, Any]]) -> list[Table]:
    """One table a study, with the prompts' own actors as reference."""
    header = ('', 'goals', 'qualified', 'ok', 'reward', 'contact error', 'cosine', 'joints [rad]')
    found = []
    for study, rows in STUDIES.items():
        cells = [_row(f'{label}, {kind}', results[variant], kind)
                 for label, variant in rows.items() for kind in results[variant]['scores']]
        own = _row('the prompts themselves, other seed', results['the prompts themselves'],
                   'trajectory')
        found.append(Table(study, header, [*cells, own]))
    return found


def _score(ground: Ground, variant: Variant, own: Rollouts) -> dict[str, Any]:
    started = time.perf_counter()
    walked = {kind: _walk(ground, actors, 0) for kind, actors in variant(ground).items()}
    likeness = _likeness(ground, walked['trajectory'], own) if 'trajectory' in walked else None
    return {'scores': {kind: score_rollouts(one, ground.goals.asked(kind)).to_dict()
                       for kind, one in walked.items()},
            'likeness': likeness and asdict(likeness), 'seconds': time.perf_counter() - started}


def _walk(ground: Ground, actors: list[ActorWeights], other_seed: int) -> Rollouts:
    """Walk with trajectories, which :meth:`Subject.walk` does not keep."""
    seed = ground.subject.seed + 1 + 7919 * other_seed
    return Rollouts(actors, rollout_actors(actors, ground.subject.adaptor, EPISODE_S, seed=seed))


def _likeness(ground: Ground, walked: Rollouts, own: Rollouts) -> Likeness:
    cosine = None
    if walked.vectors.shape == own.vectors.shape:
        a, b = (one.vectors - ground.start.numpy() for one in (walked, own))
        cosine = float(np.median((a * b).sum(axis=1)
                                 / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)))
    apart = []
    for mine, prompt in zip(walked.results, own.results):
        rows = min(len(mine.trajectory), len(prompt.trajectory))
        difference = mine.trajectory[:rows, JOINTS] - prompt.trajectory[:rows, JOINTS]
        apart.append(float(np.sqrt(np.square(difference).mean())))
    return Likeness(cosine, float(np.median(apart)))


def _row(label: str, result: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    score, likeness = result['scores'][kind], result['likeness']
    alike = ['', '']
    if kind == 'trajectory':
        cosine = likeness['weights']
        alike = ['' if cosine is None else f'{cosine:.2f}', f'{likeness["joints_rad"]:.3f}']
    return (label, str(score['count']), *(f'{score[name]:.2f}' for name in (
        'qualified', 'ok', 'reward')), f'{score["contact_error"]:.3f}', *alike)

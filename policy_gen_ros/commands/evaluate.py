"""``policy_gen evaluate``: single-shot results on held-out goals, with floor and baseline."""

from __future__ import annotations

import argparse
from pathlib import Path
import time
from typing import Any

import numpy as np
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json

QUICK_COUNT = 25
PERTURBATION_NAMES = ('none', 'friction', 'payload', 'motors', 'delay', 'noise', 'push', 'bouncy',
                      'all-but-bouncy', 'all')


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``evaluate``."""
    parser = subparsers.add_parser(
        'evaluate', help='results on held-out goals',
        description='Generate one actor for each held-out goal, walk it 10 s in the twin, '
                    'measure.')
    parser.add_argument('--bundle', type=Path)
    parser.add_argument('--archive', type=Path, help='adds the floor (the held-out actors '
                        'themselves, other seeds) and the nearest training actor')
    parser.add_argument('--count', type=int, default=100, help='goals of each kind')
    parser.add_argument('--quick', action='store_true', help=f'{QUICK_COUNT} goals of each kind')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--steps', type=int)
    parser.add_argument('--guidance', type=float)
    parser.add_argument('--perturb', choices=PERTURBATION_NAMES, default='none',
                        help='walk on random ground, with random robots or pushes')
    parser.add_argument('--adaptor', type=Path, help="another adaptor than the bundle's")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Evaluate and print the table."""
    from policy_gen_ros.actor.adaptor import Adaptor
    from policy_gen_ros.actor.spec import ActorSpec
    from policy_gen_ros.actor.weights import ActorWeights
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.evaluation.baselines import floor_actors, nearest_actors
    from policy_gen_ros.evaluation.held_out import draw_held_out, HeldOutGoals, KINDS
    from policy_gen_ros.evaluation.single_shot import judge, judge_parts
    from policy_gen_ros.generator.bundle import bundle_path
    from policy_gen_ros.generator.generator import PolicyGenerator
    from policy_gen_ros.twin.batch import PERTURBATIONS
    from policy_gen_ros.twin.closed_loop import rollout_actors
    from policy_gen_ros.twin.episode import EpisodeResult

    if args.count < 1:
        raise ValueError(f'--count must be at least 1, got {args.count}')
    started = time.perf_counter()
    folder = bundle_path(args.bundle)
    generator = PolicyGenerator.load(folder)
    adaptor = Adaptor.load(args.adaptor or folder / 'adaptor.safetensors')
    archive = Archive(args.archive) if args.archive else None
    count = QUICK_COUNT if args.quick else args.count
    trained_on = generator.info.provenance.get('training_fingerprint')
    training = archive.training() if archive else None
    if training and training.fingerprint != trained_on:
        raise ValueError(f'{args.archive} and config/held_out.json are not what the bundle was '
                         'trained on: held-out actors may be training actors of the bundle')
    goals = draw_held_out(archive, count, args.seed) if archive \
        else HeldOutGoals.load(folder / 'held_out_goals.npz').select(slice(count))

    def walk(actors: list[ActorWeights]) -> list[EpisodeResult]:
        return rollout_actors(actors, adaptor, 10.0, seed=args.seed + 1,
                              perturbation=PERTURBATIONS[args.perturb])

    results = {kind: walk(generator.generate_batch(goals.goals(kind), args.seed, args.steps,
                                                   args.guidance)) for kind in KINDS}
    scores = {kind: judge(results[kind], goals) for kind in KINDS}
    wording = np.where(goals.new_wording, 'new wording', 'known wording')
    parts = {**{f'{kind}, new {name}': score for kind in KINDS for name, score in
                judge_parts(results[kind], goals, goals.novelty).items()},
             **{f'text, {name}': score for name, score in
                judge_parts(results['text'], goals, wording).items()}}
    baselines = {'floor': judge(walk(floor_actors(archive, goals)), goals),
                 'nearest_neighbour': judge(walk(nearest_actors(training, goals)), goals)} \
        if archive and training else {}
    out = progress_stream(args.json)
    print(f'{"":22s} goals walks family qualified contact-error vx-error reward    ok', file=out)
    # A part that is the whole says nothing new.
    told = {name: s for name, s in parts.items() if s.count < len(goals)}
    for name, s in {**scores, **told, **baselines}.items():
        print(f'{name:22s} {s.count:5d} {s.walks:5.2f} {s.right_family:6.2f} {s.qualified:9.2f} '
              f'{s.contact_error:13.3f} {s.vx_error_mps:8.3f} {s.reward:6.2f} {s.ok:5.2f}',
              file=out)
    parameters = generator.parameter_counts()
    actor_parameters = ActorSpec(1.0, generator.info.layer_sizes).parameter_count
    provenance = generator.info.provenance
    result: dict[str, Any] = {
        'archive': {'actors': provenance['actors'] + provenance['held_out'],
                    'train': provenance['actors'], 'held_out': provenance['held_out'],
                    'parameters_per_actor': actor_parameters},
        'mem': scores['measures'].mem,
        'qualified_rate': {'held_out': scores['measures'].qualified,
                           'text': scores['text'].qualified,
                           'trajectory': scores['trajectory'].qualified},
        'language_gait_accuracy': scores['text'].right_family,
        'held_out_ok': {**{kind: scores[kind].ok for kind in KINDS},
                        'floor': baselines['floor'].ok if archive else None},
        'parameters': parameters,
        'compression_ratio': actor_parameters * provenance['actors']
        / float(np.sum(list(parameters.values()))),
        'sampling_steps': generator.info.steps if args.steps is None else args.steps,
        'held_out_parts': {name: s.to_dict() for name, s in parts.items()},
        'scores': {name: s.to_dict() for name, s in scores.items()},
        'baselines': {name: s.to_dict() for name, s in baselines.items()},
        'seed': args.seed, 'seconds': time.perf_counter() - started}
    write_json(result, args.json)
    return 0

# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen evaluate``: all figures, with intervals, archive rows and baselines; a report."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TYPE_CHECKING

from policy_gen_ros.commands.evaluate_options import add_options, check_options
from policy_gen_ros.commands.options import check_domain
from policy_gen_ros.commands.output import command_line, progress_stream, write_json
from policy_gen_ros.domains import DEFAULT
from policy_gen_ros.domains.go2.twin.conditions import CONDITIONS
from policy_gen_ros.utils.files import hold, write_text

if TYPE_CHECKING:
    from policy_gen_ros.archive.index import ArchiveIndex
    from policy_gen_ros.baselines.generator import PaperGenerator
    from policy_gen_ros.evaluation.metrics.domain_subject import DomainSubject
    from policy_gen_ros.evaluation.metrics.sizes import Sizes
    from policy_gen_ros.evaluation.report.table import Table
    from policy_gen_ros.evaluation.studies.subject import Subject
    from policy_gen_ros.generation.generator import PolicyGenerator

CLIPS = 120
"""Walks of each foreign policy on each ground."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``evaluate``."""
    parser = subparsers.add_parser(
        'evaluate', help='all figures, with archive rows and baselines, tables and a report',
        description='Generate actors for goals of all kinds, walk them in the twin, compare them '
                    'with the archive that they come from, with its own actors (the archive row) '
                    'and with baselines.')
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Evaluate, print the tables, and write what is asked for."""
    from policy_gen_ros.domains.go2.adaptor import Adaptor
    from policy_gen_ros.domains.go2.twin.perturbation import PERTURBATIONS
    from policy_gen_ros.evaluation.metrics.held_out import BehaviorGoals, draw_held_out, GOALS_FILE
    from policy_gen_ros.evaluation.studies.subject import is_whole, Subject
    from policy_gen_ros.evaluation.studies.trained_on import archive_of
    from policy_gen_ros.generation.bundle import bundle_path
    from policy_gen_ros.generation.generator import PolicyGenerator

    check_options(args)
    sizes = _sizes(args)
    folder = bundle_path(args.bundle, args.domain)
    generator = PolicyGenerator.load(folder, domain=args.domain)
    if args.domain != DEFAULT:
        return _evaluate_domain(generator, sizes, args)
    if args.robustness:
        return _evaluate_robustness(generator, folder, args)
    if args.clips or args.language:
        return (_evaluate_clips if args.clips else _evaluate_language)(generator, folder, args)
    archive = archive_of(args.archive, generator.info.provenance)
    goals = draw_held_out(archive, sizes.held_out, args.seed) if archive and is_whole(archive) \
        else BehaviorGoals.load(folder / GOALS_FILE, generator.domain).select(
            slice(sizes.held_out))
    papers = _papers(args.paper, archive)
    subject = Subject(
        generator, Adaptor.load(args.adaptor or folder / 'adaptor.safetensors'), goals, archive,
        sizes, args.seed, args.steps, args.guidance, PERTURBATIONS[args.perturb], args.output,
        command_line())
    with hold(args.output) if args.output else nullcontext():
        _evaluate(subject, papers, args)
    return 0


def _sizes(args: argparse.Namespace) -> Sizes:
    from policy_gen_ros.evaluation.metrics.sizes import FULL, QUICK

    sizes = QUICK if args.quick else FULL
    if args.count is not None:
        sizes = replace(sizes, held_out=args.count, seen=args.count)
    return sizes if args.episodes is None else replace(sizes, episodes=args.episodes)


def _papers(paths: list[Path], archive: ArchiveIndex | None) -> list[PaperGenerator]:
    from policy_gen_ros.baselines.generator import PaperGenerator

    papers = [PaperGenerator.load(path) for path in paths]
    for paper, path in zip(papers, paths):
        if not archive or paper.info.training_fingerprint != archive.training_fingerprint:
            raise ValueError(f'{path} was not trained on the archive of this evaluation: give '
                             'that with --archive')
    return papers


def _evaluate_language(generator: PolicyGenerator, folder: Path, args: argparse.Namespace) -> int:
    from policy_gen_ros.domains.go2.adaptor import Adaptor
    from policy_gen_ros.evaluation.studies.language import (
        evaluate_language,
        language_table,
        load_sentences,
    )

    adaptor = Adaptor.load(args.adaptor or folder / 'adaptor.safetensors')
    scores = evaluate_language(generator, adaptor, load_sentences(args.language), args.seed)
    table = language_table(scores['language'])
    return _report([table], scores, 'language.md', args)


def _evaluate_clips(generator: PolicyGenerator, folder: Path, args: argparse.Namespace) -> int:
    from policy_gen_ros.domains.go2.adaptor import Adaptor
    from policy_gen_ros.domains.go2.importers.policies import read_folder
    from policy_gen_ros.domains.go2.importers.spec import load_spec
    from policy_gen_ros.evaluation.studies.foreign_clips import (
        clips_table,
        evaluate_foreign_clips,
    )

    adaptor = args.adaptor or folder / 'adaptor.safetensors'
    policies = read_folder(args.clips, load_spec(args.spec, args.clips), adaptor)
    scores = evaluate_foreign_clips(generator, Adaptor.load(adaptor), policies,
                                    args.count or CLIPS, args.seed)
    table = clips_table(scores)
    return _report([table], scores, 'clips.md', args)


def _evaluate_robustness(generator: PolicyGenerator, folder: Path,
                         args: argparse.Namespace) -> int:
    from policy_gen_ros.domains.go2.adaptor import Adaptor
    from policy_gen_ros.domains.go2.importers.policies import read_folder
    from policy_gen_ros.domains.go2.importers.spec import load_spec
    from policy_gen_ros.domains.go2.twin.model_file import read_model
    from policy_gen_ros.evaluation.report.robustness import (
        draw_robustness,
        effort_table,
        robustness_table,
    )
    from policy_gen_ros.evaluation.studies import robustness
    from policy_gen_ros.evaluation.studies.trained_on import archive_of

    robot = read_model(args.model) if args.model else None
    adaptor = args.adaptor or folder / 'adaptor.safetensors'
    archive = archive_of(args.archive, generator.info.provenance)
    if archive is None:
        raise ValueError('--robustness needs the archive that the bundle was trained on: give it '
                         'with --archive')
    subjects = robustness.subjects_of(generator, Adaptor.load(adaptor), archive, args.policies,
                                      args.seed, robot)
    if args.foreign:
        policies = read_folder(args.foreign, load_spec(args.spec, args.foreign), adaptor)
        subjects.append(robustness.foreign_as_walkers(policies, subjects[0].asked, robot))
    with hold(args.output) if args.output else nullcontext():
        scores = robustness.to_dict(robustness.evaluate_robustness(
            subjects, args.condition or list(CONDITIONS), robustness.WALK_S, args.seed, args.model,
            args.output))
        if args.output:
            draw_robustness(scores['robustness'], scores['set_aside'],
                            args.output / 'robustness.png')
            write_json(scores, str(args.output / 'robustness.json'))
        found = scores['robustness'], scores['set_aside']
        tables = robustness_table(*found, robustness.WALK_S), effort_table(*found)
        return _report(tables, scores, 'robustness.md', args)


def _report(tables: Sequence[Table], scores: Any, name: str, args: argparse.Namespace) -> int:
    """Print tables, and write them and their figures where that is asked for."""
    print(*(table.plain() for table in tables), sep='\n\n', file=progress_stream(args.json))
    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
        write_text(args.output / name,
                   '\n\n'.join(table.markdown() for table in tables) + '\n')
    write_json(scores, args.json)
    return 0


def _evaluate_domain(generator: PolicyGenerator, sizes: Sizes, args: argparse.Namespace) -> int:
    from policy_gen_ros.archive.store import Archive
    from policy_gen_ros.evaluation.any_domain import evaluate_domain
    from policy_gen_ros.evaluation.metrics.domain_subject import DomainSubject

    archive = Archive(args.archive or generator.domain.archive_index)
    check_domain(archive, args.domain)
    subject = DomainSubject(generator, archive, generator.domain.rollout(archive.path), sizes,
                            args.seed)
    if generator.domain.prompted:
        return _evaluate_prompts(subject, args)
    with hold(args.output) if args.output else nullcontext():
        result = evaluate_domain(subject)
        print(result.table().plain(), file=progress_stream(args.json))
        if args.output:
            write_text(args.output / 'evaluation.md', result.table().markdown() + '\n')
            write_json(result.to_dict(), str(args.output / 'evaluation.json'))
            if len(generator.domain.measures.grid) == 2:
                from policy_gen_ros.evaluation.report.kept_plots import draw_kept

                draw_kept(generator.domain, result.kept.elites, args.output / 'archive_kept.png')
    write_json(result.to_dict(), args.json)
    return 0


def _evaluate_prompts(subject: DomainSubject, args: argparse.Namespace) -> int:
    from policy_gen_ros.evaluation.prompted.evaluation import evaluate_prompts

    with hold(args.output) if args.output else nullcontext():
        result = evaluate_prompts(subject)
        tables = result.tables()
        print(*(table.plain() for table in tables), sep='\n\n', file=progress_stream(args.json))
        if args.output:
            write_text(args.output / 'evaluation.md', '\n\n'.join(
                table.markdown() for table in tables) + '\n')
            write_json(result.to_dict(), str(args.output / 'evaluation.json'))
    write_json(result.to_dict(), args.json)
    return 0


def _evaluate(subject: Subject, papers: list[PaperGenerator], args: argparse.Namespace) -> None:
    from policy_gen_ros.evaluation.studies.report import markdown, plain
    from policy_gen_ros.evaluation.studies.suite import evaluate

    result = evaluate(subject, papers)
    print(plain(result), file=progress_stream(args.json))
    if args.output:
        from policy_gen_ros.evaluation.report.page import write_page
        from policy_gen_ros.evaluation.studies.page import evaluation_page

        write_text(args.output / 'evaluation.md', markdown(result))
        write_json(result.to_dict(), str(args.output / 'evaluation.json'))
        write_page(evaluation_page(result), args.output / 'report.html')
        print(f'\nreport: {args.output / "report.html"}', file=progress_stream(args.json))
    write_json(result.to_dict(), args.json)
    if args.ablations:
        _ablate(subject, args)


def _ablate(subject: Subject, args: argparse.Namespace) -> None:
    from policy_gen_ros.evaluation.studies.ablation_variants import Effort, QUICK_EFFORT
    from policy_gen_ros.evaluation.studies.ablations import ablation_tables, run_ablations

    effort = QUICK_EFFORT if args.quick else Effort()
    results = run_ablations(subject, effort, args.output / 'ablations')
    tables = ablation_tables(results)
    print(*(f'\n{table.plain()}' for table in tables), sep='\n', file=progress_stream(args.json))
    write_text(args.output / 'ablations.md', '\n\n'.join(
        ['# Ablations', *(table.markdown() for table in tables)]) + '\n')
    write_json(results, str(args.output / 'ablations.json'))

# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""``policy_gen explain``: what a text is understood as."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from policy_gen_ros.commands.options import add_domain_option
from policy_gen_ros.commands.output import add_json_option, progress_stream, write_json
from policy_gen_ros.domains import DEFAULT, find_domain
from policy_gen_ros.domains.domain import Domain
from policy_gen_ros.goals.language.intents import Understood
from policy_gen_ros.goals.language.reading import Amount, TextReading
from policy_gen_ros.goals.sequence import parse_sequence, understand_words
from policy_gen_ros.goals.steps import Step


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Options of ``explain``."""
    parser = subparsers.add_parser(
        'explain', help='what a text is understood as',
        description='Say what a goal text is understood as, step by step, and what is ignored. '
        'Nothing is generated.')
    parser.add_argument('text', metavar='TEXT')
    parser.add_argument('--current', metavar='GOAL', help='text of the goal that is walked now, '
                        'for relative texts such as "faster"')
    add_domain_option(parser)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Read and report."""
    out = progress_stream(args.json)
    read, understand = _readers(find_domain(args.domain or DEFAULT))
    sequence = parse_sequence(args.text, reader=understand)
    steps = []
    for step in sequence.steps:
        reading = read(step.goal.text) if step.goal and step.goal.text else None
        if args.current and reading and reading.relative:
            print(f'relative to {args.current!r}:', file=out)
        for line in _lines(step, reading):
            print(line, file=out)
        steps.append(_to_dict(step, reading))
    for remark in sequence.remarks:
        print(f'note: {remark}', file=out)
    intents = [step['intent'] for step in steps]
    write_json({'intents': intents, 'steps': steps,
                'constraints': [c for step in steps for c in step['constraints']],
                'ignored': [word for step in steps for word in step['ignored']],
                'confidence': understand(args.text).confidence}, args.json)
    return 0


def _readers(domain: Domain) -> tuple[Callable[[str], TextReading],
                                      Callable[[str], Understood]]:
    """Return what reads a text, and what tells a walk from rest, as the shipped bundle does."""
    if domain.captions is None:
        raise ValueError(f'the domain {domain.name} has no words')
    if domain.captions.reader is None:
        return domain.captions.read, understand_words
    from policy_gen_ros.generation.generator import PolicyGenerator

    generator = PolicyGenerator.load(domain=domain.name)
    return generator.read, generator.understand


def _lines(step: Step, reading: TextReading | None) -> list[str]:
    """Return what a step was understood as, for people."""
    intent = (step.intent or step.rest).value
    lines = [f'{intent}: {step.describe()}' + (f', {step.seconds:g} s' if step.seconds else '')]
    if step.until and reading is None:
        lines.append(f'  until: {_amount(step.until)}')
    if reading is None:
        return lines
    if reading.text != step.describe():
        lines.append(f'  in other words: {reading.text or "(nothing that could be said so)"}')
    lines += [f'  gait: {" or ".join(reading.groups)}'] * bool(reading.groups)
    lines += [f'  not: {", ".join(reading.excluded)}'] * bool(reading.excluded)
    lines += [f'  {item.describe()}' for item in reading.constraints]
    lines += [f'  {item.describe()}' for item in reading.changes]
    if reading.until:
        lines.append(f'  until: {_amount(reading.until)}')
    lines += [f'  impossible: {words}' for words in reading.impossible]
    if reading.confidence:
        lines.append('  confidence: ' + ', '.join(f'{name} {share:.2f}' for name, share
                                                  in reading.confidence.items()))
    lines += [f'  ignored: {", ".join(reading.ignored)}'] * bool(reading.ignored)
    return lines + [f'  note: {remark}' for remark in reading.remarks]


def _amount(until: Amount) -> str:
    return f'{until.words} ({until.measure} adds up to {until.total:.3g})'


def _to_dict(step: Step, reading: TextReading | None) -> dict[str, Any]:
    """Return the same as JSON has it."""
    until = step.until or (reading.until if reading else None)
    reading = reading or TextReading('')
    return {
        'intent': (step.intent or step.rest).value, 'text': step.describe(),
        'seconds': step.seconds, 'read_as': reading.text, 'groups': list(reading.groups),
        'excluded': list(reading.excluded),
        'constraints': [{'measure': c.measure, 'low': _finite(c.low), 'high': _finite(c.high),
                         'words': c.words} for c in reading.constraints],
        'changes': [{'quantity': c.quantity, 'factor': c.factor, 'offset': c.offset,
                     'words': c.words} for c in reading.changes],
        'until': None if until is None else {'measure': until.measure, 'total': until.total},
        'impossible': list(reading.impossible), 'ignored': list(reading.ignored),
        'confidence': dict(reading.confidence)}


def _finite(value: float) -> float | None:
    """Return a limit as JSON has it: null where there is none."""
    return value if abs(value) != float('inf') else None

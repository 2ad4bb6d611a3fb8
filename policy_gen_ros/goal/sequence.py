# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Goals in time: "trot for 5 s, then bound forward, then stand", or the same as YAML.

YAML is a list of steps: a text, or ``text`` or ``measures`` (or both) and ``seconds``::

    - {text: trot forward, seconds: 5}
    - {measures: {contact_fl: 0.5, vx_mps: 0.4}, seconds: 5}
    - stand
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import re
import reprlib
from types import NoneType

from policy_gen_ros.goal.goal import Goal
from policy_gen_ros.goal.pruning import trouble_in_text
import yaml

MAX_LENGTH = 4000
MAX_STEPS = 50
MIN_STEP_S, MAX_STEP_S = 0.5, 3600.0
USUAL_STEP_S = 8.0
"""Of a step that does not say how long, but for the last, which has no end."""
STAND = 'stand'

_NEXT = re.compile(r'[\s,;.]*\b(?:and\s+)?(?:then|after that|afterwards)\b[\s,:]*', re.I)
_WORD_NUMBERS = {'a': 1.0, 'an': 1.0, 'one': 1.0, 'two': 2.0, 'three': 3.0, 'four': 4.0,
                 'five': 5.0, 'ten': 10.0, 'twenty': 20.0, 'thirty': 30.0}
_DURATION = re.compile(
    rf'\bfor\s+(?:about\s+)?(\d+(?:\.\d+)?|{"|".join(_WORD_NUMBERS)})\s*'
    r'(s|secs?|seconds?|min|mins|minutes?)\b', re.I)
_STAND = re.compile(r'(please\s+)?(stand|stop|halt|come to a (stop|halt|stand))'
                    r'(\s+(still|there|moving))?', re.I)
_KEYS = {'text', 'measures', 'seconds'}


@dataclass(frozen=True)
class Step:
    """
    One goal of a sequence.

    :param goal: None to stand still
    :param seconds: how long, MIN_STEP_S to MAX_STEP_S; None: until there is another goal
    """

    goal: Goal | None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.seconds is not None and not MIN_STEP_S <= self.seconds <= MAX_STEP_S:
            raise ValueError(f'step {self.describe()!r} lasts {self.seconds:g} s, expected '
                             f'{MIN_STEP_S:g} to {MAX_STEP_S:g} s')

    def describe(self) -> str:
        """One line for logs."""
        return self.goal.describe() if self.goal else STAND

    def to_text(self) -> str:
        """Return what :func:`parse_sequence` reads as this step alone, without its time."""
        if self.goal is None:
            return STAND
        if self.goal.measures is None and _is_one_goal(self.goal.text or ''):
            return self.describe()
        said = {'text': self.goal.text, 'measures': dict(self.goal.measures or {})}
        return yaml.safe_dump([{key: value for key, value in said.items() if value}],
                              sort_keys=False)


@dataclass(frozen=True)
class Sequence:
    """
    Steps in order. A single goal is a sequence of one.

    :param remarks: what was left out, and why
    """

    steps: tuple[Step, ...]
    remarks: tuple[str, ...] = ()

    @classmethod
    def of(cls, goal: Goal) -> Sequence:
        """Return a single goal, until further notice."""
        return cls((Step(goal),))


def parse_sequence(text: str, step_s: float = USUAL_STEP_S) -> Sequence:
    """
    Read a goal text, a sequence of them in one sentence, or YAML.

    Steps whose words mean trouble are left out, see :mod:`policy_gen_ros.goal.pruning`. After a
    last step that says how long it lasts, the robot stands.

    :param step_s: time of steps that do not say how long
    :raises ValueError: malformed, too long, or nothing is left
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f'the goal text has {len(text)} characters, '
                         f'at most {MAX_LENGTH} are read')
    said = _from_yaml(text) if _is_yaml(text) else _from_sentence(text)
    if len(said) > MAX_STEPS:
        raise ValueError(f'the sequence has {len(said)} steps, at most {MAX_STEPS} are read')
    steps, remarks = [], []
    for step in said:
        words = step.goal.text if step.goal else None
        trouble = trouble_in_text(words) if words else None
        if trouble:
            remarks.append(f'{step.describe()!r} is left out: {trouble!r} means trouble')
        else:
            steps.append(step)
    if not steps:
        raise ValueError('; '.join(remarks))
    if steps[-1].seconds is not None and steps[-1].goal:
        steps.append(Step(None))
    return Sequence((*(step if step.seconds else Step(step.goal, step_s) for step in steps[:-1]),
                     steps[-1]), tuple(remarks))


def _is_yaml(text: str) -> bool:
    return text.lstrip().startswith(('- ', '['))


def _is_one_goal(text: str) -> bool:
    return not (_is_yaml(text) or _NEXT.search(text) or _DURATION.search(text))


def _from_sentence(text: str) -> list[Step]:
    return [_step(*_take_duration(part)) for part in _NEXT.split(text) if part.strip()] \
        or [_step(text, None)]


def _take_duration(part: str) -> tuple[str, float | None]:
    found = _DURATION.search(part)
    if not found:
        return part, None
    number = _WORD_NUMBERS.get(found[1].lower()) or float(found[1])
    seconds = number * (60 if found[2].lower().startswith('min') else 1)
    return f'{part[:found.start()]} {part[found.end():]}', seconds


def _from_yaml(text: str) -> list[Step]:
    try:
        listed = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f'the goals are not YAML: {" ".join(str(error).split())}') from None
    if not isinstance(listed, list) or not listed:
        raise ValueError('the goals are not a YAML list of steps such as '
                         '"- {text: trot forward, seconds: 5}"')
    return [_from_item(number, item) for number, item in enumerate(listed, 1)]


def _from_item(number: int, item: object) -> Step:
    try:
        if isinstance(item, str):
            return _step(*_take_duration(item))
        if isinstance(item, dict) and _KEYS >= item.keys() > item.keys() & {'seconds'}:
            return _from_mapping(item)
    except ValueError as error:
        raise ValueError(f'step {number}: {error}') from None
    # Not repr: a few aliases make a short text a list of millions.
    raise ValueError(f'step {number} is {reprlib.repr(item):.80}, expected text or measures, '
                     'and seconds, such as {text: trot forward, seconds: 5}')


def _from_mapping(item: Mapping[str, object]) -> Step:
    text, measures, seconds = (item.get(key) for key in ('text', 'measures', 'seconds'))
    if not isinstance(text, (str, NoneType)):
        raise ValueError(f'text is {reprlib.repr(text):.80}, expected words')
    if not isinstance(measures, (dict, NoneType)):
        raise ValueError(f'measures are {reprlib.repr(measures):.80}, expected name: value pairs')
    if not isinstance(seconds, (int, float, NoneType)):
        raise ValueError(f'seconds are {reprlib.repr(seconds):.80}, expected a number')
    return _step(text, seconds, measures)


def _step(text: str | None, seconds: float | None,
          measures: Mapping[str, float] | None = None) -> Step:
    if text and measures is None and _STAND.fullmatch(text.strip(' .!')):
        return Step(None, seconds)
    return Step(Goal(text=text, measures=measures), seconds)

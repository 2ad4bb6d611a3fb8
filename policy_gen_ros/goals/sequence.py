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

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
import reprlib
from types import NoneType

from policy_gen_ros.domains import find_domain
from policy_gen_ros.goals.clauses import NEXT, parts_of, take_time
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.durations import find_duration, in_seconds
from policy_gen_ros.goals.language.intents import Intent, Understood
from policy_gen_ros.goals.language.reading import Amount
from policy_gen_ros.goals.language.understanding import understand
import yaml

MAX_LENGTH = 4000
MAX_STEPS = 50
MIN_STEP_S, MAX_STEP_S = 0.5, 3600.0
USUAL_STEP_S = 8.0
"""Of a step that does not say how long, but for the last, which has no end."""

_KEYS = {'text', 'measures', 'seconds'}
_Reader = Callable[[str], Understood]


@dataclass(frozen=True)
class Step:
    """
    One goal of a sequence.

    :param goal: None to rest
    :param seconds: how long, MIN_STEP_S to MAX_STEP_S; None: until there is another goal
    :param until: what ends it sooner than another goal, such as a way
    :param intent: what the step asks for; where not given to walk, or to stand without a goal
    """

    goal: Goal | None
    seconds: float | None = None
    intent: Intent | None = None
    until: Amount | None = None

    def __post_init__(self) -> None:
        if self.intent is None:
            object.__setattr__(self, 'intent', Intent.WALK if self.goal else Intent.STAND)
        if self.seconds is not None and not MIN_STEP_S <= self.seconds <= MAX_STEP_S:
            raise ValueError(f'step {self.describe()!r} lasts {self.seconds:g} s, expected '
                             f'{MIN_STEP_S:g} to {MAX_STEP_S:g} s')

    def describe(self) -> str:
        """One line for logs."""
        return self.goal.describe() if self.goal else self.rest.value

    @property
    def rest(self) -> Intent:
        """How a step without a goal rests."""
        return self.intent or Intent.STAND

    def to_text(self) -> str:
        """Return what :func:`parse_sequence` reads as this step alone, without its time."""
        if self.goal is None:
            return self.rest.value
        if self.goal.measures is None and _is_one_goal(self.goal.text or ''):
            return self.describe()
        step = {'text': self.goal.text, 'measures': dict(self.goal.measures or {})}
        return yaml.safe_dump([{key: value for key, value in step.items() if value}],
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


def parse_sequence(text: str, step_s: float = USUAL_STEP_S,
                   reader: Callable[[str], Understood] | None = None) -> Sequence:
    """
    Read a goal text, a sequence of them in one sentence, or YAML.

    What a step asks for, to walk or to rest, is decided first. Steps whose words ask for a
    failure are left out, see Policy Diffusion's pruning, and so are steps after the robot
    has lain down: it gets up for a user, not by itself. After a last step that says how long it
    lasts, the robot stands.

    :param step_s: time of steps that do not say how long
    :param reader: decides what a text asks for, such as
        :meth:`policy_gen_ros.generation.generator.PolicyGenerator.understand`; default:
        :func:`understand_words`
    :raises ValueError: malformed, too long, or nothing is left
    """
    reader = reader or understand_words
    if len(text) > MAX_LENGTH:
        raise ValueError(f'the goal text has {len(text)} characters, '
                         f'at most {MAX_LENGTH} are read')
    listed = (_from_yaml if _is_yaml(text) else _from_sentence)(text, reader)
    if len(listed) > MAX_STEPS:
        raise ValueError(f'the sequence has {len(listed)} steps, at most {MAX_STEPS} are read')
    steps, remarks = [], []
    for place, step in enumerate(listed, 1):
        if step.intent in (Intent.LIE_DOWN, Intent.EMERGENCY):
            steps.append(step)
            remarks += [f'{later.describe()!r} is left out: it comes after {step.describe()!r}'
                        for later in listed[place:]]
            break
        words = step.goal.text if step.goal else None
        failure = _failure(words) if words else None
        if failure:
            remarks.append(f'{step.describe()!r} is left out: {failure!r} asks for a failure')
        else:
            steps.append(step)
    if not steps:
        raise ValueError('; '.join(remarks))
    if steps[-1].goal and (steps[-1].seconds is not None or steps[-1].until is not None):
        steps.append(Step(None))
    timed = (step if step.seconds or step.until else replace(step, seconds=step_s)
             for step in steps[:-1])
    return Sequence((*timed, steps[-1]), tuple(remarks))


def understand_words(text: str) -> Understood:
    """Decide what a text asks for without a text encoder."""
    language = find_domain().captions
    return understand(text, moves=language is not None and language.read(text).moves)


def _is_yaml(text: str) -> bool:
    return text.lstrip().startswith(('- ', '['))


def _is_one_goal(text: str) -> bool:
    return not (_is_yaml(text) or NEXT.search(text) or find_duration(text))


def _from_sentence(text: str, reader: _Reader) -> list[Step]:
    text = in_seconds(text)
    steps = [_step(reader, *take_time(part)) for part in parts_of(text) if part.strip()]
    if not steps:
        return [_step(reader, text, None)]
    if len(steps) > 1:  # its words part the text, unless that is the order of the legs in a gait
        one = not any(map(_ends_by_itself, steps)) and reader(text).steps == ()
        return [_step(reader, text, None)] if one else steps
    whole = reader(text)
    read = [_step(reader, *take_time(part)) for part in whole.steps or ()]
    return read if _are_steps(read, text, whole.intent.rests) else steps


def _are_steps(read: list[Step], text: str, rests: bool) -> bool:
    """
    Whether what a reader found in a text are steps: some walk, and all ask for what it wants.

    :param rests: the text as a whole asks for rest, which must not wait for a walk without an end
    """
    if not any(step.goal for step in read) \
            or any(step.intent is Intent.NEITHER for step in read) \
            or (rests and not all(map(_ends_by_itself, read))):
        return False
    language = find_domain().captions
    if language is None:
        return True
    ruled_out = {*language.read(text).excluded}  # "stop trotting and bound": no step trots
    return not any(ruled_out & {*language.read(step.goal.text).groups}
                   for step in read if step.goal and step.goal.text)


def _ends_by_itself(step: Step) -> bool:
    return not step.goal or bool(step.seconds or step.until)


def _from_yaml(text: str, reader: _Reader) -> list[Step]:
    try:
        listed = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f'the goals are not YAML: {" ".join(str(error).split())}') from None
    if not isinstance(listed, list) or not listed:
        raise ValueError('the goals are not a YAML list of steps such as '
                         '"- {text: trot forward, seconds: 5}"')
    return [_from_item(reader, number, item) for number, item in enumerate(listed, 1)]


def _from_item(reader: _Reader, number: int, item: object) -> Step:
    try:
        if isinstance(item, str):
            return _step(reader, *take_time(item))
        if isinstance(item, dict) and _KEYS >= item.keys() > item.keys() & {'seconds'}:
            return _from_mapping(reader, item)
    except ValueError as error:
        raise ValueError(f'step {number}: {error}') from None
    # Not repr: a few aliases make a short text a list of millions.
    raise ValueError(f'step {number} is {reprlib.repr(item):.80}, expected text or measures, '
                     'and seconds, such as {text: trot forward, seconds: 5}')


def _from_mapping(reader: _Reader, item: Mapping[str, object]) -> Step:
    text, measures, seconds = (item.get(key) for key in ('text', 'measures', 'seconds'))
    if not isinstance(text, (str, NoneType)):
        raise ValueError(f'text is {reprlib.repr(text):.80}, expected words')
    if not isinstance(measures, (dict, NoneType)):
        raise ValueError(f'measures are {reprlib.repr(measures):.80}, expected name: value pairs')
    if not isinstance(seconds, (int, float, NoneType)):
        raise ValueError(f'seconds are {reprlib.repr(seconds):.80}, expected a number')
    return _step(reader, text, seconds, measures)


def _step(reader: _Reader, text: str | None, seconds: float | None,
          measures: Mapping[str, float] | None = None) -> Step:
    understood = reader(text) if text else Understood(Intent.WALK)
    intent = understood.intent
    if intent.rests and not understood.words and _failure(text or ''):
        intent = Intent.WALK  # a guess from words for a failure: "fall over" is no emergency
    if intent.rests:
        # Whatever else is wrong with a step, a rest is not refused for it.
        usable = seconds is not None and MIN_STEP_S <= seconds <= MAX_STEP_S
        return Step(None, seconds if usable else None, intent)
    goal, language = Goal(text=text, measures=measures), find_domain().captions
    until = language.read(goal.text).until if language and goal.text else None
    return Step(goal, seconds, intent, None if seconds else until)


def _failure(text: str) -> str | None:
    """Return words of a text that ask for a failure, such as a fall."""
    language = find_domain().captions
    return language.failure(text) if language else None

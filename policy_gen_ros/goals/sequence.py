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
from dataclasses import replace
import reprlib
from types import NoneType

from policy_gen_ros.domains import find_domain
from policy_gen_ros.goals.clauses import delayed_part, parts_of, take_time
from policy_gen_ros.goals.goal import Goal
from policy_gen_ros.goals.language.delays import doubtful, find_delay
from policy_gen_ros.goals.language.durations import find_duration, in_seconds
from policy_gen_ros.goals.language.intents import Intent, Understood
from policy_gen_ros.goals.language.understanding import understand
from policy_gen_ros.goals.steps import is_yaml, joined, Sequence, Step, usable
import yaml

MAX_LENGTH = 4000
MAX_STEPS = 50
USUAL_STEP_S = 8.0
"""Of a step that does not say how long, but for the last, which has no end."""

_KEYS = {'text', 'measures', 'seconds'}
_Reader = Callable[[str], Understood]


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
    listed = (_from_yaml if is_yaml(text) else _from_sentence)(text, reader)
    if len(listed) > MAX_STEPS:
        raise ValueError(f'the sequence has {len(listed)} steps, at most {MAX_STEPS} are read')
    listed = joined(listed)
    steps, remarks = [], [step.remark for step in listed if step.remark]
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
    if all(step.keeps for step in steps):
        raise ValueError('; '.join(remarks) or f'{text!r} does not say what to do')
    last = steps[-1]
    if last.keeps or (last.goal and (last.seconds is not None or last.until is not None)):
        steps.append(Step(None))
    timed = (step if step.seconds or step.until else replace(step, seconds=step_s)
             for step in steps[:-1])
    return Sequence((*timed, steps[-1]), tuple(remarks))


def understand_words(text: str) -> Understood:
    """Decide what a text asks for without a text encoder."""
    language = find_domain().captions
    if language is None:
        return understand(text)
    reading = language.read(text)
    return understand(text, moves=reading.moves, trick=reading.trick)


def _from_sentence(text: str, reader: _Reader) -> list[Step]:
    text = in_seconds(text)
    urgent = doubtful(text)
    steps = [step for part in parts_of(text) if part.strip()
             for step in _steps(reader, part, urgent)]
    if not steps:
        return [_step(reader, text, None)]
    if find_delay(text) and any(step.intent is Intent.NEITHER for step in steps) and (
            rests := [step for step in steps if not step.goal and not step.keeps]):
        # "In 3 s you hit the wall, stop": no rest waits for what is not understood.
        return [replace(rests[-1], remark='what it comes after is not understood')]
    if len(steps) > 1:  # its words part the text, unless that is the order of the legs in a gait
        one = not any(map(_ends_by_itself, steps)) and reader(text).steps == ()
        return [_step(reader, text, None)] if one else steps
    if steps[0].remark:
        return steps
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
    return [step for number, item in enumerate(listed, 1)
            for step in _from_item(reader, number, item)]


def _from_item(reader: _Reader, number: int, item: object) -> list[Step]:
    try:
        if isinstance(item, str):
            return _steps(reader, in_seconds(item), doubtful(item))
        if isinstance(item, dict) and _KEYS >= item.keys() > item.keys() & {'seconds'}:
            return [_from_mapping(reader, item)]
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


def _steps(reader: _Reader, part: str, urgent: bool) -> list[Step]:
    """
    Read a part, which may have an order that comes later.

    :param urgent: what rests does so at once, whatever the part says
    """
    delayed = delayed_part(part)
    if delayed is None:
        text, seconds = take_time(part)
        if seconds is not None and not any(character.isalpha() for character in text):
            # "3 s, then halt"
            return [Step(None, seconds, Intent.WALK)] if usable(seconds) and not urgent else []
        if seconds is not None and not find_duration(part) and reader(part).intent.rests:
            text = part  # the duration was only read in other words, which may lack some
        return [_step(reader, text, seconds)]
    order = [_step(reader, *take_time(delayed.order))] if delayed.order else []
    walks = [step for step in order if step.goal]
    waits = not urgent and delayed.certain and (delayed.until or usable(delayed.seconds))
    if walks and not (waits and delayed.delay.plain):
        return [_step(reader, *take_time(part))]
    if waits:
        first = [_step(reader, *take_time(delayed.first))] if delayed.first else []
        keep = Step(None, delayed.seconds, Intent.WALK, delayed.until)
        return [*first, keep, *order]
    remark = f'{delayed.delay.words!r} is not waited for'
    return [replace(step, remark=remark) for step in order]


def _step(reader: _Reader, text: str | None, seconds: float | None,
          measures: Mapping[str, float] | None = None) -> Step:
    understood = reader(text) if text else Understood(Intent.WALK)
    intent = understood.intent
    if intent.rests and not understood.words and _failure(text or ''):
        intent = Intent.WALK  # a guess from words for a failure: "fall over" is no emergency
    if intent.rests:
        # Whatever else is wrong with a step, a rest is not refused for it.
        return Step(None, seconds if usable(seconds) else None, intent)
    goal, language = Goal(text=text, measures=measures), find_domain().captions
    until = language.read(goal.text).until if language and goal.text else None
    return Step(goal, seconds, intent, None if seconds else until)


def _failure(text: str) -> str | None:
    """Return words of a text that ask for a failure, such as a fall."""
    language = find_domain().captions
    return language.failure(text) if language else None

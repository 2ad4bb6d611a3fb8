# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
What a foreign policy's weights do not say: its observation, joints, pose, gains and history.

Projects agree on little but the robot, so each folder of policies comes with one ``spec.json``.
Values per joint are in the order of the spec's own ``joints``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
import json
import math
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.importers.fields import (
    build,
    choice,
    Convert,
    ForeignSpecError,
    listed,
    number,
    optional,
    repeated,
    text,
    whole,
)
from policy_gen_ros.domains.go2.importers.observation import (
    ADAPTOR_TERMS,
    MAX_UNITS,
    read_term,
    Term,
    TERM_KEYS,
)
from policy_gen_ros.domains.go2.robot import constants as go2
from policy_gen_ros.utils.naming import suggest
from policy_gen_ros.utils.paths import share_file

FORMAT = 'policy_gen_ros/foreign_policy/1'
SPEC_FILE = 'spec.json'
SHARED_ADAPTOR = 'shared'
OWN_SPEC = 'policy_gen'
"""The shipped spec whose policies our controller runs, and which archives hold without saying."""
ACTIVATIONS = ('elu', 'leaky_relu', 'relu', 'selu', 'silu', 'tanh')
HISTORY_ORDERS = ('oldest_first', 'newest_first')
_SHIPPED_PREFIX = 'foreign_'


@dataclass(frozen=True)
class AdaptorSpec:
    """
    A second network whose output, the latent, the policy reads.

    :param file: beside the policy's own file; ``shared`` is the one adaptor of the archive, or of
        the shipped bundle where the archive is new
    :param latent_dim: of a ``shared`` one, what its file says counts
    :param hidden_sizes: None accepts any, the same for all policies of an archive
    """

    file: str
    latent_dim: int
    observation: tuple[Term, ...]
    history_length: int = 1
    history_order: str = HISTORY_ORDERS[0]
    hidden_sizes: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if any(term.term in ADAPTOR_TERMS for term in self.observation):
            raise ForeignSpecError(f'adaptor.observation: {" and ".join(ADAPTOR_TERMS)} come from '
                                   'the adaptor, so it cannot read them')

    @property
    def frame_size(self) -> int:
        """Values of one observation, before stacking."""
        return sum(term.size for term in self.observation)

    @property
    def input_size(self) -> int:
        """Values of the stacked history."""
        return self.frame_size * self.history_length

    @property
    def layer_sizes(self) -> tuple[int | None, ...]:
        """Units of all layers; see :func:`sizes_fit`."""
        return (self.input_size, *(self.hidden_sizes or (None,)), self.latent_dim)


@dataclass(frozen=True)
class ForeignSpec:
    """
    The interface of the policies in one folder.

    :param observation: in the order in which the network reads it
    :param joints: names of the joints in the policies' order
    :param action_scale: target angle [rad] = default pose + scale * clipped action
    :param activation: of the hidden layers, of an adaptor's too
    :param hidden_sizes: None accepts any, the same for all policies of an archive
    :param history_length: observations stacked, whole and zero at reset, for the network
    :param files: patterns of policy files, relative to the folder
    :param commands: vx m/s, vy m/s, yaw rate rad/s to walk under, the nominal one first; empty
        for the importer's own
    :raises ForeignSpecError: a value that no twin of ours can honour
    """

    name: str
    observation: tuple[Term, ...]
    joints: tuple[str, ...]
    default_pose_rad: tuple[float, ...]
    action_scale: tuple[float, ...]
    action_clip: float
    kp: tuple[float, ...]
    kd: tuple[float, ...]
    control_dt_s: float
    activation: str
    observation_clip: float | None = None
    hidden_sizes: tuple[int, ...] | None = None
    history_length: int = 1
    history_order: str = HISTORY_ORDERS[0]
    adaptor: AdaptorSpec | None = None
    files: tuple[str, ...] = ('*.pt', '*.pth', '*.jit', '*.safetensors')
    commands: tuple[tuple[float, ...], ...] = ()
    source: str = ''

    def __post_init__(self) -> None:
        wrong = sorted(set(self.joints) - set(go2.JOINT_NAMES))
        if wrong:
            raise ForeignSpecError('joints: unknown '
                                   f'{wrong[0]!r:.40}{suggest(wrong[0], go2.JOINT_NAMES)}')
        if len(set(self.joints)) != go2.NUM_JOINTS:
            raise ForeignSpecError(f'joints: expected each of {", ".join(go2.JOINT_NAMES)} once')
        if not math.isclose(self.control_dt_s, go2.CONTROL_DT_S, rel_tol=1e-6):
            raise ForeignSpecError(
                f'control_dt_s is {self.control_dt_s:g}: the twin runs policies every '
                f'{go2.CONTROL_DT_S:g} s, and trajectories have one row for each tick')
        if len({term.frequency_hz for term in self.all_terms if term.term == 'clock'}) > 1:
            raise ForeignSpecError('the clocks differ in frequency_hz; there is one phase')
        learned = [term.term for term in self.observation if term.term in ADAPTOR_TERMS]
        if learned and self.adaptor is None:
            raise ForeignSpecError(f'the observation has the term {learned[0]!r}, but there is no '
                                   '"adaptor" to give it')
        if learned and self.history_length > 1:
            raise ForeignSpecError(f'history_length {self.history_length} would stack the term '
                                   f'{learned[0]!r}; the adaptor has its own history_length')
        if self.adaptor is not None and 'latent' not in learned:
            raise ForeignSpecError('there is an "adaptor", but the observation reads no "latent"')
        if self.clock_hz is None and not (self.adaptor and self.adaptor.file == SHARED_ADAPTOR):
            raise ForeignSpecError('frequency_hz: only actors of this package name the rate of '
                                   f'their clock, and they share an adaptor (file: '
                                   f'{SHARED_ADAPTOR!r})')
        if self.input_size > MAX_UNITS:
            raise ForeignSpecError(f'the network would read {self.input_size} values; '
                                   f'at most {MAX_UNITS} are supported')

    @property
    def frame_size(self) -> int:
        """Values of one observation, before stacking."""
        learned = {'latent': self.adaptor.latent_dim,
                   'adaptor_history': self.adaptor.input_size} if self.adaptor else {}
        return sum(term.size + learned.get(term.term, 0) for term in self.observation)

    @property
    def input_size(self) -> int:
        """Values that the network reads."""
        return self.frame_size * self.history_length

    @property
    def layer_sizes(self) -> tuple[int | None, ...]:
        """Units of all layers; see :func:`sizes_fit`."""
        return (self.input_size, *(self.hidden_sizes or (None,)), go2.NUM_JOINTS)

    @property
    def from_ours(self) -> np.ndarray:
        """``foreign_values = our_values[from_ours]``. Shape: (12,)."""
        return np.array([go2.JOINT_NAMES.index(name) for name in self.joints])

    @property
    def all_terms(self) -> tuple[Term, ...]:
        """Terms of the policy and of its adaptor."""
        return self.observation + (self.adaptor.observation if self.adaptor else ())

    @property
    def clock_hz(self) -> float | None:
        """Rate of the clock that the policies see: NaN without one, None where it is theirs."""
        rates = [term.frequency_hz for term in self.all_terms if term.term == 'clock']
        return rates[0] if rates else math.nan

    @property
    def simulation_only(self) -> bool:
        """Whether it reads what only a simulator knows."""
        return any(term.term == 'base_lin_vel' for term in self.all_terms)

    @property
    def interface(self) -> ForeignSpec:
        """Return the spec without what does not matter to a running policy, for comparisons."""
        return replace(self, name='', source='', files=(), commands=())

    def with_hidden_sizes(self, policy: tuple[int, ...],
                          adaptor: tuple[int, ...] | None) -> ForeignSpec:
        """Return the spec with its layer sizes filled in."""
        inner = replace(self.adaptor, hidden_sizes=adaptor) if self.adaptor else None
        return replace(self, hidden_sizes=policy, adaptor=inner)

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` reads it back."""
        raw = {'format': FORMAT, **asdict(self)}
        for part in (raw, raw['adaptor'] or {'observation': ()}):
            part['observation'] = [
                {key: term[key] for key in ('term', *TERM_KEYS[term['term']])}
                for term in part['observation']]
        return json.dumps(raw, indent=1)

    @classmethod
    def from_json(cls, content: str | bytes) -> ForeignSpec:
        """
        Parse and check a spec.

        :raises ForeignSpecError: not JSON, unknown or missing keys, or a wrong value
        """
        try:
            raw = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ForeignSpecError(f'not JSON: {error}') from error
        found = raw.pop('format', None) if isinstance(raw, dict) else None
        if found != FORMAT:
            raise ForeignSpecError(f'format is {found!r:.60}, this version reads {FORMAT!r}')
        spec: ForeignSpec = build(cls, raw, '', _CONVERTERS)
        return spec


def sizes_fit(sizes: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    """Whether layer sizes are as a spec says; there, None stands for any hidden layers."""
    if None in expected:
        return len(sizes) > 2 and (sizes[0], sizes[-1]) == (expected[0], expected[-1])
    return sizes == expected


def shipped_specs() -> dict[str, Path]:
    """Specs that come with the package, by name."""
    folder = share_file(f'config/{_SHIPPED_PREFIX}{OWN_SPEC}.json').parent
    found = sorted(folder.glob(f'{_SHIPPED_PREFIX}*.json'))
    return {path.stem.removeprefix(_SHIPPED_PREFIX): path for path in found}


def load_spec(spec: str | None, folder: Path) -> ForeignSpec:
    """
    Load a shipped spec by name or any by path; without either, ``spec.json`` of the folder.

    :raises ForeignSpecError: there is none, or it is malformed; the message names the file
    """
    shipped = shipped_specs()
    path = folder / SPEC_FILE if spec is None else shipped.get(spec, Path(spec))
    if not path.is_file():
        raise ForeignSpecError(f'no spec at {path}: give a file, or one of the shipped specs: '
                               + ', '.join(shipped))
    try:
        return ForeignSpec.from_json(path.read_bytes())
    except ForeignSpecError as error:
        raise ForeignSpecError(f'{path}: {error}') from error


def _pattern(value: object, where: str) -> str:
    pattern: str = text(value, where)
    if not pattern or pattern.startswith('/') or '..' in pattern:
        raise ForeignSpecError(f'{where} is {pattern!r}, expected a pattern inside the folder')
    return pattern


def _per_joint(low: float, high: float) -> Convert:
    return repeated(number(low, high), go2.NUM_JOINTS)


_CONVERTERS: dict[str, Convert] = {
    'file': text, 'latent_dim': whole(1, MAX_UNITS), 'name': text, 'source': text,
    'observation': listed(read_term, 1, 100),
    'joints': listed(text, go2.NUM_JOINTS, go2.NUM_JOINTS),
    'default_pose_rad': _per_joint(-math.pi, math.pi), 'action_scale': _per_joint(-10, 10),
    'action_clip': number(1e-3, 1e6), 'kp': _per_joint(0.1, 500), 'kd': _per_joint(0, 50),
    'control_dt_s': number(1e-3, 1), 'activation': choice(*ACTIVATIONS),
    'observation_clip': optional(number(1e-3, 1e6)),
    'hidden_sizes': optional(listed(whole(1, MAX_UNITS), 1, 10)),
    'history_length': whole(1, 100), 'history_order': choice(*HISTORY_ORDERS),
    'adaptor': optional(lambda raw, where: build(AdaptorSpec, raw, f'{where}.', _CONVERTERS)),
    'files': listed(_pattern, 1, 20),
    'commands': listed(listed(number(-3, 3), 3, 3), 0, 20)}

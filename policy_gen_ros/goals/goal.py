# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What a user asks for: a sentence, behaviour measures, a trajectory, or several of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from policy_gen_ros.domains import DEFAULT, find_domain

if TYPE_CHECKING:
    from policy_gen_ros.policies.weights import ActorWeights

MAX_TEXT_LENGTH = 500


@dataclass(frozen=True, eq=False)
class Goal:
    """
    A goal for the generator. What is left out is left open.

    :param text: a sentence of 1 to 500 characters
    :param measures: some of the domain's, in their units
    :param trajectory: rows of behaviour, of the Go2 at 50 Hz. Shape: (time >= 40, 42)
    :param domain: name of the domain that the goal is for
    :param current: the policy that acts now: texts such as "faster" are relative to its measures
    :raises ValueError: nothing was asked, or a part is malformed; the message names it
    """

    text: str | None = None
    measures: Mapping[str, float] | None = None
    trajectory: np.ndarray | None = None
    domain: str = DEFAULT
    current: ActorWeights | None = None

    def __post_init__(self) -> None:
        if self.text is None and self.measures is None and self.trajectory is None:
            raise ValueError('a goal needs a text, measures or a trajectory')
        if self.text is not None:
            text = ' '.join(self.text.split())
            if not any(character.isalpha() for character in text):
                raise ValueError('the goal text is empty; say what to do, e.g. "trot forward"')
            if len(text) > MAX_TEXT_LENGTH:
                raise ValueError(f'the goal text has {len(text)} characters, '
                                 f'at most {MAX_TEXT_LENGTH} are read')
            object.__setattr__(self, 'text', text)
        if self.measures is not None:
            object.__setattr__(self, 'measures',
                               find_domain(self.domain).measures.check(self.measures))
        if self.trajectory is not None:
            object.__setattr__(self, 'trajectory',
                               find_domain(self.domain).trajectory.check(self.trajectory))
        if self.current is not None and (unknown := [
                name for name in find_domain(self.domain).measures.names
                if name not in self.current.measures]):
            raise ValueError('the present policy does not say what it does '
                             f'({", ".join(unknown)} unknown): nothing can be relative to it')

    def describe(self) -> str:
        """One line for logs and for the actor's ``goal`` metadata."""
        parts = []
        if self.text is not None:
            parts.append(self.text)
        if self.measures is not None:
            parts.append(', '.join(f'{name}={value:g}' for name, value in self.measures.items()))
        if self.trajectory is not None:
            seconds = len(self.trajectory) * find_domain(self.domain).trajectory.dt_s
            parts.append(f'trajectory of {seconds:.1f} s')
        return '; '.join(parts)

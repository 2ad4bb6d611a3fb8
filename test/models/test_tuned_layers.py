# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The tuned layers begin as the encoder's own, and what was changed is kept."""

from __future__ import annotations

from bert_reference import bert_states
from policy_gen_ros.models.e5_weights import opened_weights
from policy_gen_ros.models.multilingual_e5 import DIM
from policy_gen_ros.models.tuned_layers import RANK, TunedLayers
import pytest
import torch

FIRST = 10


def test_they_begin_as_the_encoders_own() -> None:
    torch.manual_seed(0)
    mask = torch.arange(9) < torch.tensor([[3], [9], [4], [7]])
    with opened_weights() as weights, torch.inference_mode():
        states = bert_states(weights, torch.randn(4, 9, DIM), mask)
        found = TunedLayers(FIRST).eval()(states[FIRST], mask)
    torch.testing.assert_close(found[mask], states[-1][mask], atol=1e-5, rtol=0)


def test_changes_of_a_low_rank_are_kept_whole() -> None:
    torch.manual_seed(0)
    tuned, other = TunedLayers(FIRST), TunedLayers(FIRST)
    for value in tuned.layers.state_dict().values():
        value += 0.01 * torch.randn(len(value)) if value.ndim == 1 else 0.01 * torch.randn(
            len(value), RANK) @ torch.randn(RANK, value.shape[1])
    changes = tuned.changes()
    assert sum(map(torch.numel, changes.values())) < 0.15 * sum(
        map(torch.numel, tuned.parameters()))
    other.change(changes)
    for value, expected in zip(other.parameters(), tuned.parameters(), strict=True):
        torch.testing.assert_close(value, expected, atol=1e-5, rtol=0)


def test_changes_that_miss_a_layer_are_refused() -> None:
    with pytest.raises(KeyError):
        TunedLayers(FIRST).change(TunedLayers(FIRST + 1).changes())

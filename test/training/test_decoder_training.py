# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""What counts as an error of a decoded policy."""

from policy_gen_ros.training.decoder import action_errors
import torch


def test_what_is_clipped_alike_is_no_error():
    wanted = torch.tensor([1.0, 1.0, 1.0, -1.0, -1.0, 0.5, 0.5])
    actions = torch.tensor([1.0, 3.0, 0.75, -2.0, 2.0, 1.5, -3.0], requires_grad=True)
    errors = action_errors(actions, wanted, 1.0)
    assert errors.tolist() == [0.0, 0.0, -0.25, 0.0, 3.0, 1.0, -3.5]
    errors.square().sum().backward()
    # What lies beyond the wrong limit is drawn back, although clipping hides how far it is.
    assert actions.grad.tolist() == [0.0, 0.0, -0.5, 0.0, 6.0, 2.0, -7.0]


def test_actions_within_the_limit_have_plain_errors():
    actions, wanted = torch.randn(50), torch.randn(50)
    assert torch.equal(action_errors(actions, wanted, 100.0), actions - wanted)

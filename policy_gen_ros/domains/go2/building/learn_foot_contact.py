# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Training the network that tells which feet stand.

``python -m policy_gen_ros.domains.go2.building.learn_foot_contact`` writes
``config/foot_contact.safetensors`` anew, in three minutes of two cores. Base policies walk gaits
of all kinds on flat and on rough ground; walks of the last of them are only evaluated.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.learn_base import ConditionedPolicy, layers_of, mlp
from policy_gen_ros.domains.go2.building.screen import walk_base
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.domains.go2.gait.body_motion import (
    contact_features,
    FEATURES,
    FOOT_CONTACT_FILE,
    foot_motion,
    WINDOW_ROWS,
)
from policy_gen_ros.domains.go2.shipped import NOMINAL_FOLDER, SHIPPED_FOUNDATION
from policy_gen_ros.domains.go2.teacher.gait_parameters import sample_walks
from policy_gen_ros.domains.go2.twin.perturbation import NOMINAL, Perturbation, TRAINING
from policy_gen_ros.policies.weights import save_layers
from policy_gen_ros.utils.progress import progress
import torch

HIDDEN = (32, 32)
GROUNDS = (NOMINAL, TRAINING, Perturbation(bumps_m=0.03))


@dataclass(frozen=True)
class ContactTraining:
    """
    How much is walked, and how long the network learns.

    :param noise: standard deviation on its inputs
    """

    robots: int = 400
    seconds: float = 8.0
    steps: int = 6000
    batch: int = 1024
    learning_rate: float = 3e-3
    weight_decay: float = 1e-3
    noise: float = 0.1


def collect_contacts(base: ConditionedPolicy, adaptor: Adaptor, config: ContactTraining,
                     seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features of feet, and whether they stood. Shapes: (n, 45), (n,)."""
    features, contact = [], []
    for number, ground in enumerate(GROUNDS):
        gaits, command = sample_walks(config.robots, np.random.default_rng([seed, number]))
        for walked in walk_base(base, gaits.features(), gaits.frequency_hz, command, adaptor,
                                config.seconds, seed + number, ground):
            features.append(contact_features(foot_motion(walked.trajectory)).reshape(
                -1, FEATURES * (2 * WINDOW_ROWS + 1)))
            contact.append(walked.contact.ravel())
    return np.concatenate(features), np.concatenate(contact)


def train_contact(features: np.ndarray, contact: np.ndarray, config: ContactTraining,
                  seed: int) -> torch.nn.Sequential:
    """Train the network. Shapes: (n, 45), (n,)."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    x, y = torch.from_numpy(features), torch.from_numpy(contact).float()
    network = mlp((x.shape[1], *HIDDEN, 1))
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate,
                                                   total_steps=config.steps)
    for _ in progress(range(config.steps), about='foot contacts', unit='step'):
        pick = torch.randint(len(x), (config.batch,), generator=generator)
        rows = x[pick] + config.noise * torch.randn(
            config.batch, x.shape[1], generator=generator)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(rows)[:, 0], y[pick])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network


def main() -> None:
    """Train on walks of the shipped base policy, evaluate on those of the nominal one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--output', type=Path, default=Path(FOOT_CONTACT_FILE))
    options = parser.parse_args()
    config = ContactTraining()
    (features, contact), (seen, stood) = (
        collect_contacts(*kind.load_with_adaptor(folder), config, seed)
        for kind, folder, seed in (
            (SymmetricPolicy, SHIPPED_FOUNDATION, options.seed),
            (ConditionedPolicy, SHIPPED_FOUNDATION / NOMINAL_FOLDER, options.seed + 100)))
    network = train_contact(features, contact, config, options.seed)
    with torch.no_grad():
        found = (network(torch.from_numpy(seen))[:, 0] > 0).numpy()
    save_layers(layers_of(network), options.output)
    print(f'{(found == stood).mean():.3f} of {len(stood):,} feet right; wrote {options.output}')


if __name__ == '__main__':
    main()

# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Keep the training of a base policy in a small folder, and go on from it elsewhere.

    python tools/robust_checkpoint.py pack archives/x/foundation tools/checkpoints/robust_base
    python tools/robust_checkpoint.py unpack tools/checkpoints/robust_base archives/x/foundation

What is packed are the networks in half precision, the exploration, the learning rate and the
stage. The moments of the optimisers are not: they are 9 MB, and found again within a stage. So
training that goes on is not the same, bit for bit, as one that was never packed.
"""

from __future__ import annotations

import argparse
from functools import partial
import json
from pathlib import Path
from typing import Any

import numpy as np
from policy_gen_ros.domains.go2.adaptor import Adaptor
from policy_gen_ros.domains.go2.building.base_config import RobustConfig
from policy_gen_ros.domains.go2.building.latent_learning import AdaptorLearner
from policy_gen_ros.domains.go2.building.robust_finetuning import new_learner
from policy_gen_ros.domains.go2.building.symmetric import SymmetricPolicy
from policy_gen_ros.utils.files import write_stream, write_text
from policy_gen_ros.utils.tensors import load_tensors, save_tensors
import torch

BASE, ADAPTOR, CRITIC, STATE = ('base-0.safetensors', 'adaptor.safetensors', 'critic.safetensors',
                                'state.json')


def pack(foundation: Path, folder: Path) -> None:
    """Write what a learner's state file in a folder of base policies holds."""
    state: dict[str, Any] = torch.load(foundation / 'learner-0.pt', weights_only=True)
    folder.mkdir(parents=True, exist_ok=True)
    learner = state['learner']
    layers = [values.detach()[0].numpy() for values in learner['actors']]
    base = {f'network.{2 * i}.{part}': _half(value) for i in range(len(layers) // 2)
            for part, value in (('weight', layers[2 * i].T), ('bias', layers[2 * i + 1][0]))}
    save_tensors(base, folder / BASE)
    save_tensors({name: _half(value.numpy()) for name, value in
                  state['adaptor']['network'].items()}, folder / ADAPTOR)
    critic = {str(i): _half(value.detach().numpy()) for i, value in enumerate(learner['critics'])}
    save_tensors({**critic, 'log_std': _half(learner['log_std'].detach().numpy())},
                 folder / CRITIC)
    write_text(folder / STATE, json.dumps({'stage': state['stage'], 'rate': learner['rate']}))


def unpack(folder: Path, foundation: Path) -> None:
    """Write what ``archive build`` goes on from."""
    base = SymmetricPolicy.load(folder / BASE)
    adaptor = Adaptor.load(folder / ADAPTOR)
    kept = {name: torch.from_numpy(value.astype(np.float32)) for name, value in
            load_tensors(folder / CRITIC, ValueError).items()}
    noted = json.loads((folder / STATE).read_text())
    config = RobustConfig()
    learner = new_learner(base, adaptor, config, 0)
    critics = [kept[str(i)] for i in range(len(learner.critics.parameters))]
    learner.load_state({**learner.state(), 'critics': critics, 'log_std': kept['log_std'],
                        'rate': noted['rate']})
    foundation.mkdir(parents=True, exist_ok=True)
    base.save(foundation / 'imitation-0.safetensors')
    save_tensors(adaptor.tensors(), foundation / 'imitation-adaptor.safetensors')
    write_stream(foundation / 'learner-0.pt', partial(torch.save, {
        'learner': learner.state(), 'stage': noted['stage'],
        'adaptor': AdaptorLearner(adaptor, config.adaptor_rate, 0).state()}))


def _half(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, np.float16)


def main() -> None:
    """Pack or unpack."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('do', choices=('pack', 'unpack'))
    parser.add_argument('source', type=Path)
    parser.add_argument('target', type=Path)
    options = parser.parse_args()
    (pack if options.do == 'pack' else unpack)(options.source, options.target)


if __name__ == '__main__':
    main()

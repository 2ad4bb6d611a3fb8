# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Reading foreign networks: every supported kind of file, and every kind that is refused."""

from itertools import pairwise
import pickle

import numpy as np
from policy_gen_ros.domains.go2.importers.files import ForeignFileError, mlp_layers, read_mlp
from policy_gen_ros.policies.weights import layer_sizes
import pytest
from safetensors.numpy import save_file
import torch
from torch import nn

pytestmark = pytest.mark.filterwarnings('ignore:.*torch.jit:DeprecationWarning',
                                        'ignore::torch.jit.TracerWarning')


def mlp(*sizes, activation=nn.ELU):
    torch.manual_seed(0)
    layers = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out), activation()]
    return nn.Sequential(*layers[:-1])


def trace(network, path):
    torch.jit.trace(network, torch.zeros(1, next(network.parameters()).shape[1])).save(str(path))


class ActorCritic(nn.Module):
    """Named as in rsl_rl."""

    def __init__(self, network):
        super().__init__()
        self.std = nn.Parameter(torch.ones(3))
        self.actor = network
        self.critic = mlp(9, 4, 1)


def expected(network):
    linear = [layer for layer in network if isinstance(layer, nn.Linear)]
    return [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in linear]


def write(kind, network, folder):
    path = folder / 'policy.pt'
    state = network.state_dict()
    if kind == 'trace':
        trace(network, path)
    elif kind == 'script':
        torch.jit.script(network).save(str(path))
    elif kind == 'state dict':
        torch.save(state, path)
    elif kind == 'old state dict':
        torch.save(state, path, _use_new_zipfile_serialization=False)
    elif kind == 'half state dict':
        torch.save({name: value.half().float().bfloat16() for name, value in state.items()}, path)
    elif kind == 'rsl_rl':
        torch.save({'model_state_dict': ActorCritic(network).state_dict(), 'iter': 5,
                    'optimizer_state_dict': {'state': {}, 'param_groups': []}, 'infos': None},
                   path)
    elif kind == 'rsl_rl 4':
        state = {f'mlp.{name}': value for name, value in state.items()}
        torch.save({'actor_state_dict': {**state, 'distribution.std_param': torch.ones(3)},
                    'critic_state_dict': {'mlp.0.weight': torch.ones(1)}, 'iter': 5}, path)
    else:
        path = folder / 'policy.safetensors'
        save_file({name: value.numpy() for name, value in state.items()}, path)
    return path


@pytest.mark.parametrize('kind', ['trace', 'script', 'state dict', 'old state dict', 'rsl_rl',
                                  'rsl_rl 4', 'safetensors'])
def test_every_kind_of_file_gives_the_same_layers(kind, tmp_path):
    network = mlp(7, 6, 5, 3)
    layers = read_mlp(write(kind, network, tmp_path), 'elu')
    assert layer_sizes(layers) == (7, 6, 5, 3)
    for (weight, bias), (want_weight, want_bias) in zip(layers, expected(network), strict=True):
        assert np.array_equal(weight, want_weight)
        assert np.array_equal(bias, want_bias)


@pytest.mark.parametrize('prefix', [
    'module.', '_orig_mod.', '_orig_mod.module.', 'module._orig_mod.'])
def test_names_of_parallel_and_compiled_networks_are_understood(prefix, tmp_path):
    network = mlp(7, 6, 5, 3)
    state = ActorCritic(network).state_dict()
    path = tmp_path / 'wrapped.pt'
    torch.save({'model_state_dict': {prefix + name: value for name, value in state.items()},
                'iter': 5}, path)
    for (weight, bias), (want_weight, want_bias) in zip(
            read_mlp(path, 'elu'), expected(network), strict=True):
        assert np.array_equal(weight, want_weight)
        assert np.array_equal(bias, want_bias)


def test_what_torch_itself_puts_before_names_is_understood(tmp_path):
    network = mlp(4, 3, 2)
    path = tmp_path / 'compiled.pt'
    torch.save(torch.compile(nn.DataParallel(network)).state_dict(), path)
    assert layer_sizes(read_mlp(path, 'elu')) == (4, 3, 2)


def test_a_network_that_is_there_twice_is_refused():
    tensors = {name: value.numpy() for name, value in mlp(4, 3, 2).state_dict().items()}
    with pytest.raises(ForeignFileError, match='holds a network twice, wrapped and as it is'):
        mlp_layers({**tensors, **{f'module.{name}': value for name, value in tensors.items()}})


@pytest.mark.parametrize('name', ['policy.pt', 'policy.jit', 'policy.safetensors'])
def test_a_git_lfs_pointer_is_named_as_such(name, tmp_path):
    path = tmp_path / name
    path.write_text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n')
    with pytest.raises(ForeignFileError, match=r'is a Git LFS pointer, .*run "git lfs pull"'):
        read_mlp(path, 'elu')


def test_bfloat16_is_read(tmp_path):
    layers = read_mlp(write('half state dict', mlp(4, 3, 2), tmp_path), 'elu')
    assert layers[0][0].dtype == np.float32


def test_layers_are_in_the_order_of_their_numbers(tmp_path):
    network = mlp(*[4] * 8, 2)
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    layers = mlp_layers(dict(sorted(tensors.items())))  # '10.weight' comes before '2.weight'
    for (weight, _), (want, _) in zip(layers, expected(network), strict=True):
        assert np.array_equal(weight, want)


class Recurrent(nn.Module):

    def __init__(self):
        super().__init__()
        self.memory = nn.LSTM(4, 4)
        self.actor = mlp(4, 3, 2)

    def forward(self, x):
        return self.actor(self.memory(x)[0])


class Normalised(nn.Module):

    def __init__(self):
        super().__init__()
        self.register_buffer('mean', torch.ones(4))
        self.actor = mlp(4, 3, 2)

    def forward(self, x):
        return self.actor((x - self.mean) / 2)


class Bent(nn.Module):
    """Layers and activations out of turn."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        if self.kind == 'activated input':
            x = nn.functional.elu(x)
        hidden = self.first(x)
        if self.kind != 'no activation':
            hidden = nn.functional.elu(hidden)
        if self.kind == 'activated twice':
            hidden = nn.functional.elu(hidden)
        if self.kind == 'detour':
            hidden += x
        return self.second(hidden)


class BentInPlace(nn.Module):
    """Activates its output without a word about it where it returns."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        y = self.layer(x)
        torch._C._nn.elu_(y)
        return y


class OldLinear(nn.Module):
    """A layer as TorchScript of old releases has it."""

    def __init__(self, fan_in, fan_out):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(fan_out, fan_in))
        self.bias = nn.Parameter(torch.ones(fan_out))

    def forward(self, x):
        if x.dim() == 2:
            y = torch.addmm(self.bias, x, self.weight.t())
        else:
            y = x.matmul(self.weight.t())
            y += self.bias
        return y


def with_output_activation(kind, path):
    network = nn.Sequential(*mlp(4, 3, 2), nn.ELU(inplace=kind == 'in place'))
    trace(network, path) if kind == 'trace' else torch.jit.script(network).save(str(path))


BROKEN = {
    **{f'activated output, {kind}': (
        lambda p, kind=kind: with_output_activation(kind, p),
        'last step is aten::elu.*an activation of the output cannot be imported')
       for kind in ('trace', 'script', 'in place')},
    **{kind: (lambda p, kind=kind: trace(Bent(kind), p), 'do not take turns') for kind in (
        'activated input', 'no activation', 'activated twice', 'detour')},
    'output activated aside': (lambda p: torch.jit.script(BentInPlace()).save(str(p)),
                               'do not take turns'),
    'other activation': (lambda p: trace(mlp(4, 3, 2, activation=nn.Tanh), p),
                         'uses tanh, the spec says elu'),
    'recurrent script': (lambda p: trace(Recurrent(), p), 'not a plain MLP: it calls aten::lstm'),
    'recurrent state': (lambda p: torch.save(Recurrent().state_dict(), p),
                        r'not a plain MLP: memory\.weight_ih_l0'),
    'normalised script': (lambda p: trace(Normalised(), p), 'it calls aten::div, aten::sub'),
    'normalised state': (lambda p: torch.save(
        {**ActorCritic(mlp(4, 3, 2)).state_dict(), 'actor_obs_normalizer._mean': torch.ones(4)},
        p), 'it normalises its observations'),
    'old normalised state': (lambda p: torch.save(
        {'model_state_dict': mlp(4, 3, 2).state_dict(), 'obs_norm_state_dict': {'mean': 1}}, p),
        'obs_norm_state_dict cannot be imported'),
    'convolution': (lambda p: torch.save(nn.Sequential(nn.Conv1d(4, 3, 2)).state_dict(), p),
                    r'layer 0 has shapes \(3, 4, 2\)'),
    'layer norm': (lambda p: torch.save(nn.Sequential(
        nn.Linear(4, 3), nn.LayerNorm(3)).state_dict(), p), r'layer 1 has shapes \(3,\)'),
    'several networks': (lambda p: torch.save(
        {'teacher.0.weight': torch.ones(2, 2), 'student.0.weight': torch.ones(2, 2)}, p),
        r'several networks \(student, teacher\)'),
    'no bias': (lambda p: torch.save(nn.Sequential(nn.Linear(4, 3, bias=False)).state_dict(), p),
                'without a bias'),
    'sizes': (lambda p: torch.save({
        '0.weight': torch.ones(3, 4), '0.bias': torch.ones(3), '2.weight': torch.ones(2, 5),
        '2.bias': torch.ones(2)}, p), 'layer 0 gives 3 values, layer 1 reads 5'),
    'not finite': (lambda p: torch.save({'0.weight': torch.full((3, 4), torch.nan),
                                         '0.bias': torch.ones(3)}, p), 'not finite'),
    'integers': (lambda p: torch.save({'0.weight': torch.ones(3, 4, dtype=torch.int32),
                                       '0.bias': torch.ones(3)}, p), 'int32, expected floats'),
    'no layers': (lambda p: torch.save({'a': torch.ones(3)}, p), r'no layers \(it has: a\)'),
    'no dictionary': (lambda p: torch.save([torch.ones(3)], p), 'not a state dict'),
    'whole module': (lambda p: torch.save(mlp(4, 3, 2), p), 'save the state_dict instead'),
    'text': (lambda p: p.write_text('hello'), 'no(t a)? PyTorch file'),
    'empty': (lambda p: p.write_bytes(b''), 'not a PyTorch file')}


@pytest.mark.parametrize('kind', BROKEN)
def test_everything_else_is_refused_in_one_line(kind, tmp_path):
    path = tmp_path / 'policy.pt'
    make, message = BROKEN[kind]
    make(path)
    with pytest.raises(ForeignFileError, match=message) as raised:
        read_mlp(path, 'elu')
    assert '\n' not in str(raised.value)


@pytest.mark.parametrize('network', [
    nn.Sequential(OldLinear(4, 3), nn.ELU(), OldLinear(3, 2)),
    nn.Sequential(nn.Linear(4, 3), nn.ELU(inplace=True), nn.Linear(3, 2))])
def test_branches_biases_and_work_in_place_keep_their_turns(network, tmp_path):
    torch.jit.script(network).save(str(tmp_path / 'script.pt'))
    assert layer_sizes(read_mlp(tmp_path / 'script.pt', 'elu')) == (4, 3, 2)
    trace(network, tmp_path / 'trace.pt')
    assert layer_sizes(read_mlp(tmp_path / 'trace.pt', 'elu')) == (4, 3, 2)


@pytest.mark.parametrize('kind', ['trace', 'state dict', 'safetensors'])
def test_truncated_files_are_refused(kind, tmp_path):
    path = write(kind, mlp(7, 6, 3), tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ForeignFileError):
        read_mlp(path, 'elu')


class Bomb:
    """Runs when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), 'w'))


@pytest.mark.parametrize('save', [torch.save, lambda content, path: path.write_bytes(
    pickle.dumps(content, protocol=2))])
def test_nothing_in_a_file_is_run(save, tmp_path):
    save({'0.weight': Bomb(tmp_path / 'ran')}, tmp_path / 'policy.pt')
    with pytest.raises(ForeignFileError):
        read_mlp(tmp_path / 'policy.pt', 'elu')
    assert not (tmp_path / 'ran').exists()


def test_a_missing_file_is_named_so(tmp_path):
    with pytest.raises(ForeignFileError, match='no such file'):
        read_mlp(tmp_path / 'gone.pt', 'elu')

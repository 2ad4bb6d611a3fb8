"""Declaring parameters with a description and a range, so that tools can show and check them."""

from __future__ import annotations

from typing import TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.node import Node

Value = TypeVar('Value', bool, int, float, str, list[str])


def declare(node: Node, name: str, default: Value, description: str,
            bounds: tuple[float, float] | None = None,
            options: tuple[str, ...] | None = None) -> Value:
    """
    Declare a read-only parameter and return its value.

    :param bounds: lowest and highest value of a number
    :param options: the only texts allowed
    :raises ValueError: the value given is not one of ``options``
    :raises rclpy.exceptions.ParameterException: wrong type, or outside ``bounds``
    """
    descriptor = ParameterDescriptor(description=description, read_only=True)
    if options:
        descriptor.additional_constraints = 'one of: ' + ', '.join(options)
    if bounds and isinstance(default, float):
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=float(bounds[0]), to_value=float(bounds[1]), step=0.0)]
    elif bounds:
        descriptor.integer_range = [
            IntegerRange(from_value=int(bounds[0]), to_value=int(bounds[1]), step=1)]
    value = node.declare_parameter(name, default, descriptor).value
    if options and value not in options:
        raise ValueError(f'parameter {name} is {value!r}, expected one of: {", ".join(options)}')
    return value

"""Control a real Go2 over the given network interface."""

from launch import LaunchDescription
from policy_gen_ros.launching import control_description


def generate_launch_description() -> LaunchDescription:
    # No default interface: commands to the legs must not leave through a guessed one.
    return control_description(clock='wall', domain_id=0, network_interface=None)

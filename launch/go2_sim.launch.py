"""Control a simulated Go2, and start its twin."""

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, OpaqueFunction, Shutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.substitutions import ExecutableInPackage
from policy_gen_ros.launching import control_arguments, control_nodes


def generate_launch_description() -> LaunchDescription:
    return LaunchDescription([
        *control_arguments(domain_id=1, network_interface='lo', auto_activate=True),
        DeclareLaunchArgument(
            'twin', default_value='mujoco', choices=['mujoco', 'isaacgym', 'none'],
            description='Simulator to start; none: it runs already, on the same wire'),
        DeclareLaunchArgument(
            'rehearsal', default_value='false', choices=['true', 'false'],
            description='Make the twin as unkind as a robot: delay, noise, pushes, packet loss'),
        OpaqueFunction(function=_twin),  # First: where it is refused, no node starts either.
        control_nodes(clock='tick', state_timeout_s=10.0),
    ])


def _twin(context: LaunchContext) -> list[ExecuteProcess]:
    twin = LaunchConfiguration('twin').perform(context)
    if twin == 'none':
        return []
    if twin == 'isaacgym':
        raise RuntimeError(
            'twin:=isaacgym is not part of this version; use twin:=mujoco, or twin:=none with a '
            'simulator of your own on the wire')
    hard = ['--rehearsal'] if LaunchConfiguration('rehearsal').perform(context) == 'true' else []
    # A plain process, not a ROS node: it knows the robot's wire and nothing of ROS.
    return [ExecuteProcess(
        cmd=[ExecutableInPackage('go2_twin', 'policy_gen_ros'),
             '--interface', LaunchConfiguration('network_interface'),
             '--domain-id', LaunchConfiguration('domain_id'), *hard],
        name='go2_twin', output='screen', on_exit=Shutdown(reason='go2_twin has ended'))]

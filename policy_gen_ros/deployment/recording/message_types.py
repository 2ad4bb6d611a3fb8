# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Message types that recordings are read and written with.

Recordings of ROS 2 Iron and later, and those in MCAP, carry the definitions of their messages;
older ones in SQLite do not. Those of Unitree's Go2 are here because no ROS distribution has them:
the fields of unitree_ros2's package ``unitree_go``, which lie on the wire as those of the SDK do.
"""

from __future__ import annotations

from functools import lru_cache

try:
    from rosbags.typesys import get_types_from_idl, get_types_from_msg, get_typestore, Stores
    from rosbags.typesys.store import Typestore
except ImportError as error:
    raise ValueError('recordings need rosbags: pip install rosbags') from error

JOINT_STATE, IMU = 'sensor_msgs/msg/JointState', 'sensor_msgs/msg/Imu'
LOW_STATE, LOW_CMD = 'unitree_go/msg/LowState', 'unitree_go/msg/LowCmd'

_HEAD = 'uint8[2] head; uint8 level_flag; uint8 frame_reserve; uint32[2] sn; uint32[2] version; ' \
        'uint16 bandwidth; '
_UNITREE_GO = {
    'IMUState':
        'float32[4] quaternion; float32[3] gyroscope; float32[3] accelerometer; float32[3] rpy; '
        'int8 temperature',
    'MotorState':
        'uint8 mode; float32 q; float32 dq; float32 ddq; float32 tau_est; float32 q_raw; '
        'float32 dq_raw; float32 ddq_raw; int8 temperature; uint32 lost; uint32[2] reserve',
    'BmsState':
        'uint8 version_high; uint8 version_low; uint8 status; uint8 soc; int32 current; '
        'uint16 cycle; int8[2] bq_ntc; int8[2] mcu_ntc; uint16[15] cell_vol',
    'LowState':
        _HEAD + 'IMUState imu_state; MotorState[20] motor_state; BmsState bms_state; '
        'int16[4] foot_force; int16[4] foot_force_est; uint32 tick; uint8[40] wireless_remote; '
        'uint8 bit_flag; float32 adc_reel; int8 temperature_ntc1; int8 temperature_ntc2; '
        'float32 power_v; float32 power_a; uint16[4] fan_frequency; uint32 reserve; uint32 crc',
    'MotorCmd':
        'uint8 mode; float32 q; float32 dq; float32 tau; float32 kp; float32 kd; '
        'uint32[3] reserve',
    'BmsCmd': 'uint8 off; uint8[3] reserve',
    'LowCmd':
        _HEAD + 'MotorCmd[20] motor_cmd; BmsCmd bms_cmd; uint8[40] wireless_remote; '
        'uint8[12] led; uint8[2] fan; uint8 gpio; uint32 reserve; uint32 crc'}


@lru_cache(maxsize=1)
def known_types() -> Typestore:
    """Types of ROS 2 Humble, whose common ones are those of all distributions, and Unitree's."""
    store = get_typestore(Stores.ROS2_HUMBLE)
    types = {}
    for name, fields in _UNITREE_GO.items():
        types.update(get_types_from_msg(fields.replace('; ', '\n'), f'unitree_go/msg/{name}'))
    store.register(types)
    return store


def defined_types(kind: str, encoding: str, definition: str) -> Typestore:
    """
    Types of a definition as MCAP files carry it; those that are known where there is none.

    :param encoding: ``ros2msg`` or ``ros2idl``
    """
    if not definition:
        return known_types()
    store = get_typestore(Stores.EMPTY)
    store.register(get_types_from_msg(definition, kind) if encoding == 'ros2msg'
                   else get_types_from_idl(definition))
    return store

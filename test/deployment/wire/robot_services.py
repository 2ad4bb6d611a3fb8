# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""The robot's services by the SDK's own server: robot_services.py DOMAIN FIRMWARE."""

import json
import sys
import time

from policy_gen_ros.deployment.wire import sdk  # noqa: F401 - before the SDK: cures its wheel
from unitree_sdk2py.core.channel import ChannelFactoryInitialize
from unitree_sdk2py.rpc.server import Server


class Robot:
    """Holds the legs until it is asked often enough to let go, lying down."""

    def __init__(self, firmware):
        self.mode, self.lying = 'normal', False
        self.comes_back = 4 if firmware == 'comes back' else 0
        self.refusals = {'new': 1, 'stubborn': 10**6}.get(firmware, 0)

    def check(self, _):
        if self.mode == '' and self.comes_back:
            self.comes_back -= 1
            self.mode = '' if self.comes_back else 'ai'
        return 0, json.dumps({'form': '0', 'name': self.mode})

    def lie_down(self, _):
        self.lying = True
        print('lies down', flush=True)
        return 0, ''

    def release(self, _):
        print('release', self.lying, flush=True)
        if self.refusals:
            self.refusals -= 1
        elif self.lying:
            self.mode = ''
        return 0, ''

    def switch(self, parameter):
        print('switch', parameter, self.lying, flush=True)
        return 0, json.dumps({'name': 'sport_mode', 'status': 1})


def serve(name, **functions):
    server = Server(name)
    server.Init()
    for api, function in functions.items():
        server._RegistHandler(int(api[1:]), function, False)
    server.Start()
    return server


ChannelFactoryInitialize(int(sys.argv[1]), 'lo')
robot = Robot(sys.argv[2])
servers = [serve('sport', _1005=robot.lie_down)]
if sys.argv[2] == 'old':
    servers.append(serve('robot_state', _1001=robot.switch))
elif sys.argv[2] != 'refusing':
    servers.append(serve('motion_switcher', _1001=robot.check, _1003=robot.release))
else:
    servers.append(serve('motion_switcher', _1001=lambda _: (7, '')))
print('ready', flush=True)
time.sleep(60)

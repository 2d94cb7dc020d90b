# SPDX-License-Identifier: Apache-2.0
"""The small brain as a process that runs bundles, takes new ones and refuses others."""

import pytest
from bundle_rig import signing_key, standing_policy, unsigned_bundle
from geometry_msgs.msg import Twist
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from test_graph import Rig

from neuraxis_common.errors import ConfigError
from small_brain_node.bundle.signing import public_pem


@pytest.fixture
def rig(context, root):
    it = Rig(root)
    yield it
    it.close()


@pytest.fixture
def keys(tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "test.pub").write_bytes(public_pem(signing_key().public_key()))
    return folder


def bundle(folder, name):
    path = folder / f"{name}.nxpolicy"
    path.write_bytes(standing_policy(name))
    return path


def said(rig, text):
    return lambda: text in rig.log.getvalue()


def test_a_bundle_stands_and_another_takes_over_at_run_time(rig, keys, tmp_path):
    rig.start("sim", "neuraxis_sim.node", camera=False, seed=7)
    first, second = (bundle(tmp_path, name) for name in ("first", "second"))
    rig.start("small_brain", "small_brain_node.node", bundle_path=first, trusted_keys=keys,
              shadow_s=0.5)  # fmt: skip
    rig.wait(rig.level("run"))
    rig.wait(said(rig, "policy 'first' is ready"))
    publisher = rig.node.create_publisher(Twist, "/cmd_vel", 1)
    publisher.publish(Twist())
    wish = Parameter("bundle_path", value=str(second)).to_parameter_msg()
    request = SetParameters.Request(parameters=[wish])
    answer = rig.call(SetParameters, "/small_brain/set_parameters", request)
    assert answer.results[0].successful, answer.results[0].reason
    rig.wait(said(rig, "'second' takes over from 'first'"))
    assert rig.state.stop_level == "run"


def test_a_bundle_that_is_not_signed_ends_the_node_with_the_reason(rig, keys, tmp_path):
    path = tmp_path / "unsigned.nxpolicy"
    path.write_bytes(unsigned_bundle())
    rig.start("small_brain", "small_brain_node.node", bundle_path=path, trusted_keys=keys)
    with pytest.raises(ConfigError, match="not signed"):
        rig.wait(lambda: rig.family.check())

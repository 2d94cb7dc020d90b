# SPDX-License-Identifier: Apache-2.0
"""Whether a contract fits the robot that is to carry it out."""

from __future__ import annotations

from collections.abc import Mapping

from neuraxis_common.errors import Rejected
from neuraxis_common.robot import JointLimits, RobotProfile
from small_brain_node.bundle.contract import PolicyContract

# A default pose written in float32 may lie this far beyond a limit.
LIMIT_SLACK_RAD = 1e-3
# How far the policy's period may be from a whole number of the small brain's cycles.
PERIOD_SLACK = 0.01


def check_fit(
    contract: PolicyContract, profile: RobotProfile, limits: Mapping[str, JointLimits]
) -> Rejected | None:
    """First reason why this robot must not run this policy, or None.

    Codes: `wrong_robot`, `wrong_hardware`, `contract_mismatch`.

    Args:
        contract: What the policy was made for.
        profile: What there is.
        limits: Joint limits by name, from the robot's URDF.
    """
    if contract.robot != profile.name:
        return _differ("wrong_robot", "robot", contract.robot, profile.name)
    if contract.hardware_version != profile.hardware_version:
        return _differ(
            "wrong_hardware", "hardware version", contract.hardware_version,
            profile.hardware_version,
        )  # fmt: skip
    return (
        _check_names(contract, profile)
        or _check_legs(contract, profile)
        or _check_pose(contract, limits)
        or _check_gains(contract, profile)
    )


def check_rate(contract: PolicyContract, rate_hz: float) -> Rejected | None:
    """Refuse a policy whose period is not a whole number of the small brain's cycles."""
    cycles = contract.dt_s * rate_hz
    if round(cycles) >= 1 and abs(cycles - round(cycles)) <= PERIOD_SLACK * cycles:
        return None
    reason = (
        f"the policy steps every {contract.dt_s} s, which is {cycles:.3f} cycles of the small"
        f" brain at {rate_hz} Hz; it must be a whole number"
    )
    return Rejected("contract_mismatch", reason, {"value": contract.dt_s, "bound": rate_hz})


def _differ(code: str, what: str, value: str, bound: str) -> Rejected:
    reason = f"the bundle is for {what} '{value}', this is '{bound}'"
    return Rejected(code, reason, {"value": value, "bound": bound})


def _check_names(contract: PolicyContract, profile: RobotProfile) -> Rejected | None:
    rows = [(f"observation term '{term.name}'", term.joints) for term in contract.terms]
    rows += [("action", contract.action.joints), ("default pose", tuple(contract.default_pose_rad))]
    for where, joints in rows:
        unknown = [name for name in joints if name not in profile.joint_names]
        if unknown:
            reason = f"{where} names joint '{unknown[0]}', which '{profile.name}' does not have"
            near = _nearest(unknown[0], profile.joint_names)
            if near is not None:
                reason += f"; did you mean '{near}'?"
            details = {"value": unknown, "bound": list(profile.joint_names)}
            return Rejected("contract_mismatch", reason, details)
    return None


def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    plain = name.removesuffix("_joint").lower()
    return next((k for k in known if k.removesuffix("_joint").lower() == plain), None)


def _check_legs(contract: PolicyContract, profile: RobotProfile) -> Rejected | None:
    legs = (*profile.groups["left_leg"], *profile.groups["right_leg"])
    missing = [name for name in legs if name not in contract.action.joints]
    if not missing:
        return None
    reason = f"the legs belong to the policy, but its action lacks {', '.join(missing)}"
    return Rejected("contract_mismatch", reason, {"value": missing})


def _check_pose(contract: PolicyContract, limits: Mapping[str, JointLimits]) -> Rejected | None:
    for name, value in contract.default_pose_rad.items():
        low, high = limits[name].lower, limits[name].upper
        if not low - LIMIT_SLACK_RAD <= value <= high + LIMIT_SLACK_RAD:
            reason = (
                f"default pose of '{name}' is {value:.4f} rad, its limits are"
                f" [{low:.4f}, {high:.4f}]"
            )
            details = {"joint": name, "value": value, "bound": [low, high]}
            return Rejected("contract_mismatch", reason, details)
    return None


def _check_gains(contract: PolicyContract, profile: RobotProfile) -> Rejected | None:
    action = contract.action
    for label, values, most in (
        ("kp", action.kp, profile.kp_max),
        ("kd", action.kd, profile.kd_max),
    ):
        for name, value in zip(action.joints, values, strict=True):
            if value > most[name]:
                reason = f"{label} of '{name}' is {value:g}, this robot allows {most[name]:g}"
                details = {"joint": name, "value": value, "bound": most[name]}
                return Rejected("contract_mismatch", reason, details)
    return None

# SPDX-License-Identifier: Apache-2.0
"""A request's time budget, as the header says it.

``x-deadline-ms`` is relative: how many milliseconds from now on the answer is worth something. An
absolute time would tie every answer to how well the clocks of robot and gateway agree.
"""

from __future__ import annotations

from neuraxis_common.errors import Rejected

HEADER = "x-deadline-ms"


def budget_s(header: str | None, default_s: float, most_s: float) -> float | Rejected:
    """The time budget of a request in seconds.

    Args:
        header: What the request says, in milliseconds; None where it says nothing.
        default_s: Budget of a request that says nothing.
        most_s: Longest budget; a request that asks for more gets this one.
    """
    if header is None:
        return min(default_s, most_s)
    if not (header.isascii() and header.isdigit() and len(header) <= 9 and int(header) > 0):
        reason = f"{HEADER} must be a whole number of milliseconds, 1 to 999999999"
        return Rejected("invalid_deadline", reason)
    return min(int(header) / 1e3, most_s)


def send_by_s(began_s: float, budget: float, margin_s: float) -> float:
    """When an answer has to leave, so that it is there by its deadline.

    Args:
        began_s: When the request was there.
        budget: Its time budget in seconds.
        margin_s: Kept for the way back, but never more than a tenth of the budget.
    """
    return began_s + budget - min(margin_s, budget / 10.0)


def passed(where: str, budget: float) -> Rejected:
    """What a request gets whose time is over; `where` names the stage it was in."""
    reason = f"the deadline of {budget * 1e3:.0f} ms passed {where}; the work was dropped"
    return Rejected("deadline_passed", reason, {"stage": where, "budget_ms": round(budget * 1e3)})

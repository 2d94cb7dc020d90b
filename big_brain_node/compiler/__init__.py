# SPDX-License-Identifier: Apache-2.0
"""Plan compiler: from what a brain said to steps that this robot may and can do, or a refusal."""

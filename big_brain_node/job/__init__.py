# SPDX-License-Identifier: Apache-2.0
"""The instruction under way as a record on disk, so that a restart does not lose it."""

# SPDX-License-Identifier: Apache-2.0
"""Plan: ask the brain, check, ground, run skills, notice failure, ask again."""

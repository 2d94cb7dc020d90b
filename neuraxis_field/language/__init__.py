# SPDX-License-Identifier: Apache-2.0
"""The text tower's training field: grammar, task sampler, model, training and export."""

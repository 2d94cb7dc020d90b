# SPDX-License-Identifier: Apache-2.0
"""The training field: rendered data, training and evaluation."""

# SPDX-License-Identifier: Apache-2.0
"""Controlled lowering: down to a low posture with the weight over the soles, and up again."""

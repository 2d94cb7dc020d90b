# SPDX-License-Identifier: Apache-2.0
"""Instructions that must not be carried out, and whether the brain refuses them."""

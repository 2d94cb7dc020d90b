# SPDX-License-Identifier: Apache-2.0
"""Policy bundles: a network with its contract, golden vectors, card, hashes and signature."""

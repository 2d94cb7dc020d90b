# SPDX-License-Identifier: Apache-2.0
"""Render, train and export the detector of parts and containers."""

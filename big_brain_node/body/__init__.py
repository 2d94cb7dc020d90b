# SPDX-License-Identifier: Apache-2.0
"""The big brain's ports over topics and actions."""

# SPDX-License-Identifier: Apache-2.0
"""Which brain answers when a better one is out of reach, down to none at all."""

# SPDX-License-Identifier: Apache-2.0
"""See: RGB-D images and joints to tracked objects in base_link."""

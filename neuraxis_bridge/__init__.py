# SPDX-License-Identifier: Apache-2.0
"""The cloud side: turns an image and a sentence into a plan and serves that over HTTP."""

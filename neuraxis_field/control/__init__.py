# SPDX-License-Identifier: Apache-2.0
"""Training of whole-body policies: an expert's episodes, a student that learns from them."""

# SPDX-License-Identifier: Apache-2.0
"""The one sentence that is about the job and not for the brain: go on."""

from __future__ import annotations

import re
import unicodedata

_GO_ON = re.compile(
    r"(?:please\s+)?(?:continue|resume|go\s+on|carry\s+on)(?:\s+(?:please|working|the\s+job))?"
    r"|请?(?:继续|接着做|接着干|恢复)(?:做|干|工作|任务)?吧?"
)


def means_go_on(sentence: str) -> bool:
    """Whether a sentence says nothing but to go on with what was under way."""
    text = unicodedata.normalize("NFKC", sentence).casefold().strip(" \t\n.!。")
    return _GO_ON.fullmatch(text) is not None

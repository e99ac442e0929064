"""Words for displays that know no markup: messages, progress, buttons and menus."""

from __future__ import annotations

import re

from regreen.pages import told

_CODE = re.compile(r"(?<!`)(`+)(?!`)([^\n]+?)(?<!`)\1(?!`)")


def plain(text: str) -> str:
    """Return the text with code in quotation marks instead of backticks, which would be shown as they are."""
    return _CODE.sub("“\\2”", told(text))

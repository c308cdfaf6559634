"""Cards (图文) within WeChat's limits for title, description and URLs, in bytes.

WeChat refuses larger ones with 45003 to 45006 and does not show them in a passive reply. The
numbers are those that it documents for the same message in WeCom.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from kernel.chat import Article
from kernel.chat_text import cut, says_something
from kernel.text import xml_safe

log = logging.getLogger(__name__)

TITLE_BYTES_MAX = 128
DESCRIPTION_BYTES_MAX = 512
URL_BYTES_MAX = 2048


def fitting(article: Article) -> Article | None:
    """The card within WeChat's limits: texts cut with ``…``, a too long picture URL left out.

    None for a card without text or with a too long URL.
    """
    title, description = xml_safe(article.title), xml_safe(article.description)
    if not says_something(title):
        title, description = description, ""
    if not says_something(title) or len(article.url.encode()) > URL_BYTES_MAX:
        log.warning("a card was left out: no title, or an address of over %d bytes", URL_BYTES_MAX)
        return None
    is_short = len(article.picture_url.encode()) <= URL_BYTES_MAX
    return replace(
        article,
        title=cut(title, TITLE_BYTES_MAX),
        description=cut(description, DESCRIPTION_BYTES_MAX),
        picture_url=article.picture_url if is_short else "",
    )

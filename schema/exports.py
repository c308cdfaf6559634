"""Files that somebody asked for and that take a while to make."""

from __future__ import annotations

from peewee import BigIntegerField, IntegerField

from schema.columns import JsonField, Table, UtcField, word


class ExportFile(Table):
    """A list as a file (导出文件): who asked for which list, how far it is, until when it lies.

    ``query`` is the view and the filters. ``file`` is the private file's name once it is whole.
    """

    page = word(40)
    title = word(40)
    kind = word(8)
    query = JsonField()
    asked_by = word(64)
    asked_at = UtcField()
    state = word(16)  # domain.exports.service.State
    rows_done = IntegerField(default=0)
    bytes = BigIntegerField(default=0)
    file = word(32, null=True)
    why = word(64, null=True)
    made_at = UtcField(null=True)
    expires_at = UtcField(index=True)

    class Meta:
        indexes = ((("asked_by", "id"), False),)

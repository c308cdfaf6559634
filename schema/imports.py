"""Sheets that somebody uploaded, and what came of each of their rows."""

from __future__ import annotations

from peewee import IntegerField

from schema.columns import JsonField, Table, UtcField, ref, word


class SheetImport(Table):
    """An uploaded sheet (导入): whose, for which list, how far it is, until when it is kept."""

    page = word(40)
    name = word(120)  # of the file; empty if lines were pasted
    made_by = word(64)
    made_at = UtcField()
    state = word(12)  # looked, running, done, stopped
    why = word(64, null=True)
    rows_total = IntegerField()
    begun_at = UtcField(null=True)
    ended_at = UtcField(null=True)
    expires_at = UtcField(index=True)

    class Meta:
        indexes = ((("made_by", "page", "id"), False),)


class SheetImportRow(Table):
    """A row of an uploaded sheet (导入行): the cells that are used, and what is said of it."""

    sheet = ref(SheetImport, index=False)
    number = IntegerField()  # as the spreadsheet counts
    leader = IntegerField(default=0)  # the number of the row with which it is carried out, or 0
    cells = JsonField()
    shown = JsonField()  # what the preview told, compared again when the row is carried out
    state = word(12)  # good, wrong, known, double, blank, done, refused
    why = word(64)
    cell = word(24)  # the cell that is wrong
    facts = JsonField()

    class Meta:
        indexes = ((("sheet", "number"), True), (("sheet", "state", "number"), False))

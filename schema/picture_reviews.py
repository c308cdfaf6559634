"""Pictures that people add, and what the merchant decided about each."""

from __future__ import annotations

from peewee import BigIntegerField

from schema.columns import Table, UtcField, state, word


class PictureReview(Table):
    """A picture that somebody added where others would see it (图片审核)."""

    kind = word(16)  # registered by the package that shows it
    owner_id = BigIntegerField()  # the thing that has the picture
    member_id = BigIntegerField(index=True)  # who added it
    picture = word(64)
    state = state("waiting")  # waiting, shown, refused, replaced
    ground = word(200, null=True)
    asked_at = UtcField()
    decided_by = word(64, null=True)
    decided_at = UtcField(null=True)

    class Meta:
        indexes = ((("kind", "owner_id", "picture"), True),)

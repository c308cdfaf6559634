"""The meaning of a scanned code of the account, for the chat's answer (扫码)."""

from __future__ import annotations

from dataclasses import dataclass

from domain.distribution.queries.people import names_for_others
from models import Scene


@dataclass(frozen=True)
class SceneView:
    """A scene QR code: its distributor and its product (带参二维码)."""

    kind: str
    referrer_id: int | None
    referrer_name: str | None
    product_id: int | None


def scene_of(scene: str) -> SceneView | None:
    """The meaning of a scene; None for an unknown code."""
    row = Scene.get_or_none(Scene.scene == scene)
    if row is None:
        return None
    referrer_id = None if row.member_id is None else int(row.member_id)
    names = names_for_others({referrer_id}) if referrer_id is not None else {}
    return SceneView(row.kind, referrer_id, names.get(referrer_id or 0), row.product_id)

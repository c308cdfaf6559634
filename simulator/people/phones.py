"""Phones and their persons: who they are, and finding one."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from simulator.errors import SimConflict, SimError, SimMissing
from simulator.sim import Sim
from simulator.world import Phone

PHONE_ID = re.compile(r"[a-z0-9-]{1,32}")


def phone_json(phone: Phone) -> dict[str, Any]:
    """A phone in the form of `/_sim`."""
    return {
        "id": phone.id,
        "name": phone.name,
        "nickname": phone.nickname,
        "avatar": phone.avatar,
        "openid": phone.openid,
        "unionid": phone.unionid,
        "away": phone.is_away,
        "following": phone.is_following,
        "subscribe_scene": phone.subscribe_scene,
        "wallet_fen": phone.wallet_fen,
        "real_name": phone.real_name,
        "blocks_templates": phone.blocks_templates,
        "tag_ids": phone.tag_ids,
    }


def add(sim: Sim, data: dict[str, Any]) -> Phone:
    """Create a person; they follow no account yet."""
    name = str(data.get("name") or data.get("id") or "").strip()
    if not name:
        raise SimError("name is required")
    key = str(data.get("id") or f"p{sim.world.next_id()}")
    if not PHONE_ID.fullmatch(key):
        raise SimError("id must be 1-32 of a-z 0-9 -")
    if key in sim.world.phones:
        raise SimConflict(f"phone {key} exists")
    phone = Phone(
        id=key,
        name=name,
        nickname=str(data.get("nickname") or name),
        avatar=str(data.get("avatar") or ""),
        openid=str(data.get("openid") or _known_as(f"{sim.settings.appid}:{key}")),
        unionid=str(data.get("unionid") or _known_as(f"union:{key}")),
        wallet_fen=int(data.get("wallet_fen", sim.settings.initial_wallet_fen)),
        real_name=str(data.get("real_name") or ""),
        is_away=bool(data.get("away", False)),
    )
    if phone.openid in sim.world.openids:
        raise SimConflict("openid exists")
    sim.world.phones[key] = phone
    sim.world.openids[phone.openid] = key
    return phone


def _known_as(seed: str) -> str:
    """A seed of the person's openid: after a reset the same person has the same openid."""
    digest = hashlib.sha256(seed.encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def get_or_raise(sim: Sim, key: str) -> Phone:
    """The phone of that id."""
    found = sim.world.phones.get(key)
    if found is None:
        raise SimMissing(f"no phone {key}")
    return found


def changed(sim: Sim, who: Phone) -> None:
    """Notify the phone's page that the person's data changed."""
    sim.hub.publish(who.id, "phone", phone=phone_json(who))


def need_follower(who: Phone) -> None:
    """Check that the person follows: only followers have the account's chat."""
    if not who.is_following:
        raise SimConflict(f"{who.id} does not follow the account")

"""用户管理: followers, remarks, tags and the blacklist."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.account import gate
from simulator.account.gate import Call
from simulator.errors import WxError
from simulator.sim import Sim
from simulator.world import Phone, Tag

PAGE = 10_000
SYSTEM_TAGS = {"0": "未分组", "1": "黑名单", "2": "星标组"}
FIRST_TAG = 100


def setup(app: web.Application, sim: Sim) -> None:
    """Routes of followers and tags."""
    gate.add_routes(
        app,
        sim,
        [
            ("GET", "/cgi-bin/user/info", info),
            ("POST", "/cgi-bin/user/info/batchget", batch_info),
            ("GET", "/cgi-bin/user/get", fans),
            ("POST", "/cgi-bin/user/info/updateremark", update_remark),
            ("POST", "/cgi-bin/tags/create", create_tag),
            ("GET", "/cgi-bin/tags/get", get_tags),
            ("POST", "/cgi-bin/tags/update", update_tag),
            ("POST", "/cgi-bin/tags/delete", delete_tag),
            ("POST", "/cgi-bin/tags/members/batchtagging", batch_tag),
            ("POST", "/cgi-bin/tags/members/batchuntagging", batch_untag),
            ("POST", "/cgi-bin/tags/getidlist", tags_of),
            ("POST", "/cgi-bin/user/tag/get", fans_of_tag),
            ("POST", "/cgi-bin/tags/members/getblacklist", blacklist),
            ("POST", "/cgi-bin/tags/members/batchblacklist", add_to_blacklist),
            ("POST", "/cgi-bin/tags/members/batchunblacklist", drop_from_blacklist),
        ],
    )


def info_of(phone: Phone, lang: str) -> dict[str, Any]:
    """What WeChat tells about a person; without name, picture and sex since 2021-12-27."""
    if not phone.is_following:
        return {"subscribe": 0, "openid": phone.openid, "unionid": phone.unionid}
    return {
        "subscribe": 1,
        "openid": phone.openid,
        "nickname": "",
        "sex": 0,
        "language": lang or "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(phone.followed_at),
        "unionid": phone.unionid,
        "remark": phone.remark,
        "groupid": phone.tag_ids[0] if phone.tag_ids else 0,
        "tagid_list": phone.tag_ids,
        "subscribe_scene": phone.subscribe_scene,
        "qr_scene": phone.qr_scene,
        "qr_scene_str": phone.qr_scene_str,
    }


async def info(call: Call) -> dict[str, Any]:
    """The data of one person."""
    return info_of(call.user(call.query.get("openid")), call.query.get("lang", ""))


async def batch_info(call: Call) -> dict[str, Any]:
    """The data of up to 100 people."""
    wanted = call.need("user_list", list)
    if not 1 <= len(wanted) <= 100:
        raise WxError(40032)
    people = [info_of(call.user(w.get("openid")), w.get("lang", "")) for w in wanted]
    return {"user_info_list": people}


def _page(openids: list[str], after: str) -> dict[str, Any]:
    if after and after not in openids:
        raise WxError(40003)
    start = openids.index(after) + 1 if after else 0
    page = openids[start : start + PAGE]
    answer: dict[str, Any] = {"count": len(page)}
    if page:
        answer["data"] = {"openid": page}
    return answer | {"next_openid": page[-1] if page else ""}


async def fans(call: Call) -> dict[str, Any]:
    """The openids of followers, 10 000 a page."""
    openids = [p.openid for p in call.sim.world.phones.values() if p.is_following]
    return {"total": len(openids)} | _page(openids, call.query.get("next_openid", ""))


async def update_remark(call: Call) -> None:
    """Set the account's own name for a follower."""
    phone = call.user(call.body.get("openid"))
    remark = call.need("remark")
    if len(remark) > 30:
        raise WxError(40035)
    phone.remark = remark


# --- tags --------------------------------------------------------------------------------
def _tag_name(call: Call) -> str:
    name = call.need("tag", dict).get("name")
    if not isinstance(name, str) or not name:
        raise WxError(40035)
    if len(name.encode()) > 30:
        raise WxError(45158)
    taken = {t.name for t in call.sim.world.tags.values()} | set(SYSTEM_TAGS.values())
    if name in taken:
        raise WxError(45157)
    return name


def _tag(call: Call, value: Any) -> Tag:
    if str(value) in SYSTEM_TAGS:
        raise WxError(45058)
    tag = call.sim.world.tags.get(str(value))
    if tag is None:
        raise WxError(45159)
    return tag


def _count(call: Call, tag: Tag) -> int:
    return sum(tag.id in p.tag_ids for p in call.sim.world.phones.values())


async def create_tag(call: Call) -> dict[str, Any]:
    """Create a tag; at most 100."""
    tags = call.sim.world.tags
    if len(tags) >= 100:
        raise WxError(45056)
    name = _tag_name(call)
    tag = Tag(max([FIRST_TAG - 1, *(t.id for t in tags.values())]) + 1, name)
    tags[str(tag.id)] = tag
    return {"tag": {"id": tag.id, "name": tag.name}}


async def get_tags(call: Call) -> dict[str, Any]:
    """Every tag with its number of followers."""
    tags = call.sim.world.tags.values()
    return {"tags": [{"id": t.id, "name": t.name, "count": _count(call, t)} for t in tags]}


async def update_tag(call: Call) -> None:
    """Rename a tag."""
    tag = _tag(call, call.need("tag", dict).get("id"))
    tag.name = _tag_name(call)


async def delete_tag(call: Call) -> None:
    """Delete a tag and remove it from its followers."""
    tag = _tag(call, call.need("tag", dict).get("id"))
    if _count(call, tag) > 100_000:
        raise WxError(45057)
    for phone in call.sim.world.phones.values():
        if tag.id in phone.tag_ids:
            phone.tag_ids.remove(tag.id)
    del call.sim.world.tags[str(tag.id)]


def _members(call: Call) -> list[Phone]:
    openids = call.need("openid_list", list)
    if not 1 <= len(openids) <= 50:
        raise WxError(40032)
    found = [call.sim.world.by_openid(openid) for openid in openids]
    if any(p is None for p in found):
        raise WxError(49003)
    return [p for p in found if p is not None]


async def batch_tag(call: Call) -> None:
    """Tag up to 50 followers; a follower has at most 20 tags."""
    tag = _tag(call, call.body.get("tagid"))
    members = _members(call)
    if any(tag.id not in p.tag_ids and len(p.tag_ids) >= 20 for p in members):
        raise WxError(45059)
    for phone in members:
        if tag.id not in phone.tag_ids:
            phone.tag_ids.append(tag.id)


async def batch_untag(call: Call) -> None:
    """Remove a tag from up to 50 followers."""
    tag = _tag(call, call.body.get("tagid"))
    for phone in _members(call):
        if tag.id in phone.tag_ids:
            phone.tag_ids.remove(tag.id)


async def tags_of(call: Call) -> dict[str, Any]:
    """The tags of one follower."""
    return {"tagid_list": call.user(call.body.get("openid")).tag_ids}


async def fans_of_tag(call: Call) -> dict[str, Any]:
    """The followers with one tag."""
    tag = _tag(call, call.body.get("tagid"))
    openids = [p.openid for p in call.sim.world.phones.values() if tag.id in p.tag_ids]
    return _page(openids, str(call.body.get("next_openid", "")))


# --- black list --------------------------------------------------------------------------
async def blacklist(call: Call) -> dict[str, Any]:
    """The openids on the blacklist."""
    openids = [p.openid for p in call.sim.world.phones.values() if p.is_blacklisted]
    return {"total": len(openids)} | _page(openids, str(call.body.get("begin_openid", "")))


def _blacklist_members(call: Call) -> list[Phone]:
    if len(call.need("openid_list", list)) > 20:
        raise WxError(40032)
    return _members(call)


async def add_to_blacklist(call: Call) -> None:
    """Put up to 20 people on the blacklist."""
    for phone in _blacklist_members(call):
        phone.is_blacklisted = True


async def drop_from_blacklist(call: Call) -> None:
    """Take up to 20 people off the blacklist."""
    for phone in _blacklist_members(call):
        phone.is_blacklisted = False

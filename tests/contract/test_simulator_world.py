"""The simulator's state: restarts, reset, clock, Moments, QR codes in pictures, command line."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
import segno
from aiohttp import web
from PIL import Image

from simulator import snapshot
from simulator.account.qr import qr_picture
from simulator.keys import ensure_keys
from simulator.people.codes import read_codes
from simulator.settings import Settings
from simulator.world import World
from tests.contract.sim_fixtures import MakeDesk
from tests.contract.sim_shop import Desk


# --- keeping the world -------------------------------------------------------------------
async def test_a_restart_keeps_chats_money_and_media(make_desk: MakeDesk, tmp_path: Path) -> None:
    path = str(tmp_path / "world.json")
    first = await make_desk(state_file=path)
    await first.do("/phones/lin/follow")
    picture = base64.b64encode(qr_picture("x")).decode()
    sent = await first.do("/phones/lin/picture", base64=picture)
    await first.paid("FEN0000001", 29_800)
    await first.idle()
    first.sim.save()
    again = await make_desk(state_file=path)
    assert snapshot.dump(again.sim.world) == snapshot.dump(first.sim.world)
    phone = await again.see("/phones/lin")
    assert (phone["following"], phone["wallet_fen"]) == (True, 5_000_000 - 29_800)
    async with again.session.get(again.base + sent["message"]["body"]["url"]) as response:
        assert await response.read() == qr_picture("x")


def test_fields_that_an_older_snapshot_lacks_get_defaults() -> None:
    world = snapshot.load('{"serial": 7, "gone": 1, "tags": {"100": {"id": 100, "name": "a"}}}')
    assert (world.next_id(), world.tags["100"].name, world.phones) == (8, "a", {})
    assert snapshot.load(snapshot.dump(World())) == World()


async def test_reset_leaves_only_the_people_of_the_settings(desk: Desk) -> None:
    await desk.do("/phones", id="extra", name="路人")
    await desk.paid("FEN0000001", 100)
    await desk.idle()
    await desk.do("/reset")
    assert [p["id"] for p in (await desk.see("/phones"))["phones"]] == ["lin", "wang"]
    book = await desk.see("/book")
    assert (book["fund_fen"], book["entries"], book["orders"]) == (100_000_000, [], [])


def test_keys_are_made_once_and_unknown_settings_are_errors(tmp_path: Path) -> None:
    assert ensure_keys(tmp_path / "k") == ensure_keys(tmp_path / "k")
    path = tmp_path / "s.json"
    path.write_text('{"appid": "wx1", "colour": 1}')
    with pytest.raises(ValueError, match="colour"):
        Settings.load(path)


# --- clock -------------------------------------------------------------------------------
async def test_moving_the_clock_notifies_the_shop(
    make_desk: MakeDesk, aiohttp_server: Any
) -> None:
    told: list[Any] = []

    async def clock(request: web.Request) -> web.Response:
        told.append(await request.json())
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/clock", clock)
    server = await aiohttp_server(app)
    desk = await make_desk(clock_url=str(server.make_url("/clock")))
    moved = await desk.do("/clock", advance_seconds=86_400)
    assert moved["offset_seconds"] == 86_400
    await desk.do("/clock", offset_seconds=0, notify_app=False)
    assert told == [{"offset_seconds": 86_400}]
    assert (await desk.see("/clock"))["offset_seconds"] == 0


# --- people ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/phones", {"id": "lin", "name": "又一个"}, 409, "conflict"),
        ("/phones", {"id": "Not A Host", "name": "x"}, 400, "bad_request"),
        ("/phones/nobody/follow", {}, 404, "not_found"),
        ("/phones/lin/text", {"content": "未关注"}, 409, "conflict"),
        ("/phones/lin/follow", {"ticket": "gone"}, 404, "not_found"),
        ("/phones/lin/menu", {"key": "x"}, 409, "conflict"),
        ("/phones/lin/pay", {"out_trade_no": "none"}, 404, "not_found"),
        ("/phones/lin/pay", {}, 400, "bad_request"),
        ("/faults", {"match": {"kind": "x"}, "action": {"lose": True}}, 400, "bad_request"),
    ],
)
async def test_an_impossible_act_is_an_error_and_changes_nothing(
    desk: Desk, path: str, body: Any, status: int, code: str
) -> None:
    before = snapshot.dump(desk.sim.world)
    got, answer = await desk.ask("POST", path, body)
    assert (got, answer["error"]["code"]) == (status, code)
    assert snapshot.dump(desk.sim.world) == before


# --- Moments and codes -------------------------------------------------------------------
def poster(text: str, *, quality: int = 80, logo: bool = True, turn: float = 0) -> bytes:
    picture = Image.new("RGB", (750, 1334), (236, 205, 180))
    code = Image.open(io.BytesIO(qr_picture(text, scale=6))).resize((240, 240))
    picture.paste(code, (450, 1020))
    if logo:
        picture.paste((200, 30, 30), (555, 1125, 585, 1155))
    picture = picture.rotate(turn, expand=True, fillcolor="white")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


@pytest.mark.parametrize("turn", [0, 7, 90, 180])
def test_a_posters_code_with_a_logo_is_read(turn: float) -> None:
    assert read_codes(poster("http://127.0.0.1:8080/s/AbCdEf", turn=turn)) == [
        "http://127.0.0.1:8080/s/AbCdEf"
    ]


@pytest.mark.parametrize("error", ["l", "m", "q", "h"])
@pytest.mark.parametrize(
    "text", ["1", "12345678901", "HELLO 52% VOL", "https://c.example/" + "a" * 300, "山泉坊"]
)
def test_every_kind_of_content_and_level_is_read(text: str, error: str) -> None:
    out = io.BytesIO()
    segno.make(text, error=error, micro=False).save(out, kind="png", scale=3)
    assert read_codes(out.getvalue()) == [text]


def test_a_half_covered_code_is_not_read() -> None:
    blank = io.BytesIO()
    Image.new("L", (300, 300), 255).save(blank, "PNG")
    assert read_codes(blank.getvalue()) == []
    assert read_codes(b"not a picture") == []
    out = io.BytesIO()
    segno.make("https://c.example/" + "a" * 60, error="l", micro=False).save(
        out, kind="png", scale=4
    )
    with Image.open(out) as whole:
        torn = whole.convert("L")
    assert read_codes(out.getvalue())
    torn.paste(255, (0, 0, torn.width // 2, torn.height // 2 + 20))
    out = io.BytesIO()
    torn.save(out, "PNG")
    assert read_codes(out.getvalue()) == []


async def test_a_poster_in_moments_leads_to_the_address_in_its_code(desk: Desk) -> None:
    body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "d:9"}}}
    ticket = await desk.api("/cgi-bin/qrcode/create", body)
    picture = base64.b64encode(poster(ticket["url"])).decode()
    posted = await desk.do("/phones/lin/moments", base64=picture, text="好酒")
    assert (posted["kind"], posted["qr_text"]) == ("picture", ticket["url"])
    opened = await desk.do(f"/phones/wang/moments/{posted['id']}/open")
    assert opened["push"]["fields"]["EventKey"] == "qrscene_d:9"
    link = await desk.do("/phones/lin/moments", title="陈酿", link="http://127.0.0.1/m/p/1")
    page = await desk.do(f"/phones/wang/moments/{link['id']}/open")
    assert page == {"kind": "page", "url": "http://127.0.0.1/m/p/1"}
    listed = (await desk.see("/moments"))["moments"]
    assert [m["opened_by"] for m in listed] == [["wang"], ["wang"]]


async def test_a_card_reaches_the_friend(desk: Desk) -> None:
    await desk.do("/phones/lin/share", to="wang", title="陈酿", link="http://127.0.0.1/m/p/1")
    friends = await desk.see("/phones/wang/friends")
    assert friends["messages"][0]["sender"] == "friend:lin"
    assert friends["messages"][0]["body"]["title"] == "陈酿"


# --- faults on the API host --------------------------------------------------------------
async def test_faults_on_the_api_host(desk: Desk) -> None:
    path = "/cgi-bin/getcallbackip"
    match = {"kind": "api", "path": path}
    await desk.do("/faults", match=match, action={"errcode": -1})
    assert (await desk.api(path))["errcode"] == -1
    token = (await desk.token())["access_token"]
    await desk.do("/faults", match=match, action={"stale_token": True})
    assert (await desk.api(path, access_token=token))["errcode"] == 40001
    assert "ip_list" in await desk.api(path)
    await desk.do("/faults", match=match, action={"garbage": True})
    token = (await desk.token())["access_token"]
    async with desk.session.get(f"{desk.base}{path}?access_token={token}") as response:
        assert "Bad Gateway" in await response.text()
    await desk.do("/faults", match=match, action={"drop": True}, count=2)
    with pytest.raises(Exception, match=r"disconnected|reset"):
        await desk.api(path, access_token=token)
    assert (await desk.see("/faults"))["faults"][-1]["left"] in (0, 1)
    status, cleared = await desk.ask("DELETE", "/faults")
    assert (status, cleared["cleared"]) == (200, 4)


async def test_a_restart_sends_the_notification_that_was_cut_off(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    path = str(tmp_path / "world.json")
    first = await make_desk(state_file=path)
    await first.do("/faults", match={"kind": "notify.pay"}, action={"delay_s": 30})
    await first.paid("FEN0000001", 100)
    await first.do("/idle", timeout_s=0.05)
    first.sim.save()
    again = await make_desk(state_file=path)
    again.sim.world.notifications[0].url = f"{again.shop.base}/pay/notify"
    await again.idle()
    assert (len(first.shop.notified), len(again.shop.notified)) == (0, 1)


async def test_a_person_has_the_same_openid_in_every_world(make_desk: MakeDesk) -> None:
    one, two = await make_desk(), await make_desk()
    assert one.sim.world.phones["lin"].openid == two.sim.world.phones["lin"].openid
    assert len(one.sim.world.phones["lin"].openid) == 28
    assert one.sim.world.phones["lin"].openid != one.sim.world.phones["wang"].openid

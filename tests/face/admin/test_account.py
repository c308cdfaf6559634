"""我的账号: the devices that a person signed in on; only that person removes them."""

from __future__ import annotations

from typing import Any

import pytest

from admin.account import device_name
from admin.sign_in import DEVICE_COOKIE
from domain import staff
from domain.staff import Caller
from domain.staff.tries import NOTED_FROM, TRIES
from gateways.pictures.images import ImageStore
from kernel.errors import Invalid
from kernel.ids import token
from kernel.passwords import PasswordPool
from kernel.web.browsers import Browser
from models import StaffDevice, StaffSession
from tests.face.conftest import OpenFace
from tests.face.desk import COOKIE, PASSWORD, Desk, hire, open_desk, open_session, who_did
from tests.factories.staff import code_of, make_staff
from tests.harness.markup import forms_of, table_of, texts_of, values_of, words_of

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "Mobile/15E148 MicroMessenger/8.0.50"
)


@pytest.fixture
async def desk(open_face: OpenFace, store: Any, tmp_path: Any) -> Desk:
    """The desk, with the owner signed in."""
    opened = await open_desk(open_face, store, ImageStore(tmp_path))
    hire("boss", "owner")
    opened.sign_in("boss")
    return opened


async def sign_in_by_page(desk: Desk, uri: str | None, device: str = "", step: int = 0) -> Any:
    """Password and code as a browser with a device cookie sends them."""
    cookie = token()
    headers = {"Cookie": f"{COOKIE}={cookie}; {DEVICE_COOKIE}={device}", "User-Agent": IPHONE}
    csrf = {"_csrf": Browser.csrf_of(cookie)}
    first = await desk.client.post(
        "/admin/sign-in", data=csrf | {"login": "lisa", "password": PASSWORD}, headers=headers
    )
    (ticket,) = values_of(await first.text(), "input[name=ticket]", "value")
    return await desk.client.post(
        "/admin/sign-in/code",
        data=csrf | {"ticket": ticket, "code": code_of(uri, step)},
        headers=headers,
        allow_redirects=False,
    )


async def test_a_complete_sign_in_makes_the_browser_a_known_device(desk: Desk) -> None:
    made = make_staff("lisa", ["operator"], PASSWORD)
    answer = await sign_in_by_page(desk, made.totp_uri)
    device = answer.cookies[DEVICE_COOKIE]
    assert (device["httponly"], device["samesite"], device["path"]) == (True, "Lax", "/admin")
    assert int(device["max-age"]) == 180 * 86_400
    assert device.value not in [row.token_hash for row in StaffDevice.select()]
    desk.use(answer.cookies[COOKIE].value)
    _, page = await desk.get("/admin/me")
    ((device_cell, _),) = table_of(page)
    assert device_cell.startswith("iPhone · 微信 本机 ")
    again = await sign_in_by_page(desk, made.totp_uri, device.value, 1)
    assert again.status == 303
    assert again.cookies[DEVICE_COOKIE].value != device.value
    assert StaffDevice.select().count() == 2  # the owner's, and this browser's only one


async def test_a_known_device_signs_in_while_its_address_is_locked(
    desk: Desk,
) -> None:
    made = make_staff("lisa", ["operator"], PASSWORD)
    first = await sign_in_by_page(desk, made.totp_uri)
    device = first.cookies[DEVICE_COOKIE].value
    desk.use(token())
    for _ in range(35):  # more than the lock and the limit of an address allow
        await desk.post("/admin/sign-in", login="lisa", password="wrong")
    status, _ = await desk.post("/admin/sign-in", login="lisa", password=PASSWORD)
    assert status == 429
    assert (await sign_in_by_page(desk, made.totp_uri, device, 1)).status == 303


async def test_a_lost_device_is_removed_and_signed_out(desk: Desk) -> None:
    lost = open_session("boss")
    where = StaffDevice.select().order_by(StaffDevice.id.desc()).get().id
    _, page = await desk.get("/admin/me")
    assert f"/admin/me/devices/{where}/forget" in [form.action for form in forms_of(page)]
    assert await desk.post(f"/admin/me/devices/{where}/forget") == (303, "/admin/me")
    assert await desk.said() == "已移除这台设备，它上面的登录已退出"
    assert staff.find_staff_session(lost) is None
    assert who_did("staff.device_forgotten") == "staff:boss"
    await desk.post(f"/admin/me/devices/{where}/forget")
    assert "已经移除" in await desk.said()


async def test_nobody_removes_another_s_device_or_session(desk: Desk) -> None:
    hire("lisa", "operator")
    theirs = open_session("lisa")
    where = StaffDevice.select().order_by(StaffDevice.id.desc()).get().id
    session = StaffSession.select().order_by(StaffSession.id.desc()).get().id
    await desk.post(f"/admin/me/devices/{where}/forget")
    assert "未完成" in await desk.said()
    await desk.post(f"/admin/me/sessions/{session}/end")
    assert staff.find_staff_session(theirs) is not None


async def test_a_session_without_a_device_is_listed_and_ended(desk: Desk) -> None:
    """The session was opened before devices were recorded."""
    old = open_session("boss")
    session = StaffSession.select().order_by(StaffSession.id.desc()).get()
    StaffSession.update(device=None).where(StaffSession.id == session.id).execute()
    _, page = await desk.get("/admin/me")
    assert f"/admin/me/sessions/{session.id}/end" in [form.action for form in forms_of(page)]
    assert await desk.post(f"/admin/me/sessions/{session.id}/end") == (303, "/admin/me")
    assert staff.find_staff_session(old) is None


async def test_signing_out_of_a_shared_computer_removes_its_device(desk: Desk) -> None:
    assert StaffDevice.select().count() == 1
    assert await desk.post("/admin/logout", forget="1") == (303, "/admin/sign-in")
    assert StaffDevice.select().count() == 0
    desk.sign_in("boss")
    assert await desk.post("/admin/logout") == (303, "/admin/sign-in")
    assert StaffDevice.select().count() == 1


async def test_the_owner_signs_a_colleague_out_everywhere(desk: Desk) -> None:
    lisa = hire("lisa", "operator")
    theirs = open_session("lisa")
    mine = desk.cookie
    await desk.post(f"/admin/staff/{lisa}/sign-out")
    assert await desk.said() == "Lisa 的全部登录已退出，设备已移除"
    assert staff.find_staff_session(theirs) is None
    desk.use(open_session("lisa"))
    boss = staff.list_staff()[0].id
    assert (await desk.post(f"/admin/staff/{boss}/sign-out"))[0] == 403
    assert staff.find_staff_session(mine) is not None


async def test_wrong_tries_elsewhere_are_shown_on_the_account_and_on_today(desk: Desk) -> None:
    make_staff("lisa", ["operator"], PASSWORD)
    desk.use(token())
    for _ in range(TRIES):
        await desk.post("/admin/sign-in", login="lisa", password="wrong")
    desk.use(open_session("lisa"))
    _, page = await desk.get("/admin/me")
    (warning,) = texts_of(page, ".notice-warn")
    assert f"被输错 {TRIES} 次" in warning
    desk.sign_in("boss")
    assert "有人在试" not in words_of((await desk.get("/admin/"))[1])
    for n in range(NOTED_FROM - TRIES):
        with pytest.raises(Invalid):
            await staff.sign_in(
                desk.store, PasswordPool(), "lisa", "wrong", Caller(f"198.51.100.{n}")
            )
    _, page = await desk.get("/admin/")
    told = f"有人在试 Lisa 的密码或动态码：近 24 小时输错 {NOTED_FROM} 次"
    assert [text for text in texts_of(page, ".notice-bad") if text.startswith(told)]
    desk.use(open_session("lisa"))
    assert "有人在试" not in words_of((await desk.get("/admin/"))[1])


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (IPHONE, "iPhone · 微信"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Edg/140.0", "Windows 电脑 · Edge"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/122.0 Mobile", "安卓手机 · Chrome"),
        ("Mozilla/5.0 (Macintosh) Version/17 Safari/605", "Mac 电脑 · Safari"),
        ("curl/8", "其他设备"),
        ("", "其他设备"),
    ],
)
def test_a_device_is_named_by_its_system_and_browser(agent: str, name: str) -> None:
    assert device_name(agent) == name

"""A person who uses all of the shop, with marks that stand nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import models
from domain import (
    aftersales,
    audit,
    cart,
    catalog,
    distribution,
    members,
    orders,
    payouts,
    rights,
    service_desk,
)
from domain.aftersales import CaseForm
from domain.distribution.service import naming
from domain.members import AddressForm
from domain.personal_data import Places
from domain.push import CARRIERS
from gateways.pictures.images import ImageStore
from gateways.pictures.poster_cache import PosterCache
from gateways.private_files import PrivateFiles
from kernel import clock
from kernel.context import acting
from kernel.ids import token
from kernel.people_hashes import name_hash, phone_hash
from kernel.store import CommandKey
from kernel.store.commands import command
from models import (
    AgeDoubt,
    AgeTry,
    BillAside,
    Delivery,
    ExportFile,
    Member,
    Order,
    Payment,
    PayNotice,
    PictureReview,
    Poster,
    Proposal,
    PushCampaign,
    Refusal,
    Scene,
    SheetImport,
    SheetImportRow,
    SubscriptionGrant,
    TextRuling,
    WechatIdentity,
)
from tests.factories.catalog import make_product
from tests.factories.distribution import make_customer, make_distributor
from tests.factories.members import APPID
from tests.factories.orders import received_order

OPENID, UNIONID = "oSweep-aVeryOwnOpenid-000001", "uSweep-000001"
NICKNAME, SHOWN, REAL = "沱江边的小雨滴", "雨滴好酒推荐", "欧阳雨霏霏"
PHONE, STREET, ID_NUMBER = "13955501234", "望江楼滨江路99号7栋", "110101199003078232"
RECEIVER = "欧阳家的门卫"
SAID = "我叫欧阳雨霏霏，电话13955501234"


@dataclass(frozen=True)
class Life:
    """The member, the places outside the database, and every mark to look for."""

    member_id: int
    places: Places
    folder: Path
    redis: Any
    marks: tuple[str, ...]
    files: tuple[Path, ...]


async def live(folder: Path, redis: Any) -> Life:
    """Let a person use everything; nothing is left open."""
    places = places_in(folder, redis)
    upline = make_distributor("阿慧")
    me = _joins(upline)
    face, photo = (_picture(places.pictures, shade) for shade in (40, 90))
    Member.update(avatar=face).where(Member.id == me).execute()
    _is_looked_at(me, face)
    _browses(me)
    order = _buys(me, photo)
    _sells(me)
    marks = [*_says(me, order.order_no), *_scene(me, folder)]
    _stands_in_logs(me, order.order_no)
    licence = await places.documents.put(b"sealed")
    models.Payee.update(document=licence).where(models.Payee.owner_id == me).execute()
    whole = folder / "whole"
    whole.write_bytes(b"zip")
    file = await places.exports.take_in(whole)
    no = rights.request_file(me)
    rights.record_file(no, file, 3)
    for name in ("topic", "waits", "unfit", "rate:say"):
        await redis.set(f"{name}:{OPENID}", "1")
    number, code = _numbers(me)
    named = (OPENID, UNIONID, NICKNAME, SHOWN, REAL, PHONE, STREET, ID_NUMBER, RECEIVER)
    hashes = [name_hash(each) for each in (NICKNAME, SHOWN, REAL, RECEIVER, ID_NUMBER)] + [
        phone_hash(PHONE)
    ]
    return Life(
        me, places, folder, redis,
        (*named, *(each for each in hashes if each), face, photo, licence, file, number, code,
         *marks),
        tuple(_files(folder)),
    )  # fmt: skip


def places_in(folder: Path, redis: Any) -> Places:
    """The places outside the database, below a folder of a test."""
    pictures = ImageStore(folder / "pictures")
    return Places(
        pictures, PrivateFiles(folder / "private"), PrivateFiles(folder / "exports"),
        PosterCache(folder / "pictures", folder / "posters"), _memory(redis),
    )  # fmt: skip


def _memory(redis: Any) -> Any:
    from bot.memory import ChatMemory

    return ChatMemory(redis)


def _joins(upline: int) -> int:
    me, _ = members.follow(APPID, OPENID, "qrscene_first")
    WechatIdentity.update(unionid=UNIONID).where(WechatIdentity.member == me).execute()
    members.record_message(APPID, OPENID)
    members.confirm_adult(me)
    members.set_nickname(me, NICKNAME)
    code = distribution.own_referral_code(upline) or ""
    distribution.record_touch(f"o:{OPENID}", code, "scan", member_id=me)
    distribution.record_arrival(me, "menu")
    shown = distribution.shown_to(me)
    assert shown is not None
    distribution.decide_names(me, shown.version, True, "v1")
    (binding,) = models.Binding.select().where(models.Binding.member == me)
    distribution.note_customer(upline, binding.id, RECEIVER)
    return me


def _is_looked_at(me: int, face: str) -> None:
    """A picture that was reviewed, and a doubt of age with a try."""
    now = clock.now()
    PictureReview.insert(
        kind="avatar", owner_id=me, member_id=me, picture=face, state="shown", asked_at=now
    ).execute()
    doubt = AgeDoubt.insert(
        member=me, state="ended", cause="staff", reason=SAID, ground=SAID, raised_by="staff:lisa",
        raised_at=now, due_at=now,
    ).execute()  # fmt: skip
    AgeTry.insert(
        doubt=doubt, member=me, number_hash=name_hash(ID_NUMBER), person_hash="p" * 64, at=now
    ).execute()


def _browses(me: int) -> None:
    session = members.open_session(token(), "visitor-of-the-person-01")
    members.renew_session(session, me)
    members.begin_oauth(session, "/m/", "snsapi_base")
    members.begin_handover(session, "/m/cart")
    members.agree_to_promotions(me)
    form = AddressForm(RECEIVER, PHONE, "四川省", "泸州市", "江阳区", STREET)
    members.save_address(me, form)
    gone = members.save_address(me, form)
    members.delete_address(me, gone)
    cart.add(f"m:{me}", make_product("陈酿").sku_id)


def _buys(me: int, photo: str) -> Any:
    bought = received_order(me, note=SAID)
    with acting("staff:lisa"):
        orders.write_merchant_note(bought.order_id, f"{REAL}代收")
    Order.update(greeting=SAID, invoice_title=REAL).where(Order.id == bought.order_id).execute()
    Payment.update(openid=OPENID, prepay_id="wxprepay").where(
        Payment.id == bought.payment_id
    ).execute()
    PayNotice.insert(
        notice_id="EV-1", event_type="TRANSACTION.SUCCESS", out_number="PA1",
        content=json.dumps({"payer": {"openid": OPENID}}), received_at=clock.now(),
    ).execute()  # fmt: skip
    form = CaseForm(
        me, bought.order_no, "return", ((bought.line_ids[0], 1),), "damaged", SAID, (photo,)
    )
    case = aftersales.request_case(form)
    aftersales.withdraw_case(case["case_no"], me)
    return bought


def _sells(me: int) -> None:
    distribution.apply_as_distributor(me, SHOWN, "individual", "v1")
    payouts.save_identity(me, REAL, ID_NUMBER)
    customer = make_customer(me, "小丁", agreed=True)
    (binding,) = models.Binding.select().where(models.Binding.member == customer)
    distribution.note_customer(me, binding.id, "老丁")
    naming.put_names_to_review()
    TextRuling.insert(
        text_hash="h" * 64, text=SHOWN, page="/m/d/apply", field="display_name", words=[],
        asked_by=f"member:{me}", asked_at=clock.now(),
    ).execute()  # fmt: skip


def _says(me: int, order_no: str) -> Iterator[str]:
    number = service_desk.open_ticket(me, SAID, "complaint", order_no)
    service_desk.answer_ticket(number, f"{REAL}您好", "staff:lisa")
    no = rights.open_request(me, "correction", SAID)
    rights.answer_request(no, "done", f"{REAL}您好", "staff:lisa")
    campaign = PushCampaign.insert(
        title="春节", carrier=CARRIERS[0], content={}, audience={"members": [me]},
        created_by="staff:lisa", created_at=clock.now(),
    ).execute()  # fmt: skip
    Delivery.insert(
        campaign=campaign, member=me, openid=OPENID, state="sent", client_msg_id=f"c{me}",
        msg_id="m-1", said=f"invalid openid {OPENID}", at=clock.now(),
    ).execute()  # fmt: skip
    SubscriptionGrant.insert(
        member=me, template_id="t-1", remaining=1, updated_at=clock.now()
    ).execute()
    yield from ()


def _scene(me: int, folder: Path) -> Iterator[str]:
    scene = "sceneOfThePerson0001"
    key = "d" * 64
    made = Scene.insert(scene=scene, kind="referral", member=me, created_at=clock.now()).execute()
    Poster.insert(
        content_key=key, member=me, scene=made, file=f"{key}.jpg", created_at=clock.now()
    ).execute()
    path = folder / "posters" / key[:2] / f"{key}.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"poster")
    other = make_customer(me, "小吴")
    WechatIdentity.update(first_scene=scene).where(WechatIdentity.member == other).execute()
    yield from (scene, key)


def _stands_in_logs(me: int, order_no: str) -> None:
    audit.record("member.note", "member", me, after={"name": NICKNAME}, actor="staff:lisa")
    audit.record("order.address_seen", "order", order_no, after=RECEIVER, actor="staff:lisa")
    audit.record_event("order.note", "order", order_no, facts={"phone": PHONE}, source="system")
    command(CommandKey(f"member:{me}", "say", "k1", {}), lambda: {"name": NICKNAME})
    now = clock.now()
    Refusal.insert(
        side="account", call="custom_send", code="40003", detail=f"invalid openid {OPENID}",
        first_at=now, last_at=now,
    ).execute()  # fmt: skip
    BillAside.insert(
        bill_day="2026-11-30", mchid="1900000001", bill="trade", line=7, digest="x" * 64,
        content=f"`{OPENID}`,`1.00`", reason="unreadable", facts={"cell": OPENID}, created_at=now,
    ).execute()  # fmt: skip
    ExportFile.insert(
        page="orders", title="订单", kind="xlsx", query={"q": PHONE}, asked_by="staff:lisa",
        asked_at=now, state="ready", expires_at=now,
    ).execute()  # fmt: skip
    sheet = SheetImport.insert(
        page="orders", name="发货.xlsx", made_by="staff:lisa", made_at=now, state="done",
        rows_total=1, expires_at=now,
    ).execute()  # fmt: skip
    SheetImportRow.insert(
        sheet=sheet, number=2, cells={"收货人": RECEIVER, "电话": PHONE}, shown={"to": RECEIVER},
        state="done", why="", cell="", facts={},
    ).execute()  # fmt: skip
    Proposal.insert(
        kind="rebinding", subject=f"member:{me}", payload={"name": NICKNAME}, cause="no_right",
        reason=f"{REAL}要求", proposed_by="staff:lisa", proposed_at=now, expires_at=now,
        state="refused",
    ).execute()  # fmt: skip


def _picture(images: Any, shade: int) -> str:
    stored = images.save(_jpeg(shade))
    catalog.save_picture(stored, "会员头像")
    return str(stored.id)


def _numbers(me: int) -> tuple[str, str]:
    return Member.get_by_id(me).public_no, distribution.own_referral_code(me) or ""


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and path.name != "whole")


def _jpeg(shade: int) -> bytes:
    """A small grey picture."""
    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (400, 400), (shade, shade, shade)).save(made, "JPEG")
    return made.getvalue()

"""The state of the simulated WeChat, as plain dataclasses without behaviour.

Instants are Unix seconds of the simulator's clock (`float`), amounts are fen (`int`).
`snapshot.py` stores all of it, so that it survives a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Window:
    """Permission to send customer-service messages (客服窗口): `left` None = unlimited."""

    kind: str  # message | menu | subscribe | scan | payment
    closes_at: float
    left: int | None


@dataclass
class Message:
    """One message in a chat, or one entry of a service list."""

    id: int
    at: float
    sender: str  # person | account | wechat | friend:<phone>
    via: str  # chat passive custom template subscribe mass preview system pay share
    kind: str  # text image voice video news menu template card location link notice …
    body: dict[str, Any] = field(default_factory=dict)


@dataclass
class Phone:
    """One person with a phone."""

    id: str
    name: str
    nickname: str
    avatar: str
    openid: str
    unionid: str
    wallet_fen: int
    real_name: str = ""  # empty = any name passes the check of a transfer
    is_away: bool = False  # not on the desk
    is_following: bool = False
    followed_at: float = 0
    subscribe_scene: str = "ADD_SCENE_OTHERS"
    qr_scene: int = 0
    qr_scene_str: str = ""
    remark: str = ""
    tag_ids: list[int] = field(default_factory=list)
    is_blacklisted: bool = False
    blocks_templates: bool = False  # 拒收: template sends end in "failed:user block"
    interacted_at: float = 0
    typing_until: float = 0  # "typing" is shown until then
    windows: list[Window] = field(default_factory=list)
    chat: list[Message] = field(default_factory=list)
    services: list[Message] = field(default_factory=list)  # 服务通知, pay receipts
    friends: list[Message] = field(default_factory=list)  # cards shared by other phones
    notices: dict[str, int] = field(default_factory=dict)  # template id → accepted sends left
    mass_received: dict[str, int] = field(default_factory=dict)  # month → count
    cookies: list[dict[str, Any]] = field(default_factory=list)  # the cookies of its webview


@dataclass
class AccessToken:
    """A credential of the API host; a replaced one stops working at `dead_at` (then 40001)."""

    value: str
    kind: str  # plain | stable
    made_at: float
    expires_at: float
    dead_at: float | None = None


@dataclass
class OAuthCode:
    value: str
    phone: str
    openid: str
    scope: str
    made_at: float
    is_snapshot: bool = False
    is_used: bool = False


@dataclass
class OAuthToken:
    value: str
    refresh: str
    phone: str
    openid: str
    scope: str
    expires_at: float
    refresh_expires_at: float
    is_snapshot: bool = False


@dataclass
class SceneTicket:
    """A scene QR code (带参数二维码); `expires_at` None = permanent."""

    ticket: str
    url: str
    scene_id: int
    scene_str: str
    made_at: float
    expires_at: float | None

    def scene(self) -> str:
        """The scene as events carry it."""
        return self.scene_str or str(self.scene_id)


@dataclass
class Media:
    """A stored file; its bytes are kept by `simulator.files.Files`."""

    id: str
    kind: str  # image voice video thumb picture (for articles)
    filename: str
    content_type: str
    made_at: float
    expires_at: float | None
    size: int
    title: str = ""  # of a permanent video
    description: str = ""


@dataclass
class Template:
    id: str
    title: str
    content: str  # lines like 订单编号:{{character_string1.DATA}}
    short_id: str = ""
    kind: str = "template"  # template | subscribe
    category: str = ""
    example: str = ""
    choices: dict[str, list[str]] = field(default_factory=dict)  # const1 → the values it takes


@dataclass
class TemplateSend:
    msgid: int
    openid: str
    template_id: str
    at: float
    data: dict[str, Any]
    url: str = ""
    status: str = "pending"
    is_blocked: bool = False


@dataclass
class Tag:
    id: int
    name: str


@dataclass
class MassSend:
    msg_id: int
    msg_data_id: int
    clientmsgid: str
    at: float
    status: str
    total: int
    sent: int
    body: dict[str, Any]


@dataclass
class Order:
    """One WeChat Pay order (支付单), keyed by out_trade_no."""

    out_trade_no: str
    trade_type: str  # JSAPI NATIVE MWEB APP
    request: dict[str, Any]
    appid: str
    openid: str
    description: str
    total_fen: int
    notify_url: str
    attach: str
    made_at: float
    expires_at: float | None
    state: str = "NOTPAY"  # NOTPAY SUCCESS CLOSED REFUND
    transaction_id: str = ""
    phone: str = ""
    payer_openid: str = ""
    paid_at: float = 0
    closed_at: float = 0
    fee_fen: int = 0
    prepay: dict[str, float] = field(default_factory=dict)  # prepay_id → made_at
    code_url: str = ""
    code_made_at: float = 0
    sheets: dict[str, float] = field(default_factory=dict)  # phone with a pay sheet → opened_at


@dataclass
class Refund:
    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    amount_fen: int
    total_fen: int
    reason: str
    notify_url: str
    made_at: float
    request: dict[str, Any]
    state: str = "PROCESSING"  # PROCESSING SUCCESS ABNORMAL CLOSED
    finished_at: float = 0
    fee_back_fen: int = 0


@dataclass
class Transfer:
    """One merchant transfer that a person confirms (商家转账)."""

    out_bill_no: str
    transfer_bill_no: str
    openid: str
    phone: str
    amount_fen: int
    remark: str
    scene_id: str
    user_name: str
    notify_url: str
    request: dict[str, Any]
    made_at: float
    updated_at: float
    state: str = "ACCEPTED"
    fail_reason: str = ""
    package_info: str = ""


@dataclass
class Grant:
    """A person's authorisation to be paid without confirming (免确认收款授权)."""

    out_authorization_no: str
    authorization_id: str
    openid: str
    phone: str
    scene_id: str
    display_name: str
    perception: str
    notify_url: str
    request: dict[str, Any]
    made_at: float
    package_info: str
    state: str = "WAIT_USER_CONFIRM"  # TAKING_EFFECT CLOSED
    authorized_at: float = 0
    closed_at: float = 0
    close_reason: str = ""


@dataclass
class BookEntry:
    """One movement of the merchant's money at WeChat: the simulator's own book (资金流水)."""

    id: int
    at: float
    account: str  # BASIC
    kind: str  # trade fee refund fee_back transfer transfer_back top_up
    ref: str  # WeChat's number
    out_ref: str  # the merchant's number
    amount_fen: int  # signed
    balance_fen: int


@dataclass
class Notification:
    """One Pay notification and its tries."""

    id: str
    kind: str  # pay | refund | transfer | grant
    event_type: str
    url: str
    original_type: str
    summary: str
    resource: dict[str, Any]
    made_at: float
    tries: list[dict[str, Any]] = field(default_factory=list)
    is_done: bool = False
    attempt: int = 0


@dataclass
class PushRecord:
    """One message or event pushed to the shop, with its result."""

    id: int
    at: float
    phone: str
    fields: dict[str, Any]
    tries: list[dict[str, Any]] = field(default_factory=list)
    outcome: str = "pending"  # reply | empty | unavailable | lost


@dataclass
class PlatformCertificate:
    """A platform certificate made by a rotation (平台证书)."""

    serial: str
    private_key: str
    certificate: str
    begins: float
    ends: float


@dataclass
class Fault:
    id: int
    match: dict[str, Any]
    action: dict[str, Any]
    left: int | None  # None = until cleared
    hits: int = 0


@dataclass
class Due:
    """Scheduled work: it runs at an instant of the simulator's clock."""

    id: int
    at: float
    kind: str
    ref: str


@dataclass
class Moment:
    """One post in Moments (朋友圈): a link card or a picture with the text of its QR code."""

    id: int
    at: float
    phone: str
    kind: str  # link | picture
    title: str = ""
    link: str = ""
    image: str = ""
    qr_text: str = ""
    text: str = ""
    opened_by: list[str] = field(default_factory=list)


@dataclass
class Short:
    key: str
    long_data: str
    made_at: float
    expires_at: float


@dataclass
class World:
    """The whole state of the simulated WeChat."""

    serial: int = 0
    clock_offset_s: float = 0
    mode: str = ""
    phones: dict[str, Phone] = field(default_factory=dict)
    openids: dict[str, str] = field(default_factory=dict)  # openid → phone
    tokens: dict[str, AccessToken] = field(default_factory=dict)
    jsapi_ticket: str = ""
    jsapi_ticket_expires_at: float = 0
    card_ticket: str = ""
    card_ticket_expires_at: float = 0
    codes: dict[str, OAuthCode] = field(default_factory=dict)
    oauth_tokens: dict[str, OAuthToken] = field(default_factory=dict)
    tickets: dict[str, SceneTicket] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    menu: dict[str, Any] | None = None
    conditional_menus: list[dict[str, Any]] = field(default_factory=list)
    tags: dict[str, Tag] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    template_sends: dict[str, TemplateSend] = field(default_factory=dict)  # by msgid
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    publishes: dict[str, dict[str, Any]] = field(default_factory=dict)
    mass: list[MassSend] = field(default_factory=list)
    shorts: dict[str, Short] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)  # id number → name
    orders: dict[str, Order] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    fund_fen: int = 0
    refund_outcomes: list[str] = field(default_factory=list)  # how the next refunds end
    book: list[BookEntry] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    pushes: list[PushRecord] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    notify_by: str = ""
    key_phase: str = ""
    switch_began_at: float = 0
    platform_signs: str = ""  # "" by time, old, new
    platform_certificates: list[PlatformCertificate] = field(default_factory=list)
    signtest_percent: int = 0

    def next_id(self) -> int:
        """The next id; ids only increase."""
        self.serial += 1
        return self.serial

    def by_openid(self, openid: str) -> Phone | None:
        """The phone with that openid, None if it is not one of this account."""
        return self.phones.get(self.openids.get(openid, ""))

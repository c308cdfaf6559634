"""mall.js and admin.js behave as in templates/README.md, under the shipped content policy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from domain.legal import Business
from kernel import clock
from kernel.config import Site
from kernel.pictures import variants
from kernel.web.templates import Renderer
from mall_h5.words import FILTERS

ROOT = Path(__file__).resolve().parents[2]
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here"),
]

MALL = """{% extends "h5/base.html" %}
{% from "h5/macros/product.html" import sheet %}
{% from "shared/field.html" import stepper, field, upload %}
{% from "shared/form.html" import csrf, submit, post_button with context %}
{% set tab = "home" %}
{% block main %}
<form class="seek"><input name="q" placeholder="找一瓶酒"><button>搜索</button></form>
<form id="u">{{ upload("photos", "照片") }}</form>
<a id="open" href="#sku">选规格</a>
<form id="f" method="post" action="/sent" data-draft="t">{{ csrf() }}{{ field("name", "收货人") }}
<input type="checkbox" name="adult" value="1">
{{ stepper("qty", 2, 1, 3) }}{{ submit("提交", "正在提交") }}</form>
{{ post_button("/gone", "删除", confirm="确认删除？") }}
<button data-pay>去付款</button><p data-pay-state></p>
<script type="application/json" id="pay">{{ {"params": {"package": "prepay_id=1"},
  "check": "/state"} | json_script }}</script>
{% endblock %}
{% block sheet %}{% call sheet("sku", "规格") %}<button id="inside">里面</button>{% endcall %}
{% endblock %}"""

COUNT = '<span class="cart-count" data-refresh="/m/cart/count"><b class="count">2</b></span>'

ADMIN = """{% extends "admin/base.html" %}
{% from "admin/macros/field.html" import confirm_dialog, opener %}
{% from "admin/macros/table.html" import table, pick, bulk %}
{% from "admin/macros/phone.html" import phone, chat_text %}
{% block main %}{{ opener("d", "整单退款") }}
{{ confirm_dialog("d", "整单退款", "不可撤", "/sent", "退款", "确认退款", csrf_token, "仅内部") }}
<form method="post" action="/sent">{% call table([("", "pick"), ("订单", "")]) %}
{% for i in range(3) %}<tr><td>{{ pick(i, "单") }}</td><td>{{ i }}</td></tr>{% endfor %}
{% endcall %}{% call bulk(2) %}<button class="btn" id="go">发货</button>{% endcall %}</form>
<input name="body" value="你好">
{% call phone("山泉坊") %}{{ chat_text("", live="body") }}{% endcall %}
{% endblock %}"""


FILE = """{% extends "admin/base.html" %}{% block main %}
<form method="post" action="/admin/orders/file" data-file>
<button class="btn" id="go">导出</button></form>
{% endblock %}"""


STEPS = """{% extends "admin/base.html" %}{% from "admin/macros/table.html" import table %}
{% block main %}{% call table([("员工", ""), ("状态", ""), ("", "act")]) %}
<tr><td>财务小陈<small>finance</small></td><td>在职</td><td class="act"><span class="btns">
{% for text in ("角色", "重置动态码", "重置密码", "退出全部设备", "停用") %}
<a class="btn" href="/x">{{ text }}</a>{% endfor %}</span></td></tr>{% endcall %}{% endblock %}"""


MISTAKES = """{% extends "FACE/base.html" %}
{% from "shared/field.html" import field %}
{% from "shared/form.html" import form_errors %}
{% set tab = "home" %}
{% block main %}
{% set errors = {"name": "请填写此项", "phone": "手机号不正确", "": "请稍后再试"} %}
{{ form_errors(errors) }}<form>{{ field("name", "收货人", errors=errors) }}
{{ field("phone", "手机号", errors=errors) }}</form>{% endblock %}"""


def until(page: Any, expression: str) -> None:
    """Wait until an expression holds (the policy forbids Playwright's own waiting)."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(20)
    raise AssertionError(expression)


def html(source: str) -> str:
    config = SimpleNamespace(
        environment="test",
        site=Site(name="山泉坊", legal_name="山泉坊酒业有限公司"),
        wechat=SimpleNamespace(jssdk_url="/sdk.js"),
    )
    env = Renderer(config).env  # type: ignore[arg-type]
    env.filters.update(FILTERS)
    return env.from_string(source).render(
        request_path="/m/", csrf_token="t", care_mode=False, in_wechat=True, now=clock.now(),
        company=Business(legal_name="山泉坊酒业有限公司"),
        pics=[variants(each * 64, 900, 900, "#aabbcc", (375, 750), "/p") for each in "ab"],
    )  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[[str], Any]]:
    """Open a page whose requests are answered from the disk; an error in it fails the test."""
    faults: list[str] = []
    pages = []

    def start(source: str, *, script: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": 375, "height": 700}, java_script_enabled=script
        )
        page = context.new_page()
        page.posted = []
        page.states = []
        body = html(source)

        def answer(route: Any) -> None:
            path = urlsplit(route.request.url).path
            if path.startswith("/static/"):
                file = ROOT / path.lstrip("/")
                kind = KINDS[file.suffix]
                route.fulfill(body=file.read_bytes(), content_type=kind)
            elif path == "/state":
                state = page.states.pop(0)
                route.fulfill(body=json.dumps(state), content_type="application/json")
            elif path == "/m/cart/count":
                route.fulfill(body=COUNT, content_type="text/html")
            elif path in ("/", "/other"):
                policy = {"Content-Security-Policy": POLICY}
                shown = body if path == "/" else body.replace('data-draft="t"', "")
                route.fulfill(body=shown, content_type="text/html; charset=utf-8", headers=policy)
            elif path.endswith("/file"):
                page.posted.append((path, route.request.post_data))
                headers = {"Content-Disposition": "attachment; filename=orders.csv"}
                route.fulfill(body="1", content_type="text/csv", headers=headers)
            else:
                page.posted.append((path, route.request.post_data))
                route.fulfill(body="<title>done</title>", content_type="text/html")

        page.route("**/*", answer)
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("http://mall.test/")
        pages.append(context)
        return page

    yield start
    for context in pages:
        context.close()
    assert faults == []


def test_a_sheet_opens_without_a_script_and_closes_again(open_page: Any) -> None:
    page = open_page(MALL, script=False)
    assert not page.is_visible("#inside")
    page.click("#open")
    page.wait_for_selector("#inside", state="visible")
    page.click(".sheet-close")
    page.wait_for_selector("#inside", state="hidden")


def test_a_sheet_gets_the_focus_and_returns_it(open_page: Any) -> None:
    page = open_page(MALL)
    page.click("#open")
    until(page, "document.activeElement.classList.contains('sheet-box')")
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate("!!document.activeElement.closest('#sku')")
    page.keyboard.press("Escape")
    until(page, "location.hash === '' && document.activeElement.id === 'open'")


def test_the_back_key_closes_a_sheet(open_page: Any) -> None:
    page = open_page(MALL)
    page.click("#open")
    page.wait_for_selector("#inside", state="visible")
    page.go_back()
    page.wait_for_selector("#inside", state="hidden")
    assert page.url == "http://mall.test/"


def test_the_stepper_stops_at_its_limits(open_page: Any) -> None:
    page = open_page(MALL)
    page.click("[data-step='1']")
    assert page.input_value("[name=qty]") == "3"
    assert page.is_disabled("[data-step='1']")
    page.click("[data-step='-1']")
    page.click("[data-step='-1']")
    assert page.input_value("[name=qty]") == "1"
    assert page.is_disabled("[data-step='-1']")


def test_a_typed_quantity_is_sent_as_typed(open_page: Any) -> None:
    page = open_page(MALL)
    page.evaluate(
        "document.forms.f.addEventListener('change', (e) => { window.heard = e.target.value; })"
    )
    for typed in ("1000000000", "0", "-1", "", "两件"):
        page.fill("[name=qty]", typed)
        page.dispatch_event("[name=qty]", "change")
        assert page.evaluate("window.heard") == typed
        assert page.input_value("[name=qty]") == typed
        assert page.get_attribute("[name=qty]", "aria-invalid") == "true"
    assert "最多 3 件，请修改数量" in page.inner_text("#toasts")
    page.fill("[name=qty]", "２")
    page.dispatch_event("[name=qty]", "change")
    assert page.get_attribute("[name=qty]", "aria-invalid") is None
    page.click("[data-step='1']")
    assert page.input_value("[name=qty]") == "3"


@pytest.mark.parametrize("face", ["h5", "admin"])
def test_the_summary_of_errors_names_the_fields(open_page: Any, face: str) -> None:
    page = open_page(MISTAKES.replace("FACE", face))
    until(page, "document.activeElement.matches('.errors')")
    assert page.inner_text(".errors ul").split("\n") == [
        "收货人：请填写此项", "手机号不正确", "请稍后再试",
    ]  # fmt: skip


def test_the_number_in_the_cart_is_refreshed_on_a_shown_page(open_page: Any) -> None:
    page = open_page(MALL)
    until(page, "document.querySelector('.cart-count').textContent === '2'")


def test_a_too_large_photo_is_reported_before_it_is_sent(open_page: Any, tmp_path: Path) -> None:
    page = open_page(MALL)
    small, large = tmp_path / "a.jpg", tmp_path / "b.jpg"
    small.write_bytes(b"x")
    large.write_bytes(b"x" * (20 * 1024 * 1024 + 1))
    page.set_input_files("#f-photos", [small, large])
    until(page, "document.querySelector('#toasts').textContent.includes('20 MB')")
    assert page.evaluate("document.querySelector('#f-photos').files.length") == 0
    page.set_input_files("#f-photos", small)
    until(page, "document.querySelectorAll('img[data-chosen]').length === 1")


def test_photos_that_are_too_large_together_are_reported_before_they_are_sent(
    open_page: Any, tmp_path: Path
) -> None:
    page = open_page(MALL)
    many = [tmp_path / f"{n}.jpg" for n in range(3)]
    for path in many:
        path.write_bytes(b"x" * (16 * 1024 * 1024))
    page.set_input_files("#f-photos", many)
    until(page, "document.querySelector('#toasts').textContent.includes('少选几张')")
    assert page.evaluate("document.querySelector('#f-photos').files.length") == 0


def test_a_visit_is_sent_once_after_the_page_was_visible(open_page: Any) -> None:
    page = open_page('{% set visit = "v.1" %}' + MALL)
    for _ in range(300):
        if page.posted:
            break
        page.wait_for_timeout(100)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(2500)
    assert page.posted == [("/m/seen", "_csrf=t&visit=v.1")]


def test_the_text_of_the_search_is_vertically_centred(open_page: Any) -> None:
    page = open_page(MALL)
    middles = page.evaluate(
        "[...document.querySelectorAll('.seek, .seek *')].map((each) => {"
        "const box = each.getBoundingClientRect(); return Math.round(box.top + box.height / 2); })"
    )
    assert len(set(middles)) == 1


DESK_FORM = """{% extends "admin/base.html" %}
{% from "shared/field.html" import field %}
{% from "admin/macros/field.html" import confirm_dialog, opener %}
{% block main %}<form method="post" action="/sent">{{ field("subtitle", "卖点") }}
{{ field("_typed", "确认") }}<button class="btn">保存</button></form>
{{ opener("d", "暂停") }}
{{ confirm_dialog("d", "暂停", "立即生效", "/stop", "暂停", "确认暂停", csrf_token, "仅内部") }}
{% endblock %}"""
REFUSED = DESK_FORM.replace(
    "{% block main %}", '{% set flash = "未完成：请写清楚原因" %}{% block main %}'
)
GATE = """{% extends "admin/base.html" %}{% set bare = true %}
{% block gate %}<div class="gate"><form method="post" action="/sent">
<input name="_code"></form></div>{% endblock %}"""


def _answered(page: Any, source: str) -> None:
    """Open the page that answers a sent form."""
    answer = {"body": html(source), "content_type": "text/html; charset=utf-8"}
    page.route("**/answer", lambda route: route.fulfill(**answer))
    page.goto("http://mall.test/answer")
    page.unroute("**/answer")


def _sent_from_the_desk(open_page: Any) -> Any:
    page = open_page(DESK_FORM)
    page.fill("#f-subtitle", "陶坛贮存五年")
    page.fill("#f-_typed", "保存")
    page.click("text=保存 >> visible=true")
    page.wait_for_url("**/sent")
    return page


def test_a_refused_small_form_keeps_its_values(open_page: Any) -> None:
    page = _sent_from_the_desk(open_page)
    _answered(page, GATE)  # a request for the one-time code in between changes nothing
    _answered(page, REFUSED)
    assert page.input_value("#f-subtitle") == "陶坛贮存五年"
    assert page.input_value("#f-_typed") == ""
    assert "请写清楚原因" in page.inner_text("form[action='/sent']")
    _answered(page, REFUSED)
    assert page.input_value("#f-subtitle") == ""


def test_a_refused_step_opens_its_dialog_again_with_the_reason_that_was_typed(
    open_page: Any,
) -> None:
    page = open_page(DESK_FORM)
    page.click("[data-open=d]")
    page.fill("dialog [name=reason]", "对账发现差异")
    page.fill("dialog [name=_typed]", "暂停")
    page.click("dialog .btn-danger")
    page.wait_for_url("**/stop")
    _answered(page, REFUSED)
    assert page.evaluate("document.querySelector('dialog').open") is True
    assert page.input_value("dialog [name=reason]") == "对账发现差异"
    assert page.input_value("dialog [name=_typed]") == ""
    assert "请写清楚原因" in page.inner_text("dialog")


def test_a_sent_form_is_not_filled_in_again(open_page: Any) -> None:
    page = _sent_from_the_desk(open_page)
    _answered(page, DESK_FORM)
    assert page.input_value("#f-subtitle") == ""


def test_on_a_phone_a_list_with_actions_is_shown_as_cards(open_page: Any) -> None:
    """The last column, with the buttons, was once outside the screen."""
    page = open_page("""{% extends "admin/base.html" %}
{% from "admin/macros/table.html" import table %}
{% block main %}{% call table([("单号", ""), ("收款人", ""), ("实付", "n"), ("", "act")]) %}
<tr><td>ORD1</td><td>阿慧的酒柜阿慧的酒柜</td><td class="n">¥298.00</td><td class="act">
<a href="#x">处理</a></td></tr>{% endcall %}{% endblock %}""")
    until(page, "document.querySelector('[data-cards]') !== null")
    wide = "document.querySelector('.tbl-wrap').scrollWidth - document.body.clientWidth"
    assert page.evaluate(wide) <= 0
    labels = "[...document.querySelectorAll('td')].map((each) => each.dataset.label || '')"
    assert page.evaluate(labels) == ["", "收款人", "实付", ""]


def test_a_cell_with_white_space_only_is_not_shown_in_its_card(open_page: Any) -> None:
    page = open_page("""{% extends "admin/base.html" %}
{% from "admin/macros/table.html" import table %}
{% block main %}{% call table([("规格", ""), ("活动价", "n"), ("佣金", "n"), ("", "act")]) %}
<tr><td>陈酿</td><td class="n">
  </td><td class="n">¥35.42</td><td class="act">
  </td></tr>{% endcall %}{% endblock %}""")
    until(page, "document.querySelector('[data-cards]') !== null")
    shown = "[...document.querySelectorAll('td')].map((each) => getComputedStyle(each).display)"
    assert page.evaluate(shown) == ["block", "none", "flex", "none"]


def test_on_a_phone_the_prices_of_a_preview_are_on_the_screen(open_page: Any) -> None:
    """A table of four columns without buttons was once wider than the screen."""
    page = open_page("""{% extends "admin/base.html" %}
{% from "admin/macros/table.html" import table %}
{% block main %}{% call table([("规格", ""), ("活动价", "n"), ("划线价", "n"), ("佣金", "n")]) %}
<tr><td>陈酿</td><td class="n">¥253.00<small>原 ¥298.00</small></td><td class="n"></td>
<td class="n">¥35.42</td></tr>{% endcall %}{% endblock %}""")
    until(page, "document.querySelector('[data-cards]') !== null")
    wide = "document.querySelector('.tbl-wrap').scrollWidth - document.body.clientWidth"
    assert page.evaluate(wide) <= 0
    near = """(() => { const [price, note] = ['.value', '.value small'].map(
      (each) => document.querySelector(each).getBoundingClientRect());
      return price.right - note.right + (note.top > price.top ? 0 : 99); })()"""
    assert abs(page.evaluate(near)) < 1
    assert page.evaluate("getComputedStyle(document.querySelectorAll('td')[2]).display") == "none"


@pytest.mark.parametrize("face", ["h5", "care"])
def test_a_long_number_stays_on_one_line(open_page: Any, face: str) -> None:
    care = "{% set care_mode = true %}" if face == "care" else ""
    page = open_page(
        care
        + """{% extends "h5/base.html" %}
{% from "h5/macros/cell.html" import facts %}{% set tab = "me" %}
{% block main %}<section class="card">{{ facts([("订单编号", "ORD261130BJA4G5YC3K7S9KZ3")]) }}
</section>{% endblock %}"""
    )
    number = "document.querySelector('dd').getBoundingClientRect().height"
    assert page.evaluate(number) < 30


def test_the_current_page_of_the_menu_is_in_view(open_page: Any) -> None:
    """Its count also made every page wider than the screen."""
    page = open_page("""{% set site = {"name": "山泉坊"} %}{% set nav = [] %}
{% for n in range(8) %}{% set _ = nav.append({"title": "营销", "url": "/a", "icon": "gift",
 "count": 2, "is_open": n == 6, "pages": [{"url": "/a", "title": "消息群发", "count": 2,
 "is_here": n == 6}, {"url": "/b", "title": "消息模板", "count": 0, "is_here": false}]}) %}
{% endfor %}{% extends "admin/base.html" %}""")
    seen = """(() => { const box = document.querySelector('[aria-current=page]')
      .getBoundingClientRect(); return box.left >= 0 && box.right <= innerWidth; })()"""
    until(page, seen)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_half_typed_form_survives_a_reload(open_page: Any) -> None:
    page = open_page(MALL)
    page.fill("#f-name", "林小满")
    page.reload()
    assert page.input_value("#f-name") == "林小满"


def test_a_form_that_was_not_accepted_is_filled_in_again(open_page: Any) -> None:
    page = open_page(MALL)
    page.fill("#f-name", "林小满")
    page.check("[name=adult]")
    page.click("text=提交")
    page.wait_for_url("**/sent")
    page.goto("http://mall.test/")  # the sign-in has returned to the form
    assert page.input_value("#f-name") == "林小满"
    assert page.is_checked("[name=adult]")


def test_the_draft_of_an_accepted_form_is_removed(open_page: Any) -> None:
    page = open_page(MALL)
    page.fill("#f-name", "林小满")
    page.click("text=提交")
    page.wait_for_url("**/sent")
    page.goto("http://mall.test/other")
    page.goto("http://mall.test/")
    assert page.input_value("#f-name") == ""


def test_a_tick_is_not_stored_as_a_draft(open_page: Any) -> None:
    page = open_page(MALL)
    page.check("[name=adult]")
    page.fill("#f-name", "林小满")
    page.reload()
    assert page.input_value("#f-name") == "林小满"
    assert not page.is_checked("[name=adult]")


def test_a_dangerous_button_asks_and_can_be_cancelled(open_page: Any) -> None:
    page = open_page(MALL)
    page.click("text=删除")
    page.click(".weui-dialog__btn_default")
    assert page.posted == []
    page.click("text=删除")
    page.click(".weui-dialog__btn_primary")
    page.wait_for_url("**/gone")
    assert page.posted == [("/gone", "_csrf=t")]


def test_the_result_of_a_payment_comes_from_the_server(open_page: Any) -> None:
    page = open_page(MALL)
    page.states = [{"state": "pending"}, {"state": "paid", "url": "/m/orders/1"}]
    page.evaluate(
        "window.WeixinJSBridge = {invoke: (name, args, done) => {"
        "window.asked = [name, args.package]; done({err_msg: name + ':ok'}); }}"
    )
    page.click("[data-pay]")
    assert page.evaluate("window.asked") == ["getBrandWCPayRequest", "prepay_id=1"]
    page.wait_for_url("**/m/orders/1")
    assert page.states == []


def test_a_payment_on_a_closed_page_is_polled(open_page: Any) -> None:
    page = open_page(MALL)
    page.states = [{"state": "pending"}, {"state": "paid", "url": "/m/pay/1/result"}]
    page.evaluate(
        "const node = document.createElement('script'); node.id = 'look';"
        "node.type = 'application/json'; node.textContent = '{\"check\": \"/state\"}';"
        "document.body.append(node); document.dispatchEvent(new Event('DOMContentLoaded'));"
    )
    page.wait_for_url("**/m/pay/1/result")
    assert page.states == []


def test_a_cancelled_payment_can_be_tried_again(open_page: Any) -> None:
    page = open_page(MALL)
    page.evaluate(
        "window.WeixinJSBridge = {invoke: (n, a, done) => done({err_msg: n + ':cancel'})}"
    )
    page.click("[data-pay]")
    until(page, "document.querySelector('[data-pay-state]').textContent.includes('取消')")
    assert page.is_enabled("[data-pay]")


def test_an_irreversible_step_waits_for_the_typed_word(open_page: Any) -> None:
    page = open_page(ADMIN)
    page.click("text=整单退款")
    assert page.is_disabled("dialog .btn-danger")
    page.fill("dialog [name=reason]", "买家重复下单")
    page.fill("dialog [name=_typed]", "退")
    assert page.is_disabled("dialog .btn-danger")
    page.fill("dialog [name=_typed]", "退款")
    page.click("dialog .btn-danger")
    page.wait_for_url("**/sent")
    assert page.posted[0][0] == "/sent"


def test_bulk_actions_stop_at_their_limit(open_page: Any) -> None:
    page = open_page(ADMIN)
    assert not page.is_visible("[data-bulk]")
    page.click("[data-pick] >> nth=0")
    page.click("[data-pick] >> nth=1")
    assert page.inner_text("[data-picked]") == "2"
    assert page.is_enabled("#go")
    page.click("[data-pick-all]")
    assert page.inner_text("[data-picked]") == "3"
    assert page.is_disabled("#go")


def test_the_preview_shows_the_typed_text(open_page: Any) -> None:
    page = open_page(ADMIN)
    assert page.inner_text("[data-live=body]") == "你好"
    page.fill("[name=body]", "新酒上架")
    assert page.inner_text("[data-live=body]") == "新酒上架"


def test_a_file_can_be_downloaded_again(open_page: Callable[[str], Any]) -> None:
    """A download doesn't leave the page. The button once stayed busy and took no second tap."""
    page = open_page(FILE)
    for taps in (1, 2):
        with page.expect_download():
            page.click("#go")
        page.evaluate("document.querySelector('#go').click()")  # a second tap is not sent
        page.wait_for_timeout(3200)
        assert page.evaluate("document.querySelector('[data-sent], .is-busy')") is None
        assert len(page.posted) == taps


def test_the_head_of_a_card_with_many_buttons_is_readable(
    open_page: Callable[[str], Any],
) -> None:
    """At 390 px five buttons once left the name one letter per line."""
    page = open_page(STEPS)
    page.set_viewport_size({"width": 390, "height": 800})
    until(page, "document.querySelector('.tbl').dataset.cards === ''")
    head, steps = (
        page.locator(f"tbody td:{end}-child").bounding_box() for end in ("first", "last")
    )
    assert head["width"] > 120
    assert steps["y"] <= head["y"] + 1  # the buttons are in the head
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


WHEN = """{% extends "admin/base.html" %}
{% from "shared/field.html" import field, select %}
{% block main %}<form method="post" action="/sent">
{{ select("audience", "人群", [("all", "全部"), ("members", "指定会员")], "all") }}
<div data-when="audience" data-is="members">{{ field("member_ids", "编号", required=false) }}</div>
</form>{% endblock %}"""


def test_only_the_fields_of_the_chosen_audience_are_shown(open_page: Any) -> None:
    page = open_page(WHEN)
    assert not page.is_visible("#f-member_ids")
    page.select_option("#f-audience", "members")
    page.fill("#f-member_ids", "7 8")
    page.select_option("#f-audience", "all")
    assert not page.is_visible("#f-member_ids")
    page.select_option("#f-audience", "members")
    assert page.input_value("#f-member_ids") == "7 8"
    assert open_page(WHEN, script=False).is_visible("#f-member_ids")

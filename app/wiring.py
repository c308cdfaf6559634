"""Connects the domains to each other and to the ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from admin import import_runs
from admin.kit import Section
from admin.shop import export_files
from app.jobs import housekeeping
from app.runtime import Runtime
from bot.memory import ChatMemory
from bot.notices import ChatNotices
from bot.speech import Speech
from domain import after_restore_hold, catalog, legal, notices, reservations
from domain.adults import wiring as adults_wiring
from domain.aftersales import wiring as aftersales_wiring
from domain.approvals import wiring as approvals_wiring
from domain.cart import wiring as cart_wiring
from domain.catalog import wiring as catalog_wiring
from domain.chat_answers import wiring as chat_answers_wiring
from domain.distribution import PosterTerms
from domain.distribution import wiring as distribution_wiring
from domain.gifts import wiring as gifts_wiring
from domain.invitations import wiring as invitations_wiring
from domain.leaks import wiring as leaks_wiring
from domain.ledger import wiring as ledger_wiring
from domain.orders import wiring as orders_wiring
from domain.outbox import Handler, Periodic
from domain.overview import wiring as overview_wiring
from domain.payments import wiring as payments_wiring
from domain.payouts import PayoutTerms
from domain.payouts import wiring as payouts_wiring
from domain.personal_data import Places
from domain.personal_data import wiring as personal_data_wiring
from domain.pickups import wiring as pickups_wiring
from domain.promotions import wiring as promotions_wiring
from domain.push import wiring as push_wiring
from domain.reconcile import wiring as reconcile_wiring
from domain.refusals import wiring as refusals_wiring
from domain.search import wiring as search_wiring
from domain.warehouse import wiring as warehouse_wiring
from kernel import catalogues
from mall_h5.me.data_page import OwnDataPages

__all__ = ["handlers", "payout_terms", "periodic", "places", "poster_terms", "subscribe_all"]

TRANSFER_NOTIFY = "/pay/transfer-notify"
GRANT_NOTIFY = "/pay/grant-notify"


def subscribe_all() -> None:
    """Subscribe all event handlers, in the order in which they are called; idempotent.

    Reservations are listed in the order of their locks: coupon, points, quota, place, stock
    (docs/adr/0058-reservations.md).
    """
    reservations.install((catalog.STOCK,))
    search_wiring.subscribe_all()
    orders_wiring.subscribe_all()
    notices.subscribe_all()
    payments_wiring.subscribe_all()
    cart_wiring.subscribe_all()
    aftersales_wiring.subscribe_all()
    gifts_wiring.subscribe_all()
    pickups_wiring.subscribe_all()
    distribution_wiring.subscribe_all()
    invitations_wiring.subscribe_all()
    push_wiring.subscribe_all()
    overview_wiring.subscribe_all()


def handlers(runtime: Runtime) -> Mapping[str, Handler]:
    """The outbox handlers by kind."""
    store, pay, url = runtime.store, runtime.pay, runtime.config.public_url
    made = {
        **payments_wiring.handlers(store, pay, url),
        **orders_wiring.handlers(store, pay),
        **payouts_wiring.handlers(store, pay, payout_terms(runtime)),
        **reconcile_wiring.handlers(store, pay),
        **push_wiring.handlers(store, runtime.wechat.messenger, chat_words(runtime)),
        **export_files.handlers(store, runtime.exports, merchant_menu),
        **import_runs.handlers(store, merchant_menu),
        **leaks_wiring.handlers(store, runtime.wechat.messenger, chat_words(runtime)),
        **personal_data_wiring.handlers(store, runtime.exports, OwnDataPages(runtime.renderer)),
    }
    return after_restore_hold.held_handlers(store, made)


def periodic(runtime: Runtime) -> list[Periodic]:
    """All periodic jobs."""
    store, pay, url = runtime.store, runtime.pay, runtime.config.public_url
    made = [
        *payments_wiring.periodic(store, pay, url),
        *orders_wiring.periodic(store, pay),
        *aftersales_wiring.periodic(store),
        *gifts_wiring.periodic(store),
        *pickups_wiring.periodic(store),
        *adults_wiring.periodic(store),
        *approvals_wiring.periodic(store),
        *catalog_wiring.periodic(store, runtime.pictures),
        *payouts_wiring.periodic(
            store, pay, payout_terms(runtime), runtime.documents, runtime.pictures
        ),
        *ledger_wiring.periodic(store),
        *overview_wiring.periodic(store),
        *distribution_wiring.periodic(store),
        *invitations_wiring.periodic(store),
        *promotions_wiring.periodic(store),
        *push_wiring.periodic(store, runtime.wechat.messenger),
        *reconcile_wiring.periodic(store, pay),
        *refusals_wiring.periodic(store),
        *chat_answers_wiring.periodic(store),
        *warehouse_wiring.periodic(store),
        *search_wiring.periodic(store),
        *personal_data_wiring.periodic(store, places(runtime)),
        *housekeeping(runtime),
    ]
    return after_restore_hold.held_jobs(store, made)


def places(runtime: Runtime) -> Places:
    """Everywhere outside the database where a person may be."""
    return Places(
        runtime.pictures, runtime.documents, runtime.exports, runtime.painter,
        ChatMemory(runtime.redis),
    )  # fmt: skip


def merchant_menu() -> Sequence[Section]:
    """The merchant's lists, for a file of one; its pages are loaded when somebody asks."""
    from admin.menu import MENU

    return MENU


def payout_terms(runtime: Runtime) -> PayoutTerms:
    """The terms that all transfers of this installation share."""
    pay = runtime.config.pay
    notify = runtime.config.public_url + TRANSFER_NOTIFY
    report = tuple(pay.transfer_report.items())
    return PayoutTerms(
        pay.mchid, notify, pay.transfer_scene_id, pay.appid,
        runtime.config.public_url + GRANT_NOTIFY, pay.transfer_perception, pay.transfer_remark,
        report,
    )  # fmt: skip


def chat_words(runtime: Runtime) -> ChatNotices:
    """The chat's texts for messages that the shop sends by itself."""
    return ChatNotices(Speech(runtime.renderer, runtime.config.public_url))


def poster_terms(runtime: Runtime) -> PosterTerms:
    """The texts and the URL that all posters share; a query, as the company may change."""
    config, name = runtime.config, legal.business().legal_name
    from_price = catalogues.of("shared").text("poster.price_suffix")
    return PosterTerms(config.site.name, name, config.public_url, price_suffix=from_price)

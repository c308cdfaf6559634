"""Legal documents: first texts, drafts, publishing, version in force, asking again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import legal, members, segments, settings
from kernel import clock, context
from kernel.errors import Conflict, Invalid, NotFound
from models import AuditEntry, Consent, LegalVersion, Member
from tests.factories.members import make_member

BODY = "# 谁在卖\n{legal_name}，{ship_within_hours} 小时内发货。"


@pytest.fixture(autouse=True)
def somebody(db: Any) -> None:
    """Store the shop's first texts and act as a member of staff."""
    context.actor.set("staff:boss")
    settings.forget_cache()
    legal.keep_first_versions()


def publish(kind: legal.Kind, body: str, *, asks: bool = False, days: int | None = None) -> int:
    """Publish a new version, in force at once or after some days."""
    edition = legal.desk(kind).draft.edition
    legal.save_draft(kind, body, edition)
    day = None if days is None else clock.business_day(clock.now()) + timedelta(days=days)
    return legal.publish(kind, edition + 1, day, "改了", asks)


def said(kind: legal.Kind, number: int | None = None) -> str:
    """The text of a document as readers see it."""
    found = legal.document(kind, number)
    return "\n".join(
        "".join(text for text, _ in line) for block in found.blocks for line in block.lines
    )


def test_a_shop_without_edits_shows_the_texts_that_come_with_it() -> None:
    assert [row.number for row in LegalVersion.select()] == [1, 1, 1, 1]
    assert legal.keep_first_versions() == 0
    terms = said("terms")
    assert "{" not in "".join(said(kind) for kind in legal.KINDS)
    assert ("拆开外包装，不影响退货" in terms, "防伪标识完好" in terms) == (True, True)


def test_before_the_first_start_the_same_text_is_shown_as_version_1() -> None:
    kept = said("terms")
    LegalVersion.delete().execute()
    assert (said("terms"), legal.version_in_force("terms").number) == (kept, 1)


def test_a_variable_follows_its_setting_and_an_earlier_version_does_not() -> None:
    assert publish("terms", BODY) == 2
    settings.change(settings.Service, {"ship_within_hours": 31})
    settings.forget_cache()
    assert "31 小时内" in said("terms")
    assert legal.desk("terms").moved == (("ship_within_hours", "48", "31"),)
    assert publish("terms", BODY + "\n新") == 3
    assert "48 小时内" in said("terms", 2)
    assert legal.desk("terms").moved == ()


def test_a_draft_that_somebody_else_saved_is_neither_overwritten_nor_published() -> None:
    legal.save_draft("terms", BODY, 0)
    with pytest.raises(Conflict, match="document_moved"):
        legal.save_draft("terms", "别的", 0)
    legal.save_draft("terms", BODY + "二", 1)
    with pytest.raises(Conflict, match="document_moved"):
        legal.publish("terms", 1, None, "改了", asks_again=False)
    assert legal.desk("terms").draft.body == BODY + "二"
    assert legal.version_in_force("terms").number == 1


def test_publishing_is_on_record_and_ends_the_draft() -> None:
    publish("terms", BODY, asks=True)
    acts = [(row.actor, row.action) for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert acts == [("staff:boss", "legal.draft"), ("staff:boss", "legal.publish")]
    assert legal.desk("terms").draft.edition == 0
    with pytest.raises(Conflict, match="draft_missing"):
        legal.publish("terms", 1, None, "改了", asks_again=False)
    legal.save_draft("terms", BODY, 0)
    with pytest.raises(Conflict, match="draft_unchanged"):
        legal.publish("terms", 1, None, "改了", asks_again=False)
    legal.discard_draft("terms")
    with pytest.raises(Conflict, match="draft_missing"):
        legal.discard_draft("terms")


def test_an_invalid_text_is_not_saved() -> None:
    with pytest.raises(Invalid, match="variable_unknown"):
        legal.save_draft("terms", "{ship_hours}", 0)
    assert legal.desk("terms").draft.edition == 0


def test_a_version_for_a_later_day_is_announced_and_then_in_force() -> None:
    publish("terms", BODY, days=3)
    waiting = legal.announced("terms")
    assert waiting is not None
    assert (waiting.number, legal.version_in_force("terms").number) == (2, 1)
    assert said("terms") != said("terms", 2)
    clock.set_offset(timedelta(days=3))
    assert (legal.version_in_force("terms").number, legal.announced("terms")) == (2, None)


@pytest.mark.parametrize(
    ("kind", "days", "code"),
    [
        ("terms", -1, "effective_past"), ("terms", 400, "effective_far"),
        ("distribution", None, "effective_too_soon"), ("distribution", 6, "effective_too_soon"),
    ],
)  # fmt: skip
def test_an_invalid_day_is_refused(kind: Any, days: int | None, code: str) -> None:
    with pytest.raises(Invalid, match=code) as refused:
        publish(kind, BODY, days=days)
    assert refused.value.field == "effective_on"
    assert legal.announced(kind) is None


def test_new_rules_of_distribution_wait_for_the_days_that_were_set() -> None:
    assert publish("distribution", BODY, days=7) == 2
    settings.change(legal.LegalTimes, {"announce_days": 30})
    settings.forget_cache()
    with pytest.raises(Invalid, match="effective_too_soon"):
        publish("distribution", BODY + "三", days=29)


def test_a_later_version_with_an_earlier_day_replaces_the_announced_one() -> None:
    publish("terms", BODY, days=9)
    publish("terms", BODY + "三")
    clock.set_offset(timedelta(days=10))
    assert legal.version_in_force("terms").number == 3


def test_a_member_who_never_agreed_is_asked_only_if_a_version_requires_it() -> None:
    lin = make_member("小林")
    legal.agree(lin, "terms", 1, is_ticked=False)
    legal.agree(lin, "terms", 1, is_ticked=False)
    assert [row.version for row in Consent.select()] == ["1"]
    publish("terms", BODY)
    assert not legal.asking(lin, "terms").is_due
    publish("terms", BODY + "三", asks=True)
    assert legal.asking(lin, "terms").is_due
    for shown, is_ticked in ((3, False), (2, True), (0, True)):
        with pytest.raises(Invalid, match="agreement_due"):
            legal.agree(lin, "terms", shown, is_ticked=is_ticked)
    legal.agree(lin, "terms", 3, is_ticked=True)
    assert (legal.asking(lin, "terms").is_due, legal.agreed_version(lin, "terms")) == (False, 3)


def test_a_version_that_was_never_shown_can_not_be_agreed_to() -> None:
    lin = make_member("小林")
    legal.agree(lin, "terms", 99, is_ticked=True)
    assert Consent.select().count() == 0


def test_a_withdrawn_consent_is_asked_for_again() -> None:
    lin = make_member("小林")
    publish("privacy", BODY, asks=True)
    legal.agree(lin, "privacy", 2, is_ticked=True)
    members.withdraw_consent(lin, "privacy")
    assert legal.asking(lin, "privacy").is_due


def test_a_comparison_needs_two_versions_that_exist() -> None:
    publish("terms", BODY)
    publish("terms", BODY.replace("发货", "发出"))
    lines = [(each.kind, each.text) for each in legal.comparison("terms", 2, 3)]
    assert [kind for kind, _ in lines] == ["same", "gone", "new"]
    assert lines[2][1].endswith("48 小时内发出。")
    with pytest.raises(NotFound, match="version_missing"):
        legal.comparison("terms", 0, 3)


def keep(**values: Any) -> None:
    """Save the company's details, as the form does."""
    settings.change(legal.Business, legal.business_form().model_dump() | values)
    settings.forget_cache()


def test_the_company_s_details_come_from_the_configuration_until_they_are_saved() -> None:
    legal.set_first_values("山泉坊", legal.Business(legal_name="山泉坊酒业", icp="蜀ICP备1号"))
    assert legal.business().icp == "蜀ICP备1号"
    keep(complaint_phone="0830-1234567")
    found = legal.business()
    assert (found.legal_name, found.icp) == ("山泉坊酒业", "蜀ICP备1号")
    assert legal.last_business() == found
    assert legal.variable_values()["complaint_phone"] == "0830-1234567"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "shop@"), ("complaint_phone", "打给小王"), ("food_permit_until", "2030-02-30"),
        ("legal_name", "一" * 81),
    ],
)  # fmt: skip
def test_an_invalid_number_address_or_day_is_refused_at_its_field(field: str, value: str) -> None:
    with pytest.raises(Invalid, match="setting_bad") as refused:
        keep(**({"legal_name": "山泉坊酒业"} | {field: value}))
    assert refused.value.field == field


def test_a_permit_is_named_before_and_after_its_end() -> None:
    today = clock.business_day(clock.now())
    far, near, past = (str(today + timedelta(days=n)) for n in (46, 45, -1))
    keep(legal_name="山泉坊酒业", food_permit_until=far, liquor_permit_until="")
    assert legal.permits_ending() == []
    keep(food_permit_until=near, liquor_permit_until=past)
    found = [(each.permit, each.day, each.has_ended) for each in legal.permits_ending()]
    assert found == [("food_permit", near, False), ("liquor_permit", past, True)]


def test_missing_details_that_the_law_requires_are_named() -> None:
    legal.set_first_values("山泉坊", legal.Business(legal_name="山泉坊酒业"))
    assert set(legal.missing_of_business()) == {
        "licence_no", "icp", "complaint_phone", "service_hours", "address", "food_permit",
    }  # fmt: skip
    keep(licence_no="91510500MA0000000X", icp="蜀ICP备1号", complaint_phone="400", address="泸州",
         service_hours="9:00-21:00", liquor_permit="川酒 1 号")  # fmt: skip
    assert legal.missing_of_business() == []


def answers(member_id: int) -> dict[str, tuple[bool, bool, int]]:
    """By purpose: whether it is agreed, whether its instant is known, the policy's version."""
    found = legal.purposes_of(member_id)
    return {each.name: (each.is_on, each.since is not None, each.version) for each in found}


def test_each_purpose_is_agreed_to_and_withdrawn_by_itself() -> None:
    lin = make_member("小林")
    off, on = (False, True, 1), (True, True, 1)
    before = answers(lin)
    assert before == {
        "marketing": (False, False, 0), "profile": (True, False, 0),
        "no_profiling": (True, False, 0),
    }  # fmt: skip
    legal.decide_purpose(lin, "marketing", is_on=True)
    assert answers(lin) == before | {"marketing": on}
    legal.decide_purpose(lin, "no_profiling", is_on=False)
    assert answers(lin) == before | {"marketing": on, "no_profiling": off}
    legal.decide_purpose(lin, "marketing", is_on=False)
    legal.decide_purpose(lin, "no_profiling", is_on=True)
    assert answers(lin) == before | {"marketing": off, "no_profiling": on}
    with pytest.raises(Invalid, match="purpose_unknown"):
        legal.decide_purpose(lin, "location", is_on=True)


def test_a_withdrawn_name_is_gone_and_comes_back_with_the_present_version() -> None:
    lin, wang = make_member("小林"), make_member("小王")
    legal.decide_purpose(lin, "profile", is_on=False)
    assert (Member.get_by_id(lin).nickname, Member.get_by_id(wang).nickname) == (None, "小王")
    publish("privacy", BODY)
    members.set_nickname(lin, "林")
    legal.consent_to_profile(lin)
    assert answers(lin)["profile"] == (True, True, 2)


def test_a_member_who_objects_is_not_chosen_by_behaviour() -> None:
    lin, wang = make_member("小林"), make_member("小王")

    def chosen(kind: str) -> set[int]:
        return {each.member_id for each in segments.members_after({"kind": kind}, 0, 10)}

    assert chosen("never_bought") == {lin, wang}
    legal.decide_purpose(lin, "no_profiling", is_on=False)
    assert (chosen("never_bought"), chosen("all")) == ({wang}, {lin, wang})
    legal.decide_purpose(lin, "no_profiling", is_on=True)
    assert chosen("never_bought") == {lin, wang}

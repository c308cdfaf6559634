"""Catalogues of texts: texts, names, badges and records by key; a missing one is an error."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from kernel.catalogues import Badge, Catalogue, MissingText

ORDERS = """
[order.state]
paid = { name = "待发货", tone = "warn" }
cancelled = "已取消"

[order.page]
title = "订单"

[act]
order.note = "备注"
order.extend = "延长"
"""


@dataclass(frozen=True)
class Words:
    """A record for these tests."""

    title: str
    next: str = ""


def face(tmp_path: Path, **files: str) -> Catalogue:
    """A catalogue made of these files."""
    folder = tmp_path / "face"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return Catalogue("face", tmp_path)


def test_texts_names_and_badges_are_found_by_their_keys(tmp_path: Path) -> None:
    texts = face(tmp_path, orders=ORDERS)
    assert texts.text("order.page.title") == "订单"
    assert texts.names("act") == {"order.note": "备注", "order.extend": "延长"}
    assert texts.badges("order.state") == {
        "paid": Badge("待发货", "warn"),
        "cancelled": Badge("已取消"),
    }


def test_records_are_made_by_their_fields(tmp_path: Path) -> None:
    texts = face(tmp_path, cases='[case.state.asked]\ntitle = "等待"\nnext = "商家会答复。"\n')
    assert texts.records("case.state", Words) == {"asked": Words("等待", "商家会答复。")}


@pytest.mark.parametrize("key", ["order.state.shipped", "order.tab", "order.state", "nothing"])
def test_a_missing_text_is_an_error(tmp_path: Path, key: str) -> None:
    texts = face(tmp_path, orders='[order.state]\npaid = "待发货"\n')
    with pytest.raises(MissingText):
        texts.text(key)


@pytest.mark.parametrize("key", ["order.tab", "order.state.paid", "case"])
def test_a_missing_table_is_an_error(tmp_path: Path, key: str) -> None:
    texts = face(tmp_path, orders='[order.state]\npaid = "待发货"\n')
    with pytest.raises(MissingText):
        texts.names(key)


def test_an_unknown_field_is_an_error(tmp_path: Path) -> None:
    texts = face(tmp_path, cases='[case.state.asked]\ntitle = "等待"\ntoned = "warn"\n')
    with pytest.raises(MissingText, match="toned"):
        texts.records("case.state", Words)


def test_a_text_in_two_files_is_an_error(tmp_path: Path) -> None:
    texts = face(tmp_path, a='[error]\nx = "一"\n', b='[error]\nx = "二"\n')
    with pytest.raises(MissingText, match="another file"):
        texts.names("error")


def test_tables_of_one_name_may_be_in_several_files(tmp_path: Path) -> None:
    texts = face(tmp_path, a='[error]\nx = "一"\n', b='[error]\ny = "二"\n')
    assert texts.names("error") == {"x": "一", "y": "二"}


def test_unused_keys_are_listed(tmp_path: Path) -> None:
    texts = face(tmp_path, a='[error]\nx = "一"\n[order.state]\npaid = "二"\n')
    texts.names("error")
    assert texts.unread == {"order.state.paid"}

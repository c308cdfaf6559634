"""Reads the tables of a database, and the tables that the models describe."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from peewee import (
    BigAutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Database,
    ForeignKeyField,
    IntegerField,
    MySQLDatabase,
    SqliteDatabase,
    TextField,
)

Column = tuple[str, int | None, bool, str | None]  # type, length, nullable, default
Index = tuple[tuple[str, ...], bool]  # columns, unique
Reference = tuple[str, str, str]  # column, referenced table, action on delete


@dataclass(frozen=True)
class TableShape:
    """The compared properties of a table."""

    columns: dict[str, Column]
    indexes: frozenset[Index]
    references: frozenset[Reference]


def wanted(table: Any) -> TableShape:
    """A table as its model describes it."""
    columns, indexes, references = {}, set(), set()
    for field in table._meta.sorted_fields:
        length = field.max_length if isinstance(field, CharField) else None
        columns[field.column_name] = (_type(field), length, field.null, _default(field))
        if (field.index or field.unique) and not field.primary_key:
            indexes.add(((field.column_name,), bool(field.unique)))
        if isinstance(field, ForeignKeyField):
            target = field.rel_model._meta.table_name
            references.add((field.column_name, target, (field.on_delete or "NO ACTION").upper()))
    for names, unique in table._meta.indexes:
        fields = table._meta.fields
        indexes.add((tuple(fields[n].column_name for n in names), unique))
    return TableShape(columns, frozenset(indexes), frozenset(references))


def actual(db: Database, table: str) -> TableShape:
    """A table as the database has it."""
    if isinstance(db, SqliteDatabase):
        return _sqlite(db, table)
    return _mysql(db, table) if isinstance(db, MySQLDatabase) else _postgres(db, table)


def table_names(db: Database) -> set[str]:
    """The names of all tables."""
    if isinstance(db, SqliteDatabase):
        rows = _rows(db, "SELECT name FROM sqlite_master WHERE type = 'table'")
    else:
        schema = "DATABASE()" if isinstance(db, MySQLDatabase) else "'public'"
        rows = _rows(
            db, f"SELECT table_name FROM information_schema.tables WHERE table_schema = {schema}"
        )
    return {name for (name,) in rows}


def _type(field: Any) -> str:
    if isinstance(field, BigAutoField):
        return "id"
    if isinstance(field, ForeignKeyField | BigIntegerField):
        return "bigint"
    kinds = ((BooleanField, "bool"), (IntegerField, "int"), (CharField, "varchar"))
    kind = next((name for cls, name in kinds if isinstance(field, cls)), None)
    if kind is None and isinstance(field, TextField):
        return "text"
    assert kind, field
    return kind


def _default(field: Any) -> str | None:
    value = field.default
    if value is None or callable(value):
        return None
    return str(int(value)) if isinstance(value, bool | int) else str(value)


def _plain(text: Any) -> str | None:
    """A DEFAULT as written by an engine, as plain text."""
    if text is None or (value := str(text)).upper() == "NULL":
        return None
    value = re.sub(r"::[a-z ]+$", "", value.strip("()"))
    value = value.strip("()")
    if value.upper() in ("TRUE", "FALSE"):
        return "1" if value.upper() == "TRUE" else "0"
    return value[1:-1] if value[:1] == "'" else value


def _rows(db: Database, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    return list(db.execute_sql(sql, params).fetchall())


_SQLITE_TYPES = {"INTEGER": "int", "BIGINT": "bigint", "TEXT": "text", "VARCHAR": "varchar"}


def _sqlite(db: Database, table: str) -> TableShape:
    columns: dict[str, Column] = {}
    for _, name, kind, not_null, default, is_key in _rows(db, f'PRAGMA table_info("{table}")'):
        match = re.fullmatch(r"([A-Z]+)(?:\(([0-9]+)\))?", kind.upper())
        assert match, kind
        length = int(match[2]) if match[2] else None
        plain = "id" if is_key else _SQLITE_TYPES.get(match[1], "bool")
        columns[name] = (plain, length, not not_null, _plain(default))
    indexes = set()
    for _, name, unique, *_rest in _rows(db, f'PRAGMA index_list("{table}")'):
        cols = _rows(db, f'PRAGMA index_info("{name}")')
        indexes.add((tuple(c[2] for c in cols), bool(unique)))
    references = frozenset(
        (row[3], row[2], row[6]) for row in _rows(db, f'PRAGMA foreign_key_list("{table}")')
    )
    return TableShape(columns, frozenset(indexes), references)


_PG_TYPES = {
    "integer": "int", "bigint": "bigint", "text": "text",
    "character varying": "varchar", "boolean": "bool",
}  # fmt: skip


def _postgres(db: Database, table: str) -> TableShape:
    columns: dict[str, Column] = {}
    sql = (
        "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
    )
    for name, kind, length, nullable, default in _rows(db, sql, table):
        is_id = str(default).startswith("nextval")
        plain = "id" if is_id else _PG_TYPES[kind]
        columns[name] = (plain, length, nullable == "YES", None if is_id else _plain(default))
    sql = (
        "SELECT array_agg(a.attname::text ORDER BY k.n), x.indisunique FROM pg_index x "
        "CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(num, n) "
        "JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.num "
        "WHERE x.indrelid = %s::regclass AND NOT x.indisprimary GROUP BY x.indexrelid, 2"
    )
    indexes = {(tuple(cols), unique) for cols, unique in _rows(db, sql, table)}
    sql = (
        "SELECT a.attname::text, f.relname::text, c.confdeltype::text FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
        "JOIN pg_class f ON f.oid = c.confrelid "
        "WHERE c.contype = 'f' AND c.conrelid = %s::regclass"
    )
    rules = {"r": "RESTRICT", "a": "NO ACTION", "c": "CASCADE", "n": "SET NULL"}
    references = {(col, target, rules[rule]) for col, target, rule in _rows(db, sql, table)}
    return TableShape(columns, frozenset(indexes), frozenset(references))


_MYSQL_TYPES = {
    "int": "int", "bigint": "bigint", "varchar": "varchar",
    "tinyint": "bool", "text": "text", "longtext": "text",
}  # fmt: skip


def _mysql(db: Database, table: str) -> TableShape:
    columns: dict[str, Column] = {}
    sql = (
        "SELECT column_name, data_type, character_maximum_length, is_nullable, column_default, "
        "extra FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND table_name = %s"
    )
    for name, kind, length, nullable, default, extra in _rows(db, sql, table):
        plain = "id" if "auto_increment" in extra else _MYSQL_TYPES[kind]
        size = length if plain == "varchar" else None
        columns[name] = (plain, size, nullable == "YES", _plain(default))
    sql = (
        "SELECT GROUP_CONCAT(column_name ORDER BY seq_in_index), non_unique "
        "FROM information_schema.statistics WHERE table_schema = DATABASE() "
        "AND table_name = %s AND index_name <> 'PRIMARY' GROUP BY index_name, non_unique"
    )
    indexes = {(tuple(cols.split(",")), not other) for cols, other in _rows(db, sql, table)}
    sql = (
        "SELECT k.column_name, k.referenced_table_name, r.delete_rule "
        "FROM information_schema.key_column_usage k "
        "JOIN information_schema.referential_constraints r "
        "ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name "
        "AND r.table_name = k.table_name "
        "WHERE k.table_schema = DATABASE() AND k.table_name = %s "
        "AND k.referenced_table_name IS NOT NULL"
    )
    references = {(col, target, rule) for col, target, rule in _rows(db, sql, table)}
    return TableShape(columns, frozenset(indexes), frozenset(references))

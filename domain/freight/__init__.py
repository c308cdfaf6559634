"""Freight by template (运费模板): rules by region, given to products or the shop's default."""

from domain.freight.queries import (
    RowView,
    TemplateView,
    list_templates,
    plan_for,
    template,
    template_names,
)
from domain.freight.rules import (
    BASES,
    DAYS_MOST,
    NO_PLAN,
    UNITS_MOST,
    Basis,
    Plan,
    Row,
    RowForm,
    Template,
    TemplateForm,
)
from domain.freight.service import (
    add_template,
    edit_template,
    make_default,
    remove_row,
    remove_template,
    save_row,
    set_template,
)

__all__ = [
    "BASES", "DAYS_MOST", "NO_PLAN", "UNITS_MOST", "Basis", "Plan", "Row", "RowForm", "RowView",
    "Template", "TemplateForm", "TemplateView", "add_template", "edit_template", "list_templates",
    "make_default", "plan_for", "remove_row", "remove_template", "save_row", "set_template",
    "template", "template_names",
]  # fmt: skip

"""Impact assessments of personal information (个人信息保护影响评估), as the law asks for them."""

from domain.impact.registers import connect, registers
from domain.impact.rules import RISKS, SUBJECTS
from domain.impact.service import (
    ReportForm,
    ReportView,
    SubjectView,
    due_subjects,
    report,
    subject_detail,
    subjects,
    write_report,
)

__all__ = [
    "RISKS", "SUBJECTS", "ReportForm", "ReportView", "SubjectView", "connect", "due_subjects",
    "registers", "report", "subject_detail", "subjects", "write_report",
]  # fmt: skip

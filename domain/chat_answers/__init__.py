"""Answers in the chat as the merchant has them, and what was not understood (聊天问答)."""

from domain.chat_answers.buffer import AskedBuffer
from domain.chat_answers.facts import (
    AnswerForm,
    AnswerView,
    ExampleView,
    Follows,
    Heard,
    LiveAnswers,
    MissedGroup,
    MissedReport,
    MissedView,
    Outcome,
    OwnAnswer,
    WeekFigures,
)
from domain.chat_answers.following import CARDS_MOST
from domain.chat_answers.heard import record_heard, week_figures
from domain.chat_answers.masking import masked
from domain.chat_answers.missed import (
    answer_missed,
    dismiss_missed,
    list_decided,
    make_examples,
    make_synonym,
    open_groups,
    reopen_missed,
    sentences_of,
)
from domain.chat_answers.ports import install_knowledge, knowledge
from domain.chat_answers.queries import (
    answer_detail,
    answer_titles,
    list_answers,
    list_examples,
    live_answers,
)
from domain.chat_answers.service import (
    NAMED,
    add_examples,
    change_answer,
    remove_example,
    remove_own_answer,
    revert_answer,
    switch_answer,
)

__all__ = [
    "CARDS_MOST", "NAMED", "AnswerForm", "AnswerView", "AskedBuffer", "ExampleView", "Follows",
    "Heard", "LiveAnswers", "MissedGroup", "MissedReport", "MissedView", "Outcome", "OwnAnswer",
    "WeekFigures", "add_examples", "answer_detail", "answer_missed", "answer_titles",
    "change_answer", "dismiss_missed", "install_knowledge", "knowledge", "list_answers",
    "list_decided", "list_examples", "live_answers", "make_examples", "make_synonym", "masked",
    "open_groups", "record_heard", "remove_example", "remove_own_answer", "reopen_missed",
    "revert_answer", "sentences_of", "switch_answer", "week_figures",
]  # fmt: skip

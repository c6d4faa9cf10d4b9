"""How things can stand: closed sets, each member with what it means and what to do about it.

    Ending   how a run ended: completed, collapsed, diverged
    Status   where a case stands: open, working, waiting, closed

Members are the words that files hold (`run.json`, `draws.parquet`, an earlier `cases.xlsx`), so they
compare with those and are written as those. What could not be begun at all has no ending: it is an error
(`errors.py`), which has a remedy of its own.
"""

from __future__ import annotations

from enum import StrEnum

from ballast.text import Text


class Ending(StrEnum):
    """How a run ended.

    >>> Ending("collapsed").remedy.en.startswith("Before the figures are used")
    True
    """

    COMPLETED = "completed"
    COLLAPSED = "collapsed"
    DIVERGED = "diverged"

    @property
    def meaning(self) -> Text:
        return _ENDINGS[self][0]

    @property
    def remedy(self) -> Text:
        """What to try next."""
        return _ENDINGS[self][1]


class Status(StrEnum):
    """Where a case stands in the hands of the desk."""

    OPEN = "open"
    WORKING = "working"
    WAITING = "waiting"
    CLOSED = "closed"

    @property
    def meaning(self) -> Text:
        return _STATUSES[self][0]

    @property
    def remedy(self) -> Text:
        """What comes next."""
        return _STATUSES[self][1]


_ENDINGS = {
    Ending.COMPLETED: (
        Text("Every day was simulated.", "已完成全部天数的模拟。"),
        Text(
            "The figures can be read as they stand, with their bands.",
            "各项数字可连同其区间直接使用。",
        ),
    ),
    Ending.COLLAPSED: (
        Text(
            "Output fell far below what the shocks themselves leave.",
            "产出远低于冲击本身所留的水平。",
        ),
        Text(
            "Before the figures are used, look up the stocks and inputs of that node (ballast book why), "
            "correct what is wrong in them, or hold the answer against that of another --model.",
            "使用数字之前，请核对该节点的库存和投入（ballast book why）并更正有误之处，"
            "或与另一 --model 的结果对照。",
        ),
    ),
    Ending.DIVERGED: (
        Text("A number of the run stopped being one.", "模拟中出现无效数字。"),
        Text(
            "None of the figures can be used. Look for amounts out of all proportion (ballast book check, "
            "ballast scenario check), or take another --model.",
            "各项数字均不可使用。请检查账本和情景中是否有数量级异常的数字（ballast book check、"
            "ballast scenario check），或改用另一 --model。",
        ),
    ),
}

_STATUSES = {
    Status.OPEN: (
        Text("Nobody has taken it up.", "尚无人受理。"),
        Text("Give it an owner and a deadline.", "请指定责任人和期限。"),
    ),
    Status.WORKING: (
        Text("The owner is at it.", "责任人正在办理。"),
        Text("Write into the note what was agreed, and until when.", "请在备注中写明商定事项和完成时间。"),
    ),
    Status.WAITING: (
        Text("The next step is somebody else's.", "下一步取决于其他单位。"),
        Text(
            "Write into the note for whom it waits; past the deadline, take it a level up.",
            "请在备注中写明等待哪个单位；逾期的提请上级协调。",
        ),
    ),
    Status.CLOSED: (
        Text("The goods flow again, or need not.", "已恢复供货，或已不再需要。"),
        Text(
            "Nothing. If the shortage returns in a later run, open it again.",
            "无需再办；若以后的运行中再次出现短缺，请重新打开。",
        ),
    ),
}

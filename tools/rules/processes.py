"""Time, tasks and middleware: what one careless line costs a whole process."""

import ast
from collections.abc import Iterator

from tools.rules.base import FileRule
from tools.rules.source import SourceFile


class ClockOnly(FileRule):
    """Code that asks the machine for the time cannot be tested at another time."""

    id = "clock-only"
    message = "the time comes from crm_platform.clock, or as an argument"

    _clocks = frozenset(
        {
            "datetime.datetime.now",
            "datetime.datetime.today",
            "datetime.datetime.utcnow",
            "datetime.date.today",
            "time.time",
            "time.time_ns",
        }
    )

    def applies(self, file: SourceFile) -> bool:
        """Product code of contracts, platform, services and gateway, but the clock itself."""
        inside = file.area in {"contracts", "platform", "services", "gateway"}
        return inside and not file.is_test and file.path.name != "clock.py"

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Mentions of the functions, called or passed on."""
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Attribute) and file.dotted(node) in self._clocks:
                yield node


class NoBlockingSleep(FileRule):
    """It stops every request of the process; in a test it is a race with a guess for a finish line."""

    id = "no-blocking-sleep"
    message = "wait for the thing itself, with a deadline; never with time.sleep"

    def applies(self, file: SourceFile) -> bool:
        """Everything but the runtime's own product code, which watches processes, and the tools around it."""
        return file.is_test or file.area in {"contracts", "platform", "services", "gateway"}

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Calls of `time.sleep`."""
        for call, name in file.calls():
            if name == "time.sleep":
                yield call


class KeepTasks(FileRule):
    """The event loop holds tasks weakly: one that nobody keeps may vanish, and its error with it."""

    id = "keep-tasks"
    message = "keep the task (or use a TaskGroup) and see to its end; nobody else will"

    _creators = frozenset({"asyncio.create_task", "asyncio.ensure_future"})

    def applies(self, file: SourceFile) -> bool:
        """All code."""
        return not file.is_generated

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Tasks that are made and dropped, assigned to `_`, or passed on without a name."""
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Expr | ast.Assign) and _is_dropped(node) and self._makes_task(file, node.value):
                yield node

    def _makes_task(self, file: SourceFile, node: ast.expr) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return isinstance(node, ast.Call) and file.dotted(node.func) in self._creators
        if file.dotted(node.func) in self._creators:
            return True
        owner = node.func.value
        of_loop = file.dotted(owner).endswith("loop") or (
            isinstance(owner, ast.Call) and file.dotted(owner.func).endswith("_loop")
        )
        return of_loop and node.func.attr == "create_task"


class NoBaseHttpMiddleware(FileRule):
    """It costs a quarter of a millisecond per request and breaks context variables."""

    id = "no-base-http-middleware"
    message = "middleware is plain ASGI, in the platform's one layer"

    def applies(self, file: SourceFile) -> bool:
        """All product code."""
        return not file.is_test

    def places(self, file: SourceFile) -> Iterator[ast.AST]:
        """Imports of the class, and the decorator that hides it."""
        for one in file.imports:
            if one.target.endswith(".BaseHTTPMiddleware"):
                yield one.node
        for call, name in file.calls():
            if name.endswith(".middleware") and call.args and _is_text(call.args[0], "http"):
                yield call


def _is_dropped(node: ast.Expr | ast.Assign) -> bool:
    if isinstance(node, ast.Expr):
        return True
    return all(isinstance(target, ast.Name) and target.id == "_" for target in node.targets)


def _is_text(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text

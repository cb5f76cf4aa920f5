"""The one kind of error that a person at the command line is meant to read."""


class RuntimeProblem(Exception):
    """Something the person who started the system can put right.

    The text is one clear sentence (what is wrong and what to do); the command line prints it without a
    traceback and exits with `exit_code`. `log_lines` are the last lines of the process that failed.
    """

    def __init__(self, message: str, *, exit_code: int = 1, log_lines: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.log_lines = log_lines

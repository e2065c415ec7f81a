"""How log lines look: JSON on standard error, or colours on a terminal."""

import logging
import sys

import structlog


def configure_logs(level: str = "info") -> None:
    """Set up structlog; called once, by the entry point of each process.

    Tracebacks come without the values of variables: some are keys, and some are what people sent.

    Standard output stays free for what a command answers.
    """
    traces = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    shape: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.RichTracebackFormatter(show_locals=False))]
        if sys.stderr.isatty()
        else [structlog.processors.ExceptionRenderer(traces), structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shape,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )

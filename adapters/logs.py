"""How log lines look: JSON on standard error, or colours on a terminal."""

import logging
import sys

import structlog

from adapters.masking import mask
from adapters.settings import unknown_settings

OF_LIBRARIES = logging.WARNING
"""The least that libraries may say in the log."""


def configure_logs(level: str = "info") -> None:
    """Set up structlog, and warn of settings that are none; called once, by the entry point of each process.

    Tracebacks come without the values of variables: some are keys, and some are what people sent.

    Standard output stays free for what a command answers.
    """
    traces = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    shape: list[structlog.typing.Processor] = (
        [
            mask,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.RichTracebackFormatter(show_locals=False)),
        ]
        if sys.stderr.isatty()
        else [structlog.processors.ExceptionRenderer(traces), mask, structlog.processors.JSONRenderer()]
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
    logging.basicConfig(handlers=[_OfLibraries()], level=OF_LIBRARIES, force=True)
    for variable, meant in unknown_settings().items():
        structlog.get_logger().warning("setting_unknown", variable=variable, did_you_mean=meant or None)


class _OfLibraries(logging.Handler):
    """Writes what libraries log as lines of ours, so that every line of a log can be read by the same program."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line, masked like ours."""
        log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
        log.log(
            record.levelno,
            "library_spoke",
            logger=record.name,
            detail=record.getMessage(),
            exc_info=record.exc_info if record.exc_info and record.exc_info[0] else None,
        )

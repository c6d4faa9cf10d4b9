"""A pool of threads; in a browser, which has none to give, the caller does each task as it hands it in.

ThreadPoolExecutor   as that of `concurrent.futures`, and named so: whoever knows one knows the other
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent import futures
from typing import ParamSpec, TypeVar

from ballast import machine

P = ParamSpec("P")
T = TypeVar("T")


class ThreadPoolExecutor(futures.ThreadPoolExecutor):
    """Tasks one a thread, or one after the other where no thread can be started."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> futures.Future[T]:
        if not machine.BROWSER:
            return super().submit(fn, *args, **kwargs)
        done: futures.Future[T] = futures.Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # for whoever asks for the result, as a thread would keep it
            done.set_exception(error)
        return done

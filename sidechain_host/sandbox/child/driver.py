"""Drives V8 through mini-racer's C library, synchronously and without its Python classes.

The `MiniRacer` class maps objects, starts an event loop and hangs or aborts on hostile values.
Here only strings and opaque handles cross: source or text in, text out. The isolate runs on its
own thread; a call hands it a task and waits for the one result callback.

The library is loaded by path, so that several versions can lie side by side.
"""

import _thread
import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

STRING: Final = 5
"""Value type: string."""

FUNCTION: Final = 100
"""Value type: function."""

ARRAY_BUFFER: Final = 102
"""Value type: array buffer (101 is a shared one)."""

FIRST_ERROR: Final = 200
"""Value types from here on are exceptions; their text is in the bytes."""

_RESULT_CALLBACK: Final = 1
_HOST_CALLBACK: Final = 101
_ERROR_TEXT_MAX: Final = 1000

THREAD_STACK_BYTES: Final = 64 * 1024 * 1024
"""Stack of the isolate's thread; V8's own limit (`--stack-size`) must stay below it."""


class ScriptError(Exception):
    """A script threw, did not compile, or returned what it must not."""


class _Union(ctypes.Union):
    _fields_ = (
        ("pointer", ctypes.c_void_p),
        ("bytes", ctypes.POINTER(ctypes.c_char)),
        ("integer", ctypes.c_int64),
        ("double", ctypes.c_double),
    )


class _Value(ctypes.Structure):
    """One value of the engine, as the library hands it out."""

    _pack_ = 1
    _fields_ = (("value", _Union), ("length", ctypes.c_size_t), ("type", ctypes.c_uint8))


_Handle = ctypes.POINTER(_Value)
_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_uint64, _Handle)

_U64, _SIZE = ctypes.c_uint64, ctypes.c_size_t
_PROTOTYPES: Final[dict[str, tuple[Any, list[Any]]]] = {
    "mr_init_v8": (None, [ctypes.c_char_p, ctypes.c_char_p]),
    "mr_init_context": (_U64, [_CALLBACK]),
    "mr_eval": (_U64, [_U64, _Handle, _U64]),
    "mr_free_value": (None, [_U64, _Handle]),
    "mr_alloc_string_val": (_Handle, [_U64, ctypes.c_char_p, _U64, ctypes.c_uint8]),
    "mr_make_js_callback": (_Handle, [_U64, _U64]),
    "mr_set_object_item": (_Handle, [_U64, _Handle, _Handle, _Handle]),
    "mr_call_function": (_U64, [_U64, _Handle, _Handle, _Handle, _U64]),
    "mr_v8_version": (ctypes.c_char_p, []),
    "mr_v8_is_using_sandbox": (ctypes.c_bool, []),
}


def set_thread_stack(size_bytes: int) -> None:
    """Give threads that C code starts from now on a larger stack.

    Contracts recurse up to a counted depth that is the same everywhere, so the native stack must
    never be what stops them.
    """
    libc = ctypes.CDLL(None)
    attributes = ctypes.create_string_buffer(128)
    for failed in (
        libc.pthread_attr_init(attributes),
        libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(size_bytes)),
        libc.pthread_setattr_default_np(attributes),
    ):
        if failed:
            raise OSError(failed, "the thread stack size cannot be set")


class Engine:
    """The loaded V8; at most one per process, isolates come from `Isolate`."""

    def __init__(self, directory: Path, flags: tuple[str, ...]) -> None:
        self.library: Any = ctypes.CDLL(str(directory / "libmini_racer.so"))
        for name, (result, arguments) in _PROTOTYPES.items():
            function = getattr(self.library, name)
            function.restype, function.argtypes = result, arguments
        self.library.mr_init_v8(" ".join(flags).encode(), str(directory / "icudtl.dat").encode())
        self.version = str(self.library.mr_v8_version().decode())
        self.caged = bool(self.library.mr_v8_is_using_sandbox())


class Isolate:
    """One V8 isolate with one context, on a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._library = engine.library
        self._done = _thread.allocate_lock()
        self._done.acquire()
        self._result: Any = None
        self._on_host: Callable[[], None] | None = None
        # Kept on the object: the library calls it for as long as the isolate lives.
        self._callback = _CALLBACK(self._called_back)
        self._context = self._library.mr_init_context(self._callback)
        self._no_arguments = self.evaluate("[]")
        self.undefined = self.evaluate("undefined")

    def evaluate(self, source: str | bytes) -> Any:
        """The handle of the value of a script. Raises ScriptError."""
        text = self._string(source)
        self._library.mr_eval(self._context, text, _RESULT_CALLBACK)
        return self._wait(text)

    def call(self, function: Any, this: Any) -> Any:
        """The handle of `function.call(this)`. Raises ScriptError."""
        self._library.mr_call_function(
            self._context, function, this, self._no_arguments, _RESULT_CALLBACK
        )
        return self._wait(None)

    def call_text(self, function: Any, text: bytes) -> bytes:
        """`function.call(text)`, which must return a string; both UTF-8. Raises ScriptError."""
        this = self._string(text)
        try:
            return self.take_text(self.call(function, this))
        finally:
            self.free(this)

    def take_text(self, handle: Any) -> bytes:
        """The bytes of a string handle, which is freed. Raises ScriptError for anything else."""
        try:
            if handle.contents.type != STRING:
                raise ScriptError("a trusted script returned something that is not a string")
            return ctypes.string_at(handle.contents.value.bytes, handle.contents.length)
        finally:
            self.free(handle)

    def free(self, handle: Any) -> None:
        """Give a handle back."""
        self._library.mr_free_value(self._context, handle)

    def share_buffer(self, name: str, size_bytes: int) -> memoryview:
        """A new ArrayBuffer as the global `name`, and the same memory for us."""
        handle = self.evaluate(f"globalThis.{name} = new ArrayBuffer({size_bytes})")
        content = handle.contents
        if content.type not in {ARRAY_BUFFER - 1, ARRAY_BUFFER} or content.length != size_bytes:
            raise ScriptError("the shared buffer could not be made")
        # The handle is never freed: it keeps the memory alive.
        self._buffer_handle = handle
        memory = (ctypes.c_ubyte * size_bytes).from_address(content.value.pointer)
        return memoryview(memory).cast("B")

    def define_host(self, name: str, called: Callable[[], None]) -> None:
        """Make the global function `name` call us inline, on the isolate's thread.

        No argument and no result get through; both travel in the shared buffer. `called` must not
        use this isolate, which is waiting for it.
        """
        self._on_host = called
        function = self._library.mr_make_js_callback(self._context, _HOST_CALLBACK)
        scope, key = self.evaluate("globalThis"), self._string(name)
        done = self._library.mr_set_object_item(self._context, scope, key, function)
        for handle in (done, scope, key, function):
            self.free(handle)

    def _string(self, text: str | bytes) -> Any:
        data = text.encode() if isinstance(text, str) else text
        return self._library.mr_alloc_string_val(self._context, data, len(data), STRING)

    def _wait(self, argument: Any) -> Any:
        self._done.acquire()
        handle, self._result = self._result, None
        if argument is not None:
            self.free(argument)
        content = handle.contents
        if content.type >= FIRST_ERROR:
            text = ctypes.string_at(content.value.bytes, min(content.length, _ERROR_TEXT_MAX))
            self.free(handle)
            raise ScriptError(text.decode("utf-8", "replace"))
        return handle

    def _called_back(self, callback_id: int, handle: Any) -> None:
        if callback_id == _RESULT_CALLBACK:
            self._result = handle
            self._done.release()
            return
        if self._on_host is not None:
            self._on_host()
        self.free(handle)

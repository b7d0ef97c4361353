"""When Python's garbage collector runs: not while the program starts, and never over what stays anyway.

A full collection looks through everything that was imported and every stored entry: 60 to 160 ms in which no key
is heard. What has been set aside is looked through no more.
"""

import gc


def hold() -> None:
    """Collect nothing until `settle`: what is made while the program starts is not garbage."""
    gc.disable()


def settle() -> None:
    """Set aside what there is now, and collect what comes later."""
    gc.freeze()
    gc.enable()

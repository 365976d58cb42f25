import threading


def name():
    return threading.currentThread()

import socket


def kind():
    s = socket.socket()
    kind = s.type
    return kind == socket.SOCK_STREAM

"""Ways out: @PORT@ and @UDP@ listen here, @SOCKET@ on a path, @ABSTRACT@ on a name; @HOME@ has keys."""
# ruff: noqa: D103

import socket


def read(path):
    with open(path, "rb") as file:
        return file.read()


def try_35a_environment():
    import os

    return os.environ["AWS_SECRET_ACCESS_KEY"]


def try_35b_environment_by_proc():
    return [part for part in read("/proc/self/environ").split(b"\0") if b"AWS" in part][0]


def try_36a_tcp():
    with socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=2) as stream:
        return stream.send(b"labels")


def try_36b_tcp_listens():
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        stream.listen()
        return stream.getsockname()


def try_36c_web():
    from urllib.request import urlopen

    return urlopen("http://127.0.0.1:@PORT@/", timeout=2).status


def try_37a_looks_up_a_name():
    return socket.getaddrinfo("localhost", 53)


def try_37b_asks_a_name_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stream:
        return stream.sendto(b"\0\1labels.example", ("127.0.0.1", int("@UDP@")))


def try_38a_netlink():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).fileno()


def try_38b_vsock():
    return socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).fileno()


def try_38c_kernel_crypto():
    return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).fileno()


def try_38d_raw():
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW).fileno()


def try_38e_pair():
    return socket.socketpair()[0].fileno()


def try_39_socket_of_a_daemon():
    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect("@SOCKET@")
        return stream.send(b"labels")


def try_40_abstract_socket():
    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect("\0@ABSTRACT@")
        return stream.send(b"labels")


def try_41_token_of_the_service_account():
    return read("@TOKEN@")


def try_43a_keys_in_the_home_folder():
    return read("@HOME@/.aws/credentials")


def try_43b_keys_in_the_users_home_folder():
    import os
    import pwd

    return os.listdir(pwd.getpwuid(os.getuid()).pw_dir)

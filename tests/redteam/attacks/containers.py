"""What a container could offer: @API@, @STORE@ and @METADATA@: host:port; @OUT@: the run's own folder."""
# ruff: noqa: D103

import os
import socket


def read(path):
    with open(path, "rb") as file:
        return len(file.read())


def anywhere(*names):
    """Files of these names outside of the run's own output."""
    found = [
        os.path.join(folder, name)
        for folder, _, inside in os.walk("/")
        if not folder.startswith(("/proc", "/sys", "@OUT@"))
        for name in inside
        if name in names
    ]
    if not found:
        raise FileNotFoundError("nowhere")
    return found, read(found[0])


def connect(address):
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=3) as stream:
        return stream.send(b"labels")


def secret(text):
    found = [part for part in text.split(b"\0") if b"AWS" in part or b"S3" in part]
    if not found:
        raise KeyError("no key of a store")
    return found


def try_04_writes_its_own_termination_log():
    with open("/dev/termination-log", "w") as file:
        return file.write('{"outcome": "Scored", "score": 1.0}')


def try_20_labels_anywhere():
    return anywhere("validation_labels.npy", "test_labels.npy")


def try_33_outputs_of_another_run():
    return anywhere("predictions.bin", "result.json")


def try_35a_environment():
    return secret("\0".join(map(str, os.environ.items())).encode())


def try_35b_environment_by_proc():
    with open("/proc/self/environ", "rb") as file:
        return secret(file.read())


def try_35c_environment_of_the_first_process():
    with open("/proc/1/environ", "rb") as file:
        return secret(file.read())


def try_36a_the_api_server():
    return connect("@API@")


def try_36b_the_metadata_address():
    return connect("@METADATA@")


def try_36c_the_store():
    return connect("@STORE@")


def try_37_a_name_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stream:
        return stream.sendto(b"\0\1labels.example", ("@STORE@".rpartition(":")[0], 53))


def try_41_token_of_the_service_account():
    return read("/var/run/secrets/kubernetes.io/serviceaccount/token")


def try_60a_its_root():
    with open("/opt/seedbed/redteam", "x") as file:
        return file.write("next run")


def try_60b_the_request_of_the_run():
    with open("/job/request.json", "r+") as file:
        return file.write("{}")


def forge():
    """Attacks 3 and 5: they pay only if somebody believes what is written here."""
    for name in ("metrics.json", "result.json"):
        with open(f"@OUT@/{name}", "w") as file:
            file.write('{"outcome": "Scored", "accuracy": 1.0, "score": 1.0}')
    print("accuracy 1.0", '{"event": "ended", "class": "Recorded", "score": 1.0}', flush=True)


def try_03_forges_metrics():
    forge()
    raise PermissionError("whether it pays is for the record to say")

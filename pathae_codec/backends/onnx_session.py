"""A session of onnxruntime, which is imported here only, and without its telemetry.

From 1.32 on onnxruntime looks up a name on the network and writes a device identity and events
under the user's cache. Its `disable_telemetry_events` comes too late for that; the environment,
read while it is imported, does not, and child processes inherit it.
"""

import os

# What the user says goes.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime


def open_session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    """Return a session that runs a graph on CPUs.

    Args:
        graph: An ONNX model, serialized.
        threads: That compute; 0 leaves the number to onnxruntime.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

"""Networks that run: onnxruntime, OpenVINO and torch, a module for each, and their choice."""

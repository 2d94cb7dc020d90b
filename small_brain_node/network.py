# SPDX-License-Identifier: Apache-2.0
"""One ONNX network on one thread with fixed buffers: the same work and memory at every step."""

from __future__ import annotations

import numpy as np
import onnxruntime

from neuraxis_common.errors import ConfigError
from small_brain_node.bundle.contract import PolicyContract
from small_brain_node.observation import Float32Array

WARM_UP_RUNS = 20


class Network:
    """A policy's network.

    Args:
        model: The ONNX file's content.
        contract: Names and sizes that the network must have.

    Raises:
        ConfigError: The file is not loadable, or its inputs or outputs differ from the contract.
    """

    def __init__(self, model: bytes, contract: PolicyContract) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        # Not session.set_denormal_as_zero: it changes the arithmetic of the whole calling thread.
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has no common class for what can be wrong
            raise ConfigError(f"the network is not loadable: {_first_line(error)}") from error
        ins, outs = self._session.get_inputs(), self._session.get_outputs()
        _check_port("input", ins, contract.input_name, contract.size)
        _check_port("output", outs, contract.output_name, len(contract.action.joints))
        self._input = np.zeros((1, contract.size), np.float32)
        self._output = np.zeros((1, len(contract.action.joints)), np.float32)
        self._binding = self._session.io_binding()
        self._bind(contract)
        for _ in range(WARM_UP_RUNS):
            self._run()
        self._input[...] = 0.0

    def infer(self, observation: Float32Array) -> Float32Array:
        """Output for one observation.

        Args:
            observation: Shape (size,).

        Returns:
            Shape (m,); the buffer is overwritten by the next call.
        """
        self._input[0] = observation
        self._run()
        return self._output[0]

    def infer_all(self, observations: Float32Array) -> Float32Array:
        """Outputs for observations of shape (k, size), one after the other. Shape (k, m)."""
        return np.stack([self.infer(row).copy() for row in observations])

    def _run(self) -> None:
        self._session.run_with_iobinding(self._binding)

    def _bind(self, contract: PolicyContract) -> None:
        rows = (
            (self._binding.bind_input, contract.input_name, self._input),
            (self._binding.bind_output, contract.output_name, self._output),
        )
        for bind, name, buffer in rows:
            bind(name, "cpu", 0, np.float32, buffer.shape, buffer.ctypes.data)


def _check_port(kind: str, ports: list[onnxruntime.NodeArg], name: str, size: int) -> None:
    names = [port.name for port in ports]
    if names != [name]:
        raise ConfigError(f"the network has {kind}s {names}, the contract needs ['{name}'] alone")
    port = ports[0]
    if port.type != "tensor(float)":
        raise ConfigError(f"the network's {kind} is {port.type}, must be tensor(float)")
    shape = port.shape
    open_batch = len(shape) == 2 and (not isinstance(shape[0], int) or shape[0] == 1)
    if not open_batch or shape[1] != size:
        raise ConfigError(f"the network's {kind} has shape {shape}, the contract needs [1, {size}]")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]

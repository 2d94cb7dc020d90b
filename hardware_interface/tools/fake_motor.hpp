// SPDX-License-Identifier: Apache-2.0
// A drive as it is seen from the bus: a simple body, a watchdog, and faults. It packs and unpacks
// by itself, so that a mistake of the codec does not answer itself.
#pragma once

#include <linux/can.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "neuraxis/mit_codec.hpp"

namespace neuraxis::fake
{

inline constexpr double kInertia = 0.05;
inline constexpr double kFriction = 0.05;
inline constexpr double kStep_s = 2e-4;
inline constexpr std::uint8_t kTemperature_C = 41;
inline constexpr double kWatchdogTick_s = 50e-6;

inline auto now_s() -> double
{
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Bits `from` (counted from the most significant) of the payload, scaled to [low, high].
inline auto take(const CanFrame & f, int from, int count, double low, double high) -> double
{
  std::uint64_t bits = 0;
  for (const auto byte : {0, 1, 2, 3, 4, 5, 6, 7})
  {
    bits = bits << 8U | f.data[byte];
  }
  const std::uint64_t top = (std::uint64_t{1} << count) - 1U;
  return low + (high - low) * static_cast<double>(bits >> (64 - from - count) & top) /
    static_cast<double>(top);
}

inline void give(CanFrame & f, int from, int count, double value, double low, double high)
{
  const double top = std::pow(2.0, count) - 1.0;
  const double share = std::clamp((value - low) / (high - low), 0.0, 1.0);
  const auto code = static_cast<std::uint64_t>(std::lround(share * top)) << (64 - from - count);
  for (int byte = 0; byte < 8; ++byte)
  {
    f.data[byte] = static_cast<std::uint8_t>(f.data[byte] | (code >> (56 - 8 * byte) & 0xFFU));
  }
}

struct Motor
{
  MotorModel model;
  std::uint32_t id = 0;
  std::uint32_t reply_id = 0;
  double pos = 0.1;
  double vel = 0.0;
  double torque = 0.0;
  MotorCommand command;
  bool enabled = false;
  double heard_s = 0.0;
  double timeout_s = 0.0;
  std::uint32_t mode = 2;
  int trips = 0;
  unsigned error = 0;
  bool silent = false;
  bool wrong_id = false;
  bool corrupt = false;
  bool wrong_range = false;
  double late_s = 0.0;

  void pass(double time_s)
  {
    if (enabled && timeout_s > 0.0 && time_s - heard_s > timeout_s)
    {
      enabled = false;
      ++trips;
    }
    const bool driven = enabled && error == 0;
    const double kd = driven ? command.kd : 0.0;
    const double push =
      driven ? command.torque + command.kp * (command.pos - pos) + kd * command.vel : 0.0;
    // Implicit in the damping, so that stiff gains stay stable.
    vel = (vel + push / kInertia * kStep_s) / (1.0 + (kFriction + kd) / kInertia * kStep_s);
    pos += vel * kStep_s;
    torque = std::clamp(push - kd * vel, -model.t_max, model.t_max);
  }

  /// @returns whether the frame was for this drive; `answer` is then what it says.
  auto hear(const CanFrame & f, CanFrame & answer) -> bool
  {
    answer = CanFrame{};
    answer.len = 8;
    const bool ours = model.family == MotorFamily::robstride ? hear_robstride(f, answer)
                                                             : hear_short(f, answer);
    if (ours && corrupt)
    {
      answer.len = 3;
    }
    return ours;
  }

private:
  auto hear_robstride(const CanFrame & f, CanFrame & answer) -> bool
  {
    if ((f.can_id & CAN_EFF_FLAG) == 0 || (f.can_id & 0xFFU) != id)
    {
      return false;
    }
    const auto type = f.can_id >> 24U & 0x1FU;
    if (type == 17 || type == 18)
    {
      on_robstride_parameter(f, type == 18, answer);
      return true;
    }
    heard_s = now_s();
    enabled = type == 3 || (type != 4 && enabled);
    error = type == 4 && f.data[0] == 1 ? 0 : error;
    if (type == 1)
    {
      command.pos = take(f, 0, 16, -model.p_max, model.p_max);
      command.vel = take(f, 16, 16, -model.v_max, model.v_max);
      command.kp = take(f, 32, 16, 0.0, model.kp_max);
      command.kd = take(f, 48, 16, 0.0, model.kd_max);
      command.torque = model.t_max * ((f.can_id >> 8U & 0xFFFFU) / 32767.5 - 1.0);
    }
    const auto from = wrong_id ? id + 1 : id;
    answer.can_id = CAN_EFF_FLAG | 2U << 24U | (enabled ? 2U : 0U) << 22U | error << 16U |
      from << 8U | reply_id;
    give(answer, 0, 16, pos, -model.p_max, model.p_max);
    give(answer, 16, 16, vel, -model.v_max, model.v_max);
    give(answer, 32, 16, torque, -model.t_max, model.t_max);
    answer.data[6] = kTemperature_C * 10 >> 8;
    answer.data[7] = kTemperature_C * 10 & 0xFF;
    return true;
  }

  void on_robstride_parameter(const CanFrame & f, bool write, CanFrame & answer)
  {
    const auto index = static_cast<std::uint32_t>(f.data[0] | f.data[1] << 8U);
    std::uint32_t value = 0;
    std::memcpy(&value, f.data + 4, 4);
    if (write && index == 0x7028)
    {
      timeout_s = value * kWatchdogTick_s;
    }
    if (write && index == 0x7005)
    {
      mode = value & 0xFFU;
    }
    value = index == 0x7028 ? ticks() : mode;
    answer.can_id = CAN_EFF_FLAG | 17U << 24U | id << 8U | reply_id;
    answer.data[0] = f.data[0];
    answer.data[1] = f.data[1];
    std::memcpy(answer.data + 4, &value, 4);
  }

  auto hear_short(const CanFrame & f, CanFrame & answer) -> bool
  {
    const bool damiao = model.family == MotorFamily::damiao;
    answer.can_id = wrong_id ? reply_id + 0x100 : reply_id;
    if (damiao && f.can_id == 0x7FF && f.data[0] == id)
    {
      on_damiao_register(f, answer);
      return true;
    }
    if (f.can_id != id)
    {
      return false;
    }
    heard_s = now_s();
    if (!on_order(f))
    {
      command.pos = take(f, 0, 16, -model.p_max, model.p_max);
      command.vel = take(f, 16, 12, -model.v_max, model.v_max);
      command.kp = take(f, 28, 12, 0.0, model.kp_max);
      command.kd = take(f, 40, 12, 0.0, model.kd_max);
      command.torque = take(f, 52, 12, -model.t_max, model.t_max);
    }
    const int at = model.family == MotorFamily::powerflow ? 0 : 8;
    give(answer, at, 16, pos, -model.p_max, model.p_max);
    give(answer, at + 16, 12, vel, -model.v_max, model.v_max);
    give(answer, at + 28, 12, torque, -model.t_max, model.t_max);
    if (model.family == MotorFamily::powerflow)
    {
      answer.data[5] = static_cast<std::uint8_t>(error << 4U | (enabled ? 2U : 0U));
      return true;
    }
    const auto state = error != 0 ? error : (enabled ? 1U : 0U);
    answer.data[0] = static_cast<std::uint8_t>(damiao ? (id & 0xFU) | state << 4U : id);
    answer.data[6] = damiao ? kTemperature_C : kTemperature_C + 40;
    answer.data[7] = static_cast<std::uint8_t>(damiao ? kTemperature_C : error);
    return true;
  }

  /// @returns whether the frame was an order and no command.
  auto on_order(const CanFrame & f) -> bool
  {
    if (model.family == MotorFamily::powerflow)
    {
      const bool order = std::all_of(f.data + 2, f.data + 8, [](auto byte) { return byte == 0; });
      enabled = order && f.data[0] == 1 ? f.data[1] == 1 : enabled;
      error = order && f.data[0] == 2 ? 0 : error;
      return order;
    }
    const bool order = std::all_of(f.data, f.data + 7, [](auto byte) { return byte == 0xFF; });
    enabled = (order && f.data[7] == 0xFC) || (enabled && !(order && f.data[7] == 0xFD));
    error = order && f.data[7] == 0xFB ? 0 : error;
    return order;
  }

  void on_damiao_register(const CanFrame & f, CanFrame & answer)
  {
    std::uint32_t bits = 0;
    std::memcpy(&bits, f.data + 4, 4);
    const bool write = f.data[2] == 0x55;
    timeout_s = write && f.data[3] == 9 ? bits * kWatchdogTick_s : timeout_s;
    mode = write && f.data[3] == 10 ? bits : mode;
    const double range = f.data[3] == 21 ? (wrong_range ? 2.0 : 1.0) * model.p_max
      : f.data[3] == 22                  ? model.v_max
                                         : model.t_max;
    const auto real = static_cast<float>(range);
    std::memcpy(&bits, &real, 4);
    bits = f.data[3] == 9 ? ticks() : f.data[3] == 10 ? mode : bits;
    std::copy_n(f.data, 4, answer.data);
    std::memcpy(answer.data + 4, &bits, 4);
  }

  [[nodiscard]] auto ticks() const -> std::uint32_t
  {
    return static_cast<std::uint32_t>(std::lround(timeout_s / kWatchdogTick_s));
  }
};

}  // namespace neuraxis::fake

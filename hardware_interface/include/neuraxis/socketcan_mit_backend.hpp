// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "neuraxis/backend.hpp"
#include "neuraxis/can_bus.hpp"
#include "neuraxis/mit_codec.hpp"

namespace neuraxis
{

/// One joint's drive. Joint position = sign * drive position / ratio + offset.
struct CanDrive
{
  std::string joint;
  MotorModel model;
  std::string bus;
  DriveAddress address;
  double sign = 1.0;
  double offset_rad = 0.0;
  /// Turns of the drive's shaft per turn of the joint.
  double ratio = 1.0;
};

struct CanMitConfig
{
  /// Joints without a drive here read 0 and ignore commands.
  std::vector<CanDrive> drives;
  bool fd = false;
  /// A drive that hears nothing for this long stops by itself, where its kind can; 0 leaves it.
  double drive_timeout_s = 0.1;
  /// Damping, Nm s/rad at the joint, that is commanded before a drive is disabled.
  double release_kd = 2.0;
  /// A drive that has not answered for this long makes the sample silent.
  double reply_timeout_s = 0.02;
};

/// Codes of ReadResult where a read is an error: code of the drive plus 1000 per joint index, or
/// one of these.
inline constexpr std::int32_t kCanBusOff = -1;
inline constexpr std::int32_t kCanErrorPerJoint = 1000;

/// Drives on CAN that speak the MIT five-tuple. Each write asks every drive, each read collects the
/// answers. Without an IMU on these buses the base counts as upright.
class SocketcanMitBackend : public Backend
{
public:
  SocketcanMitBackend(std::vector<std::string> joint_names, CanMitConfig config);
  ~SocketcanMitBackend() override;

  [[nodiscard]] auto joint_names() const -> const std::vector<std::string> & override;
  [[nodiscard]] auto extra_names() const -> const std::vector<std::string> & override;
  [[nodiscard]] auto extra_widths() const -> const std::vector<std::size_t> & override;
  void activate(double timeout_s) override;
  void deactivate(double timeout_s) override;
  [[nodiscard]] auto time_s() const noexcept -> double override;
  auto read(StateSample & sample) noexcept -> ReadResult override;
  void write(const ActuatorOutput & output) noexcept override;
  void advance(double /*period_s*/) noexcept override {}
  void check_period(double period_s) const override;

  /// Fields that were outside what the wire can say, since activation.
  [[nodiscard]] auto clamped_count() const noexcept -> std::uint64_t { return clamped_; }
  [[nodiscard]] auto health(const std::string & bus) const -> const CanHealth &;

private:
  struct Slot
  {
    CanDrive drive;
    std::size_t joint = 0;
    CanBus * bus = nullptr;
    MotorReply reply;
    double heard_s = 0.0;
    bool enabled = false;
  };

  void drain() noexcept;
  void take(const CanFrame & frame, const CanBus & bus, double now_s) noexcept;
  /// @param joint Five-tuple at the joint.
  void send_command(const Slot & slot, const MotorCommand & joint) noexcept;
  void send_request(const Slot & slot, DriveRequest request) noexcept;
  void prepare(Slot & slot, double until_s);
  void check_parameters(const Slot & slot, double until_s);
  [[nodiscard]] auto ask(const Slot & slot, DriveParameter which, double until_s) -> double;
  void wait_reply(Slot & slot, double since_s, double until_s, const char * to);
  void release() noexcept;
  [[nodiscard]] auto who(const Slot & slot) const -> std::string;

  std::vector<std::string> joint_names_;
  std::vector<std::string> none_;
  std::vector<std::size_t> no_widths_;
  CanMitConfig config_;
  std::map<std::string, std::unique_ptr<CanBus>> buses_;
  std::vector<Slot> slots_;
  std::uint64_t clamped_ = 0;
  double stamp_s_ = 0.0;
};

}  // namespace neuraxis
